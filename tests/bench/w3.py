"""W3: a phone that was away for an hour pulls ten records that a colleague made, or changed; over 2G too."""

from __future__ import annotations

from typing import Any

from bench.device import Device, fill
from bench.lab import Lab
from bench.link import line
from bench.table import Line, middle
from server.core.clock import new_id
from support.world.workload import records

COUNT = 10


def run(lab: Lab) -> list[Line]:
    """Bytes both ways and seconds over 2G."""
    sizes, seconds, changed = {}, {}, {}
    with lab.floor() as floor, line(floor.port, "2G") as slow:
        floor.exchange(records(COUNT, "u" * 16, "c" * 16, seed=5))
        got = [floor.exchange([], after=0, port=slow.port) for _ in range(3)]
        sizes["floor"], seconds["floor"] = float(got[0].size), middle(each.seconds for each in got)
    for engine in lab.engines:
        with lab.hub(engine) as hub, line(hub.port, "2G") as slow:
            maker = fill(hub, 20)
            phone = Device(hub.token(0), hub.port)
            phone.catch_up()
            phone.answers.clear()
            made = [records(COUNT, hub.units[0], hub.campaign, seed=50 + n) for n in range(3)]
            for batch in made:
                maker.sync(batch)
                assert len(phone.sync(port=slow.port)["changes"]) == COUNT
            maker.sync([_corrected(write) for write in made[-1]])
            assert len(phone.sync()["changes"]) == COUNT
            changed[engine] = float(phone.answers.pop().size)
            sizes[engine] = float(phone.answers[0].size)
            seconds[engine] = middle(each.seconds for each in phone.answers)
    return [
        Line("W3", "pull of 10 new records, 1 request", "bytes", sizes, target="<= 2,000"),
        Line("W3", "pull of 10 corrected records", "bytes", changed, target="<= 2,000"),
        Line("W3", "on 2G", "s", seconds, target="<= 2.2"),
    ]


def _corrected(write: dict[str, Any]) -> dict[str, Any]:
    """Another number of pieces."""
    fields = {"quantity": write["set"]["quantity"] + 1}
    return {"id": new_id(), "at": write["at"] + 60_000, "record": write["id"], "set": fields, "seen": [write["id"]]}
