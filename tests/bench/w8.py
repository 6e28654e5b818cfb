"""W8: the answer to a push of 100 records is lost; the phone asks what became of it. Nothing is stored twice."""

from __future__ import annotations

from bench import wire
from bench.device import Device, fill, request
from bench.hub import Hub
from bench.lab import Lab
from bench.table import Line
from server.core.clock import new_id
from support.network.proxy import Proxy
from support.world.workload import records

COUNT = 100


def run(lab: Lab) -> list[Line]:
    """Bytes of the question with its answer, and records stored beyond those pushed."""
    again, double = {}, {}
    for engine in lab.engines:
        with lab.hub(engine) as hub, Proxy(hub.port) as link:
            again[engine], double[engine] = _lost(hub, link)
    return [
        Line("W8", "lost answer to 100: bytes again", "bytes", again, "<= 1,000"),
        Line("W8", "records stored twice", "", double, "0"),
    ]


def _lost(hub: Hub, link: Proxy) -> tuple[float, float]:
    fill(hub, 20)
    phone = Device(hub.tokens[0], hub.port)
    phone.sync()
    before, push = hub.stored_writes(), new_id()
    writes = records(COUNT, hub.units[0], hub.campaign, seed=80)
    link.drop_answers()
    assert wire.sync(link.port, phone.token, request(phone.cursors, writes, push=push)).cut
    told = phone.sync(ask=push)
    assert told["asked"]["known"]
    assert sum(run_["count"] for run_ in told["asked"]["runs"]) == COUNT
    assert told["changes"] == []
    again = float(phone.answers[-1].size)
    assert {row["result"] for row in phone.sync(writes)["results"]} == {"stored"}  # sent again all the same
    return again, float(hub.stored_writes() - before - COUNT)
