"""W2 and W7: the first pull of 10,000 records as one stream over 3G; and the same cut at 60 % and gone on with."""

from __future__ import annotations

from typing import Any

from bench import wire
from bench.device import fill, request
from bench.floor import Floor
from bench.hub import Hub
from bench.lab import Lab
from bench.link import line
from bench.table import Line
from support.clients.lines import read
from support.network.proxy import Proxy
from support.world.workload import records

COUNT = 10_000


def run(lab: Lab) -> list[Line]:
    """Bytes and seconds of the whole, and what the cut costs more."""
    size, seconds, extra, twice = {}, {}, {}, {}
    with lab.floor() as floor:
        _fill_floor(floor)
        with line(floor.port, "3G") as slow:
            got = floor.exchange([], after=0, port=slow.port)
        size["floor"], seconds["floor"] = float(got.size), got.seconds
    for engine in lab.engines:
        with lab.hub(engine) as hub:
            fill(hub, COUNT)
            token = hub.token(0)
            with line(hub.port, "3G") as slow:
                whole = _pull(slow.port, token, [])
            assert _records(whole) == COUNT
            size[engine], seconds[engine] = float(whole.size), whole.seconds
            more, twice[engine] = _cut(hub, token, whole)
            extra[engine] = more / whole.size * 100
    return [
        Line("W2", "first pull of 10,000, one stream", "bytes", size, "<= 1,250,000"),
        Line("W2", "on 3G", "s", seconds, "<= 27"),
        Line("W7", "cut at 60 %, gone on with: more bytes", "%", extra, "<= 1"),
        Line("W7", "records that came twice", "", twice, "<= 100"),
    ]


def _fill_floor(floor: Floor) -> None:
    made = records(COUNT, "u" * 16, "c" * 16)
    for at in range(0, COUNT, 500):
        assert floor.exchange(made[at : at + 500]).status == 200


def _pull(port: int, token: str, cursors: list[Any]) -> wire.Answer:
    return wire.sync(port, token, request(cursors))


def _records(answer: wire.Answer) -> int:
    return sum(len(block.changes) for block in read(answer.text().decode()).blocks)


def _cut(hub: Hub, token: str, whole: wire.Answer) -> tuple[float, float]:
    """Bytes beyond those of the whole, and records that came in vain."""
    with Proxy(hub.port) as link:
        link.cut_after(down=whole.down * 60 // 100)
        first = _pull(link.port, token, [])
        assert first.cut
        link.restore()
        got = read(first.text().decode(errors="ignore"))
        rest = _pull(link.port, token, got.blocks[-1].cursors)
    kept = sum(len(block.changes) for block in got.blocks)
    assert not rest.cut
    assert kept + _records(rest) == COUNT
    seen = first.text().decode(errors="ignore").count('{"record":')
    return float(first.size + rest.size - whole.size), float(seen - kept)
