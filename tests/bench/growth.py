"""Growth: the same work with 10,000, 100,000 and 1,000,000 records in the database.

A commune of 2,000 records is made by the product's own code (writes, edits, conflicts, deletes, decisions), then
copied (multiply.py). Each figure is the median of several requests to the running server.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import text

from bench.desk import Desk
from bench.device import Device
from bench.hub import Hub
from bench.lab import Lab
from bench.multiply import copy, endings, marked
from bench.table import Line, middle
from server.core.db import db, writing
from server.models import Record, Unit
from server.models.installation import lock_catalog
from server.services.review.decisions import Verdict, decide
from server.services.units.scope import Scope
from support.world.workload import records

COMMUNE = 2_000
SIZES = (10_000, 100_000, 1_000_000)
AT_ONCE = 20
SAMPLES = 9
RESULTS = {
    "gallery": "",
    "gallery, filtered": "kind=banner&photo=without&since=2021-01-01",
    "gallery, a slogan waiting": "slogan=s1&state=waiting",
    "search, a frequent word": "q=ch%E1%BB%A3",
    "search, a rare word": "q=s%E1%BB%ADa+l%E1%BA%A7n+7770",
    "search, words that are nowhere together": "q=xyzzy+thon",
    "search, a number": "q=BR-7",
    "search, number and unit": "q=BR-7+ch%C3%ADnh+ngh%C4%A9a",
}


@dataclass(frozen=True, slots=True)
class Ways:
    """What is measured at each size."""

    maker: Device
    reader: Device
    desk: Desk


def run(lab: Lab) -> list[Line]:
    """A line for each work and size; SQLite to 100,000, PostgreSQL to a million (`LOA_BENCH_MOST` sets it lower)."""
    most = int(os.environ.get("LOA_BENCH_MOST", SIZES[-1]))
    found: dict[tuple[str, int], dict[str, float]] = {}
    for engine in lab.engines:
        with lab.hub(engine) as hub:
            ways = begin(hub)
            ending, copies = endings(), 1
            for size in SIZES:
                if size > (min(most, 100_000) if engine == "sqlite" else most):
                    continue
                begun = time.monotonic()
                for start in range(copies, size // COMMUNE, AT_ONCE):
                    copy_commune(hub, list(islice(ending, min(AT_ONCE, size // COMMUNE - start))))
                copies = size // COMMUNE
                _settle(hub)
                print(f"growth: {engine} {size:,} records after {time.monotonic() - begun:.0f} s", file=sys.stderr)
                for what, seconds in _measure(hub, ways).items():
                    found.setdefault((what, size), {})[engine] = seconds * 1000
    return [
        Line("growth", f"{what} at {size:,}", "ms", figures, _wanted(what)) for (what, size), figures in _by_work(found)
    ]


def _by_work(found: dict[tuple[str, int], dict[str, float]]) -> list[tuple[tuple[str, int], dict[str, float]]]:
    order = list(dict.fromkeys(what for what, _ in found))
    return sorted(found.items(), key=lambda item: (order.index(item[0][0]), item[0][1]))


def _wanted(what: str) -> str:
    progress = ("province matrix", "first page", "planned and done, every commune", "board")
    limits = dict.fromkeys(("desk queue", *RESULTS), "<= 150 at 1 M on PostgreSQL")
    limits |= dict.fromkeys(progress, "<= 300 at 1 M on PostgreSQL")
    return limits.get(what, "within 1.2 x")


def begin(hub: Hub) -> Ways:
    """The commune, with ids that can be copied."""
    _rename(hub)
    maker, reader = Device(hub.tokens[0], hub.port), Device(hub.token(0), hub.port)
    made = [_marked(write) for write in records(COMMUNE, hub.units[0], hub.campaign, seed=9)]
    for at in range(0, COMMUNE, 100):
        told = maker.sync(made[at : at + 100])
        assert all(row["result"] == "stored" for row in told["results"]), told["results"][0]
    edits = [_edit(write, number) for number, write in enumerate(made) if number % 10 == 0]
    told = reader.sync(edits)
    assert all(row["result"] == "stored" for row in told["results"]), told["results"][0]
    _judge(hub, [write["id"] for number, write in enumerate(made) if number % 2])
    for device in (maker, reader):
        device.catch_up()
    return Ways(maker, reader, Desk(hub.port, "tinh"))


def _marked(write: dict[str, Any]) -> dict[str, Any]:
    return write | {"id": marked(write["id"])}


def _edit(write: dict[str, Any], number: int) -> dict[str, Any]:
    """Of 20 edits 12 have seen the first, 4 conflict with it, 4 delete."""
    kind = number // 10 % 5
    seen = [] if kind == 3 else [write["id"]]
    fields: dict[str, Any] = {"deleted": True} if kind == 4 else {"note": f"sửa lần {number}", "quantity": 2}
    id_ = marked(write["id"][::-1][3:] + "xyz")
    return {"id": id_, "at": write["at"] + 1000, "record": write["id"], "set": fields, "seen": seen}


def _judge(hub: Hub, ids: list[str]) -> None:
    """Half of the records are decided: nine of ten counted."""
    with hub.world.app.app_context():
        for at in range(0, len(ids), 100):
            with writing() as session:
                scope = Scope(session, hub.world.officers["huyen"])
                for number, id_ in enumerate(ids[at : at + 100]):
                    verdict = Verdict("returned", "thiếu ảnh") if number % 10 == 0 else Verdict("counted")
                    row = decide(session, scope, id_, verdict, dict(session.get_one(Record, id_).survivors))
                    session.flush()
                    new = marked(row.id)
                    session.get_one(Record, id_).decision_id = new
                    row.id = new
        db.session.remove()


def _rename(hub: Hub) -> None:
    """The unit and its stream get ids that can be copied, before anything hangs on them."""
    old, new = hub.units[0], marked(hub.units[0])
    with hub.world.app.app_context(), writing() as session:
        lock_catalog(session)
        unit = session.get_one(Unit, old)
        columns = ", ".join(column.name for column in Unit.__table__.columns if column.name not in ("id", "code"))
        session.execute(
            text(f"INSERT INTO unit (id, code, {columns}) SELECT :new, 'bx', {columns} FROM unit WHERE id = :old"),
            {"new": new, "old": old},
        )
        for table in ("membership", "stream"):
            session.execute(text(f"UPDATE {table} SET unit_id = :new WHERE unit_id = :old"), {"new": new, "old": old})
        session.execute(text("UPDATE stream SET id = substr(id, 1, 13) || 'aaa' WHERE unit_id = :new"), {"new": new})
        session.delete(unit)
    hub.units[0] = new


def copy_commune(hub: Hub, endings: list[str]) -> None:
    with hub.world.app.app_context(), writing() as session:
        copy(session.connection(), hub.units[0], endings)


def _settle(hub: Hub) -> None:
    """What autovacuum does by itself after a while."""
    with hub.world.app.app_context(), db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("CHECKPOINT")


def _measure(hub: Hub, ways: Ways) -> dict[str, float]:
    numbers = iter(range(SAMPLES))

    def push() -> float:
        seed = hash((hub.stored_writes(), next(numbers)))
        ways.maker.sync(records(10, hub.units[0], hub.campaign, seed=seed))
        return ways.maker.answers[-1].seconds

    def delta() -> float:
        told = ways.reader.sync()
        assert told["changes"], "nothing to pull"
        return ways.reader.answers[-1].seconds

    pushed, pulled = [], []
    for _ in range(SAMPLES):
        pushed.append(push())
        pulled.append(delta())
    return {
        "a unit's push of 10": middle(pushed),
        "a unit's delta of 10": middle(pulled),
        "desk queue": _page(ways, "/desk/queue"),
        **{name: _page(ways, f"/desk/results?{query}") for name, query in RESULTS.items()},
        "province matrix": _page(ways, "/desk/figures"),
        "first page": _page(ways, "/desk/"),
        "planned and done, every commune": _page(ways, "/desk/progress?reach=every"),
        "board": _page(ways, "/desk/board?who=all"),
        "every commune, all figures": _page(ways, "/desk/figures?tab=all&reach=every&count=with_waiting"),
        "Excel of every commune": _page(ways, "/desk/figures.xlsx?tab=all&reach=every"),
    }


def _page(ways: Ways, path: str) -> float:
    return middle(ways.desk.get(path).seconds for _ in range(SAMPLES))
