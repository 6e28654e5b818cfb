"""A realm for the desk's pages: a province of 161 communes or a country of 10,600, with so many records altogether.

One commune is filled by the product's own code as a campaign goes, by the clock of its days: records of each kind, most
approved, some waiting, returned, not counted, amended, in conflict, deleted, drafts, some after the due date; its hints
are made by their job. Then it is copied (multiply.py). Photos have rows but no bytes: pages read none.
"""

from __future__ import annotations

import hashlib
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import insert, select, text, update

from bench import multiply
from bench.multiply import copy, endings, marked
from bench.report import EVERY_KIND, jpeg, of_kind, row
from server.core.bulk import insert_all
from server.core.clock import new_id, stopped_at
from server.core.db import db, writing
from server.models import (
    Device,
    Membership,
    Officer,
    Photo,
    PhotoRef,
    Record,
    Stream,
    Unit,
)
from server.services.access import devices
from server.services.records import recount
from server.services.review.decisions import Verdict, decide
from server.services.units.scope import Scope
from support.clients.client import Client, Shot
from support.clients.uploading import bring
from support.clients.write_only import Json
from support.jobs import inline
from support.world.workload import records
from support.world.world import World, password_hash
from sync.registry import KINDS

FIRST, DUE = datetime(2021, 7, 5, tzinfo=UTC), datetime(2021, 8, 2, 17, tzinfo=UTC)
BATCH = 100
AT_ONCE = 1_000_000
"""Rows of writes that one transaction copies at most, about."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Units of each level below the top; the levels' names, downwards; records altogether.

    `pairs`: each so manieth record has a second photo; 0 for none. `shots`: so many photos have bytes.
    """

    name: str
    counts: tuple[int, ...]
    levels: tuple[str, ...]
    records: int
    pairs: int = 0
    shots: int = 0

    @property
    def each(self) -> int:
        """Records of a commune."""
        return self.records // self.counts[-1]


