"""W1: a hundred new records go up, in one request; over 2G too."""

from __future__ import annotations

from bench.device import Device, fill
from bench.lab import Lab
from bench.link import line
from bench.table import Line, middle
from support.world.workload import records

COUNT = 100


def run(lab: Lab) -> list[Line]:
    """Bytes up and down, and seconds over 2G (three times: the line is steady)."""
    up, down, seconds = {}, {}, {}
    with lab.floor() as floor, line(floor.port, "2G") as slow:
        batches = [records(COUNT, "u" * 16, "c" * 16, seed=100 + n) for n in range(3)]
        got = [floor.exchange(batch, port=slow.port) for batch in batches]
        up["floor"], down["floor"] = float(got[0].up), float(got[0].down)
        seconds["floor"] = middle(each.seconds for each in got)
    for engine in lab.engines:
        with lab.hub(engine) as hub, line(hub.port, "2G") as slow:
            fill(hub, 20)
            phone = Device(hub.tokens[0], slow.port)
            phone.sync()
            phone.answers.clear()
            for n in range(3):
                told = phone.sync(records(COUNT, hub.units[0], hub.campaign, seed=100 + n))
                assert [row["result"] for row in told["results"]] == ["stored"] * COUNT
            up[engine], down[engine] = float(phone.answers[0].up), float(phone.answers[0].down)
            seconds[engine] = middle(each.seconds for each in phone.answers)
    return [
        Line("W1", "push of 100, 1 request, up", "bytes", up, target="<= 16,500"),
        Line("W1", "its answer, down", "bytes", down),
        Line("W1", "on 2G", "s", seconds, target="<= 1.1 x floor"),
    ]
