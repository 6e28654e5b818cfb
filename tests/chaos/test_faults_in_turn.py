"""A fault before and after every statement, commit and blob put in turn: the state is before or after, never between.

Each work is done once to learn its moments and what it adds to each table; then again and again with new ids, each
time with a fault one moment later. What is in the database then is all of it or nothing, what was answered as stored
is there, and repeating the work, as a phone does, ends where one without a fault would have ended.
"""

from __future__ import annotations

import gc
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from chaos.faults import KINDS, Death, Faults
from chaos.sizes import FULL
from server.core.db import db, reading, writing
from server.models import Counter, Photo, PhotoRef, Record, Stream, Tally, WriteRow
from server.models import DecisionRow as Decision
from server.services.audit.log import NotLogged
from server.services.review.decisions import Verdict, decide
from server.services.units.scope import Scope
from server.serving.installation import installed
from support.checks import truth
from support.clients.client import Client, Shot, shot
from support.world.workload import records
from support.world.world import World

Deltas = dict[str, int]
STEP = 1 if FULL else 21
"""In a slice each engine takes every 21st moment, each kind of fault beginning at another one."""


def standing(world: World) -> Deltas:
    """What there is, as numbers that each work moves by a fixed amount."""
    with world.app.app_context(), reading() as session:
        rows = {
            model.__tablename__: session.scalar(select(func.count()).select_from(model)) or 0
            for model in (WriteRow, Record, Decision, PhotoRef, Photo)
        }
        sums = {
            "positions": func.sum(Stream.position),
            "numbers": func.sum(Counter.last),
            "in totals": func.sum(Tally.records),
            "decided": func.count(Record.decision_id),
            "held": func.count().filter(PhotoRef.held),
        }
        return rows | {name: int(session.scalar(select(what)) or 0) for name, what in sums.items()}


def moved(before: Deltas, now: Deltas) -> Deltas:
    return {name: now[name] - before[name] for name in before}


@dataclass
class Work:
    """`prepare` makes what is needed, without faults; `do` answers True once the whole of it is said to be done."""

    prepare: Callable[[int], Any]
    do: Callable[[Any], bool]


def run(world: World, work: Work) -> int:
    """All moments in turn; how many faults were raised."""
    numbers = itertools.count(1)
    prepared = work.prepare(next(numbers))
    before = standing(world)
    with Faults(world.app).armed() as counted:
        assert work.do(prepared)
    whole = moved(before, standing(world))
    assert any(whole.values())
    raised = 0
    for offset, kind in enumerate(KINDS):
        for at in range(1 + offset % STEP, counted.count + 1, STEP):
            raised += _once(world, work, Faults(world.app, at, kind), next(numbers), whole)
    with world.app.app_context(), reading() as session:
        truth.check(session)
    print(f"{counted.count} moments, {raised} faults, each all or nothing")
    return raised


def _once(world: World, work: Work, faults: Faults, number: int, whole: Deltas) -> bool:
    prepared = work.prepare(number)
    before = standing(world)
    said = gone = False
    with faults.armed():
        try:
            said = work.do(prepared)
        except Death:
            gone = True  # nobody was answered
        except RuntimeError:
            pass  # the application in test mode hands a slip on: a server would have answered 500
    with world.app.app_context():
        db.session.remove()
    if gone:
        gc.collect()  # a worker that died leaves no cursor behind that would keep SQLite's lock
    after = moved(before, standing(world))
    nothing = dict.fromkeys(whole, 0)
    where = f"{faults.kind} at moment {faults.at}"
    assert after in (nothing, whole), f"between: {where}: {after}, whole is {whole}"
    assert not said or after == whole, f"said but not done: {where}"
    assert work.do(prepared), f"the repeat failed: {where}"
    assert moved(before, standing(world)) == whole, f"the repeat ended elsewhere: {where}"
    return faults.raised


def fresh(world: World, number: int, count: int) -> list[Any]:
    """The same contents each time, so that a work always adds the same, under new ids."""
    ids = records(count, "", "", seed=number)
    made = records(count, world.units["12286"], world.campaign)
    return [write | {"id": other["id"]} for write, other in zip(made, ids, strict=True)]


@pytest.fixture
def one(world: World) -> Client:
    return Client(world.app.test_client(), world.token("xa1"))


@pytest.mark.costly
def test_a_push(world: World, one: Client) -> None:
    """Two creates, an edit that conflicts, one that supersedes, a photo."""

    def prepare(number: int) -> list[Any]:
        old, *new = fresh(world, number, 3)
        assert one.sync(old)["results"][0]["result"] == "stored"
        new[1]["set"] |= shot(number).register
        aside = {"id": old["id"][::-1], "at": 5, "record": old["id"], "set": {"note": "bên kia"}, "seen": []}
        over = {
            "id": new[0]["id"][::-1],
            "at": 6,
            "record": new[0]["id"],
            "set": {"quantity": 4},
            "seen": [new[0]["id"]],
        }
        return [*new, aside, over]

    def do(writes: list[Any]) -> bool:
        return _all_stored(one.post("/sync", json={"writes": writes, "push": writes[0]["id"]}))

    assert run(world, Work(prepare, do)) > 5


def _all_stored(answer: TestResponse) -> bool:
    """An answer that is not 200 says in its form that nothing was lost; one write may be `later` after a slip."""
    if answer.status_code != 200:
        assert (answer.status_code, answer.get_json()["code"]) == (503, "unavailable")
        assert answer.headers["Retry-After"] == "30"
        return False
    return all(row["result"] == "stored" for row in answer.get_json()["results"])


@pytest.mark.databases("sqlite")
def test_a_decision(world: World, one: Client) -> None:
    def prepare(number: int) -> str:
        write = fresh(world, number, 1)[0]
        assert one.sync(write)["results"][0]["result"] == "stored"
        return str(write["id"])

    def do(record_id: str) -> bool:
        with world.app.app_context():
            try:
                with writing() as session:
                    scope = Scope(session, world.officers["huyen"])
                    survivors = dict(session.get_one(Record, record_id).survivors)
                    decide(session, scope, record_id, Verdict("counted"), survivors)
            except (OperationalError, NotLogged):
                return False  # the desk would say: 503, nothing was lost
            finally:
                db.session.remove()
        return True

    assert run(world, Work(prepare, do)) > 3


@pytest.mark.databases("sqlite")
@pytest.mark.costly
def test_a_photo(world: World, one: Client) -> None:
    """The bytes of a photo come in one request: stored, judged, said."""

    def prepare(number: int) -> Shot:
        picture = shot(number)
        write = fresh(world, number, 1)[0]
        write["set"] |= picture.register
        assert one.sync(write)["results"][0]["result"] == "stored"
        return picture

    def do(picture: Shot) -> bool:
        answer = one.create_upload(picture.sha256, len(picture.data), picture.data)
        if answer.status_code != 201:
            assert answer.status_code == 503, answer.get_data(as_text=True)
            return False
        if int(answer.headers["Upload-Offset"]) < len(picture.data):
            return False
        states = one.post("/sync", json={"photos": [picture.sha256]})
        told = states.status_code == 200 and states.get_json()["photos"] == [
            {"sha256": picture.sha256, "state": "verified"}
        ]
        blob = installed(world.app).blobs.open(picture.sha256)
        assert blob is not None
        with blob:
            return bool(told) and blob.read() == picture.data

    assert run(world, Work(prepare, do)) > 5