def fill(made: World, shape: Shape) -> None:
    """Fill it. `huyen` reviews the first district, `xa1` writes for its first commune."""
    begun = time.monotonic()
    first = _commune(made, shape)
    print(f"{shape.name}: a commune after {time.monotonic() - begun:.0f} s", file=sys.stderr)
    parents = _above(made, shape)
    ending, step = endings(), max(1, AT_ONCE // shape.each // 10)
    for start in range(1, shape.counts[-1], step):
        names = list(islice(ending, min(step, shape.counts[-1] - start)))
        with made.app.app_context(), writing() as session:
            connection = session.connection()
            copy(connection, first, names, [*multiply.COPIED, *multiply.PEOPLE, *multiply.EVIDENCE])
            connection.execute(
                text(
                    "UPDATE unit SET name = :name, short_name = :short, search_key = :search, sort_key = :sort, "
                    "parent_id = :parent WHERE id = :id"
                ),
                [_named(first, number, letters, parents) for number, letters in enumerate(names, start)],
            )
    _seal(made)
    with made.app.app_context(), db.engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(
            "ANALYZE" if sqlite else "VACUUM ANALYZE"
        )
        db.session.remove()
    print(f"{shape.name}: {shape.records:,} records after {time.monotonic() - begun:.0f} s", file=sys.stderr)


def _named(first: str, number: int, letters: str, parents: list[str]) -> Json:
    return {
        "id": first[:13] + letters,
        "name": f"Xã Đo {number}",
        "short": f"Đo {number}",
        "search": f"xa do {number}",
        "sort": f"do {number:06d}",
        "parent": parents[number % len(parents)],
    }


def _above(made: World, shape: Shape) -> list[str]:
    """Make the units between the top and the communes. Returns those right above communes, the first one's first."""
    above = [made.units["33"]]
    with made.app.app_context(), writing() as session:
        for depth, (count, level) in enumerate(zip(shape.counts[:-1], shape.levels[:-1], strict=True)):
            last = depth == len(shape.counts) - 2
            here = [made.units["331"]] if last else []
            rows = [
                row(f"{level[0]}{n}", f"{level} {n}", level, above[n % len(above)]) for n in range(len(here), count)
            ]
            session.execute(insert(Unit), rows)
            here += [each["id"] for each in rows]
            if last:
                session.execute(update(Unit).where(Unit.id == here[0]).values(parent_id=above[0]))
            _staff(session, here[1:] if last else here)
            ids = here[1:] if last else here
            session.execute(
                insert(Stream), [{"id": new_id(), "unit_id": id_, "campaign_id": made.campaign} for id_ in ids]
            )
            above = here
    return above


def _staff(session: Any, units: list[str]) -> None:
    """Give each unit a reviewer."""
    people = [
        {
            "id": new_id(),
            "username": f"duyet{id_.lower()}{number}",
            "name": f"Người duyệt {number}",
            "password_hash": password_hash(),
            "created_at": 1,
        }
        for number, id_ in enumerate(units)
    ]
    session.execute(insert(Officer), people)
    roles = [
        {"id": new_id(), "officer_id": person["id"], "unit_id": unit, "role": "reviewer", "since": 1}
        for person, unit in zip(people, units, strict=True)
    ]
    session.execute(insert(Membership), roles)


def _commune(made: World, shape: Shape) -> str:
    """Fill the first commune, with ids that can be copied. Returns its id."""
    unit, token = _place(made)
    count = shape.each
    client = Client(made.app.test_client(), token)
    rng = random.Random(18)
    shots = [Shot(jpeg(number, (1600, 1200)), jpeg(number + 1000, (320, 240))) for number in range(shape.shots)]
    writes = _writes(rng, unit, made.campaign, shape, shots)
    for start in range(0, count, BATCH):
        _push(client, writes[start : start + BATCH], _moment(start, count))
    for shot in shots:
        bring(client, shot)
    _photos(made, unit)
    inline.done(made, "hints.refresh")  # a reviewer decides on what was looked at: else all is found afterwards
    by_lot = {write["id"]: rng.random() for write in writes}
    _judge(made, [id_ for id_, lot in by_lot.items() if lot < 0.62], rng)
    late = _moment(count, count)
    edits = []
    for write in writes:
        lot = by_lot[write["id"]]
        if 0.60 < lot < 0.62 or 0.97 < lot < 0.98:  # amended after its decision, or before any
            edits.append(_edit(write, {"note": "sửa lại"}, [write["id"]]))
        elif 0.98 < lot < 0.99:
            edits += [_edit(write, {"note": told}, []) for told in ("của người này", "của người kia")]
        elif lot > 0.99:
            edits.append(_edit(write, {"deleted": True}, [write["id"]]))
    for start in range(0, len(edits), BATCH):
        _push(client, edits[start : start + BATCH], late)
    inline.done(made, "hints.refresh")
    return unit


def _place(made: World) -> tuple[str, str]:
    """The commune's unit, officer and phone, with marked ids. Returns the unit's id and the phone's token."""
    old, new = made.units["12286"], marked(made.units["12286"])
    was, officer = made.officers["xa1"], marked(made.officers["xa1"])
    with made.app.app_context(), writing() as session:
        for table, id_, unique, value, fresh in (
            ("unit", old, "code", "bx", new),
            ("officer", was, "username", "xa1x", officer),
        ):
            model = Unit if table == "unit" else Officer
            others = ", ".join(each.name for each in model.__table__.columns if each.name not in ("id", unique))
            session.execute(
                text(
                    f"INSERT INTO {table} (id, {unique}, {others}) "
                    f"SELECT :fresh, :value, {others} FROM {table} WHERE id = :id"
                ),
                {"fresh": fresh, "value": value, "id": id_},
            )
        moved = {"new": new, "old": old}
        for table in ("membership", "stream"):
            session.execute(text(f"UPDATE {table} SET unit_id = :new WHERE unit_id = :old"), moved)
        session.execute(text("UPDATE stream SET id = substr(id, 1, 13) || 'aaa' WHERE unit_id = :new"), moved)
        session.execute(
            text(
                "UPDATE membership SET officer_id = :officer, id = substr(id, 1, 13) || 'aaa' WHERE officer_id = :was"
            ),
            {"officer": officer, "was": was},
        )
        session.execute(text("DELETE FROM unit WHERE id = :old"), moved)
        session.execute(text("DELETE FROM officer WHERE id = :was"), {"was": was})
        session.execute(text("UPDATE officer SET username = 'xa1' WHERE id = :officer"), {"officer": officer})
        enrolled = devices.add_device(session, officer, "máy đo")
        token, phone = enrolled.token, enrolled.device.id
        session.flush()
        session.execute(update(Device).where(Device.id == phone).values(id=marked(phone)))
        session.expire_all()
    made.units["12286"], made.officers["xa1"] = new, officer
    return new, token


def _moment(number: int, count: int) -> int:
    """When the record of this number arrives: evenly over four weeks, the last twentieth after the due date."""
    share = number / count
    span = DUE.timestamp() - FIRST.timestamp()
    late = (share - 0.95) / 0.05 * 2 * 86_400 + 86_400 if share > 0.95 else 0
    return int((FIRST.timestamp() + min(share / 0.95, 1) * span + late) * 1000)


def _writes(rng: random.Random, unit: str, campaign: str, shape: Shape, shots: Sequence[Shot]) -> list[Json]:
    made, count, unused = [], shape.each, list(shots)
    for number, banner in enumerate(records(count, unit, campaign, seed=18)):
        write, at = banner, _moment(number, count) - 60_000
        if number % 5 == 4:
            kind, said = EVERY_KIND[number // 5 % len(EVERY_KIND)]
            write = of_kind(unit, campaign, number, kind, said)
            write["set"] |= {"note": banner["set"]["note"]} if "note" in write["set"] else {}
        if KINDS[write["kind"]].source["photos"]["required"] and rng.random() < 0.95:
            own = unused.pop().register if unused else _register(number, at)
            second = _register(number + count, at) if shape.pairs and number % shape.pairs == 0 else {}
            write = write | {"set": write["set"] | own | second}
        if "place" in write["set"]:
            write["set"] = write["set"] | {"place": write["set"]["place"] | {"fixed_at": at - 60_000}}
        if number % 97 == 0:
            write = write | {"set": {name: value for name, value in write["set"].items() if name != "submitted"}}
        made.append(write | {"id": marked(write["id"]), "at": at})
    return made


def _register(number: int, at: int) -> Json:
    """A photo of its own, as a phone announces it."""
    sha, thumb = (hashlib.sha256(f"{what} {number}".encode()).hexdigest() for what in ("photo", "thumb"))
    told = {"sha256": sha, "size_bytes": 240_000, "width": 1600, "height": 1200, "type": "image/jpeg"}
    told |= {"thumb_sha256": thumb, "thumb_size_bytes": 9_000, "taken_at": at - 60_000, "source": "camera"}
    return {f"photos/{sha[:16]}": told}


def _edit(write: Json, said: Json, seen: list[str]) -> Json:
    return {"id": marked(new_id()), "at": write["at"] + 1000, "record": write["id"], "set": said, "seen": seen}


def _push(client: Client, writes: list[Json], at: int) -> None:
    with stopped_at(at):
        told = client.sync(*writes)
    assert all(each["result"] == "stored" for each in told["results"]), told["results"][0]


def _judge(made: World, ids: list[str], rng: random.Random) -> None:
    """Nine of ten are counted."""
    for start in range(0, len(ids), BATCH):
        with made.app.app_context(), writing() as session:
            scope = Scope(session, made.officers["huyen"])
            for id_ in ids[start : start + BATCH]:
                record = session.get_one(Record, id_)
                if record.state != "waiting":
                    continue
                lot = rng.random()
                verdict = Verdict("counted")
                if lot < 0.1:
                    verdict = Verdict("returned", "thiếu ảnh") if lot < 0.07 else Verdict("not_counted", "trùng")
                made_of_it = decide(session, scope, id_, verdict, dict(record.survivors))
                session.flush()
                record.decision_id = made_of_it.id = marked(made_of_it.id)
    with made.app.app_context():
        db.session.remove()


def _photos(made: World, unit: str) -> None:
    """Have the photos' rows as if their bytes had come, but for one in twenty."""
    with made.app.app_context(), writing() as session:
        streams = text("SELECT id FROM stream WHERE unit_id = :unit")
        ids = [each[0] for each in session.execute(streams, {"unit": unit})]
        refs = session.query(PhotoRef.sha256).filter(PhotoRef.stream_id.in_(ids)).order_by(PhotoRef.sha256).all()
        came = set(session.scalars(select(Photo.sha256)))
        hashes = [sha for number, (sha,) in enumerate(refs) if number % 20 and sha not in came]
        row_of = {"state": "verified", "code": None, "type": "image/jpeg", "size_bytes": 240_000}
        row_of |= {"width": 1600, "height": 1200, "judged_at": 1_627_000_000_000}
        insert_all(session, Photo, [{"sha256": sha, **row_of} for sha in hashes])
        for start in range(0, len(hashes), 500):
            session.execute(update(PhotoRef).where(PhotoRef.sha256.in_(hashes[start : start + 500])).values(held=True))
        recount.recount(session)  # which records lack a photo


def _seal(made: World) -> None:
    """Two of five communes have sent their figures, one of twenty wrote after that."""
    letter = "ascii" if made.app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql") else "unicode"
    with made.app.app_context(), writing() as session:
        last = f"{letter}(substr(id, 15, 1))"
        session.execute(
            text(
                f"UPDATE stream SET sealed = CASE WHEN {last} % 20 = 1 THEN written - 10 ELSE position END "
                f"WHERE written > 10 AND {last} % 5 < 2"
            )
        )
        session.execute(
            text(
                "INSERT INTO seal (id, stream_id, position, officer_id, on_behalf, at, reason) "
                "SELECT substr(id, 1, 12) || 'S' || substr(id, 14, 3), id, sealed, :officer, :no, 1627900000000, '' "
                "FROM stream WHERE sealed IS NOT NULL"
            ),
            {"officer": made.officers["huyen"], "no": False},
        )
