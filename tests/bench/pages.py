"""The desk's pages of 1,000,000 records on PostgreSQL: of a province of 161 communes and of a country of 10,600.

Each page is asked of the running server by who works with it, and takes the least of several times: what other work on
the machine adds is no cost of the page. The floor is the floor server's answer to an empty exchange, in the same run.
On SQLite the same pages are measured with as many records as the demo has.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Final

from sqlalchemy import select, update

from bench.desk import Desk
from bench.lab import Lab
from bench.realm import Shape, fill
from bench.table import Line
from server.core.db import db, reading, writing
from server.models import Officer, Unit
from support.installation.served import served
from support.world.many import add_people
from support.world.world import World, password_hash, world

RECORDS: Final = int(os.environ.get("LOA_BENCH_MOST", "1000000"))
DEMO: Final = 644
SHAPES: Final = {
    "province": Shape("province", (10, 161), ("district", "commune"), RECORDS),
    "country": Shape("country", (63, 705, 10_600), ("province", "district", "commune"), RECORDS),
}
SAMPLES: Final = 9
STAFF: Final = 21_000
"""People of the province."""
LISTS, TABLES = "<= 150", "<= 300"
PAGES: Final = (
    ("queue", LISTS, "/desk/queue"),
    ("queue, all", LISTS, "/desk/queue?state=all"),
    ("queue, all, page 400", LISTS, "/desk/queue?state=all&page=400"),
    ("queue, what is late", LISTS, "/desk/queue?state=after_due"),
    ("queue, behind a figure", LISTS, "/desk/queue?figure=banners&bucket=with_waiting"),
    ("queue, to be looked at", LISTS, "/desk/queue?state=all&hint=look"),
    ("queue, a rule that hits most", LISTS, "/desk/queue?state=all&hint=time_clock"),
    ("queue, a rule that hits some", LISTS, "/desk/queue?state=all&hint=time_window"),
    ("gallery", LISTS, "/desk/results"),
    ("gallery, without a photo", LISTS, "/desk/results?photo=without"),
    ("gallery, a rule that hits most", LISTS, "/desk/results?hint=time_clock"),
    ("gallery, a rule that hits some", LISTS, "/desk/results?hint=time_window"),
    ("gallery, a rare kind", LISTS, "/desk/results?kind=media"),
    ("gallery, a slogan that waits", LISTS, "/desk/results?slogan=s1&state=waiting"),
    ("map", LISTS, "/desk/results?view=map"),
    ("search, a frequent word", LISTS, "/desk/results?q=ch%E1%BB%A3"),
    ("search, a word that is nowhere", LISTS, "/desk/results?q=xyzzy"),
    ("search, a number", LISTS, "/desk/results?q=BR-7"),
    ("search, number and unit", LISTS, "/desk/results?q=BR-7+%C4%90o+12"),
    ("matrix", TABLES, "/desk/figures"),
    ("planned and done", TABLES, "/desk/progress"),
    ("board", TABLES, "/desk/board"),
    ("home", TABLES, "/desk/"),
    ("people", "<= 200", "/desk/people"),
    ("people, page 300", "<= 200", "/desk/people?page=300"),
    ("people, one of them", "<= 200", "/desk/people?q=%C4%91o+77"),
)
PEOPLE: Final = {"tinh": "province", "huyen": "district", "xa1": "commune", "quantri": "administrator"}
FEW: Final = ("queue", "gallery", "search, a frequent word", "matrix", "board", "home")
"""Pages that are measured for everybody; the rest for the province."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A page of one person."""

    what: str
    target: str
    username: str
    path: str


def run(lab: Lab) -> list[Line]:
    """A line for each page. `LOA_BENCH_MOST=20000` fills fewer records."""
    with lab.floor() as floor:
        least = min(floor.exchange([]).seconds for _ in range(SAMPLES)) * 1000
    lines: list[Line] = []
    for name, shape in SHAPES.items():
        if "postgresql" in lab.engines:
            found = _measured(lab, "postgresql", shape)
            lines += [
                Line("desk", f"{name}, {what}", "ms", {"floor": least, "postgresql": ms}, target)
                for what, target, ms in found
            ]
    if "sqlite" in lab.engines:
        small = Shape("province", (10, 161), ("district", "commune"), DEMO)
        found = _measured(lab, "sqlite", small)
        lines += [
            Line("desk", f"of a demo's size, {what}", "ms", {"floor": least, "sqlite": ms}, "<= 100")
            for what, _, ms in found
        ]
    return lines


def _measured(lab: Lab, engine: str, shape: Shape) -> list[tuple[str, str, float]]:
    folder = lab.folder / f"pages-{engine}-{shape.name}"
    url, begun = lab.engines[engine].fresh(), time.monotonic()
    with world(url, folder) as made:
        fill(made, shape)
        _give_passwords(made)
        if shape is SHAPES["province"]:
            _staff(made)
        print(f"desk: {engine} {shape.name} after {time.monotonic() - begun:.0f} s", file=sys.stderr)
        with served(url, folder) as server:
            return [(f"{asked.what} ({PEOPLE[asked.username]})", asked.target, ms) for asked, ms in _timed(server.port)]


def _give_passwords(made: World) -> None:
    """The copied officers have none; the first one signs in."""
    with made.app.app_context(), writing() as session:
        session.execute(update(Officer).where(Officer.username == "xa1").values(password_hash=password_hash()))
    with made.app.app_context():
        db.engine.dispose()


def _staff(made: World) -> None:
    """Give the province its people; nobody has so many units of a country."""
    with made.app.app_context(), reading() as session:
        communes = session.scalars(select(Unit.id).where(Unit.level == "commune").order_by(Unit.id)).all()
    each = ceil(STAFF / len(communes))
    for number, unit in enumerate(communes):
        add_people(made, unit, [f"Cán bộ đo {number * each + nth}" for nth in range(each)], f"d{number:03}n")


def _timed(port: int) -> Iterator[tuple[Asked, float]]:
    for username in PEOPLE:
        desk = Desk(port, username)
        for what, target, path in PAGES:
            if username == "tinh" or what in FEW:
                yield Asked(what, target, username, path), _least(desk, path)


def _least(desk: Desk, path: str) -> float:
    return min(desk.get(path).seconds for _ in range(SAMPLES)) * 1000
