"""W0: a phone asks when there is nothing new, the exchange that happens most."""

from __future__ import annotations

from bench.device import fill
from bench.lab import Lab
from bench.table import Line


def run(lab: Lab) -> list[Line]:
    """Bytes on the wire, both ways, headers included."""
    sizes = {}
    with lab.floor() as floor:
        sizes["floor"] = float(floor.exchange([], after=0).size)
    for engine in lab.engines:
        with lab.hub(engine) as hub:
            phone = fill(hub, 20)
            assert phone.sync()["changes"] == []
            sizes[engine] = float(phone.answers[-1].size)
    return [Line("W0", "nothing to do, 1 request", "bytes", sizes, target="<= 1,000")]
