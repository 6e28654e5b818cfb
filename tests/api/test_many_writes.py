"""A record that is edited without end: each push costs what it brings, and there is a last write (SPEC W-8)."""

from __future__ import annotations

import random
import sys
from types import FrameType
from typing import Any

import pytest
from api.test_bad_writes import create
from sqlalchemy import event

from server.core.clock import new_id, now_ms
from server.core.db import reading, writing
from server.models import Record, Restoration, WriteRow
from server.services.records.journal import accept
from server.services.records.stored import Author, Result
from server.services.units.scope import Scope
from support.checks import truth
from support.world.world import World
from sync import protocol

pytestmark = pytest.mark.databases("sqlite")

Raw = dict[str, Any]


def edits(record: str, seen: str, count: int) -> list[Raw]:
    """Each sets a field or two and has seen the one before, as a person does who saves again and again."""
    made: list[Raw] = []
    for nth in range(count):
        seen = made[-1]["id"] if made else seen
        made.append({"id": new_id(), "at": nth, "record": record, "set": {"note": f"bản {nth}"}, "seen": [seen]})
    return made


def push(world: World, raws: list[Raw]) -> list[Result]:
    with world.app.app_context(), writing() as session:
        return accept(session, Author(Scope(session, world.officers["xa1"])), raws)


def loaded_by(world: World, raws: list[Raw]) -> int:
    """How many stored writes a push reads."""
    found: list[object] = []
    event.listen(WriteRow, "load", lambda row, _context: found.append(row))
    assert {result.result for result in push(world, raws)} == {"stored"}
    return len(found)


def steps_of(world: World, raws: list[Raw]) -> int:
    """How many calls a push makes: the same on a machine that is busy."""
    steps = 0

    def count(_frame: FrameType, _what: str, _argument: object) -> None:
        nonlocal steps
        steps += 1

    sys.setprofile(count)
    try:
        push(world, raws)
    finally:
        sys.setprofile(None)
    return steps


def test_a_push_reads_as_much_however_long_the_history_is(world: World) -> None:
    made = create(world)
    first = edits(made["id"], made["id"], 40)
    assert push(world, [made])[0].result == "stored"
    read = [loaded_by(world, first)]
    for _ in range(3):
        first = edits(made["id"], first[-1]["id"], 40)
        read.append(loaded_by(world, first))
    assert read[1] == read[2] == read[3] <= 3


def test_the_cost_of_a_push_grows_as_its_writes_do(world: World) -> None:
    few, many = create(world), create(world)
    push(world, [few, many])
    steps = [steps_of(world, edits(made["id"], made["id"], count)) for made, count in ((few, 50), (many, 400))]
    assert steps[1] < 8 * 1.5 * steps[0]


@pytest.mark.parametrize("seed", range(4))
def test_writes_that_come_in_any_order_are_what_the_record_says(world: World, seed: int) -> None:
    """S-1: what is kept beside the writes is what they say, after each push (support/checks/truth.py)."""
    rng = random.Random(seed)
    made = [create(world), create(world)]
    ids = [new_id() for _ in range(30)]
    coming = []
    for id_ in ids:
        names = rng.sample(("note", "hamlet", "deleted", "submitted"), rng.randint(1, 2))
        values = {name: rng.choice((True, None)) if name in ("deleted", "submitted") else id_ for name in names}
        seen = rng.sample([*ids, made[0]["id"], made[1]["id"], new_id()], rng.randint(0, 6))
        coming.append({"id": id_, "at": 1, "record": rng.choice(made)["id"], "set": values, "seen": seen})
    push(world, made)
    while coming:
        some, coming = coming[:7], coming[rng.randint(5, 7) :]  # now and then one comes again
        assert {result.result for result in push(world, some)} == {"stored"}
        with world.app.app_context(), reading() as session:
            truth.check(session)


def test_the_10001st_write_is_refused_and_taken_where_a_restore_lost_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W-8, W-10. In small: 10,000 take seconds; nothing but the number differs."""
    monkeypatch.setattr(protocol, "RECORD_WRITES", 12)
    made = create(world)
    coming = edits(made["id"], made["id"], 13)
    results = push(world, [made, *coming])
    assert [result.result for result in results] == ["stored"] * 12 + ["refused"] * 2
    assert results[-1].code == "too_many_writes"
    assert [result.result for result in push(world, [made, *coming[:11]])] == ["stored"] * 12, "a repeat is no more"
    with world.app.app_context(), writing() as session:
        session.add(Restoration(at=now_ms()))
    assert [result.result for result in push(world, coming)] == ["stored"] * 13


def test_ids_that_nobody_holds_are_not_named_without_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """W-10."""
    monkeypatch.setattr(protocol, "RECORD_WRITES", 20)
    made = create(world)
    coming = edits(made["id"], made["id"], 3)
    for each in coming:
        each["seen"] += [new_id() for _ in range(9)]
    results = push(world, [made, *coming])
    assert [result.code for result in results] == ["", "", "", "too_many_writes"]


def test_a_write_that_came_takes_its_place_among_those_named_early(world: World) -> None:
    made, early = create(world), new_id()
    edit = {"id": new_id(), "at": 2, "record": made["id"], "set": {"note": "sau"}, "seen": [early, made["id"]]}
    late = {"id": early, "at": 1, "record": made["id"], "set": {"note": "trước", "hamlet": "Thôn Tạ"}, "seen": []}
    for raws, count in (([made, edit], 1), ([late], 0)):
        push(world, raws)
        assert early_of(world, made["id"]) == count
    with world.app.app_context(), reading() as session:
        survivors = session.get_one(Record, made["id"]).survivors
    assert (survivors["note"], survivors["hamlet"]) == ([edit["id"]], [early])


def early_of(world: World, record: str) -> int:
    with world.app.app_context(), reading() as session:
        return session.get_one(Record, record).early
