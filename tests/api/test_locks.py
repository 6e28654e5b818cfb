"""A level locks the figures of all below it, and the level above unlocks them: every transition, also those refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.models import AuditLine, LockStep, Stream, Unit
from server.services.campaigns import lifecycle
from server.services.figures import seals
from server.services.organisation import unit_changes
from server.services.organisation.unit_changes import UnitRow
from server.services.reports.snapshot.freezes import short_id, spoken, typed_id
from server.services.reports.snapshot.steps import TRANSITIONS, LockAct, LockState, after
from server.services.units.scope import Scope
from support.clients.phone import MakePhone
from support.world import locking
from support.world.changes import add_communes, come, merge, seal, status
from support.world.changes import shown as shown_to
from support.world.locking import WHY, lock, locked, page, state, unlock
from support.world.meanwhile import meanwhile
from support.world.world import World
from sync.errors import Refused

pytestmark = pytest.mark.databases("sqlite")


def refused(act: Callable[[], object]) -> str:
    with pytest.raises((Problem, Refused)) as told:
        act()
    return str(getattr(told.value, "code", ""))


def log_of(world: World) -> list[tuple[str, str, dict[str, object], dict[str, object]]]:
    """Lines on locking: act, who, old and new values."""
    names = {id_: name for name, id_ in world.officers.items()}
    with world.app.app_context(), reading() as session:
        rows = session.scalars(
            select(AuditLine)
            .where(AuditLine.act.in_(("figures_locked", "figures_unlocked")))
            .order_by(AuditLine.number)
        )
        return [(row.act, names.get(row.actor_id, ""), json.loads(row.old), json.loads(row.new)) for row in rows]


@pytest.mark.databases("both")
def test_locked_unlocked_and_locked_again(world: World) -> None:
    """L-30: the whole way, with what the log says of it."""
    assert state(world) == "open"
    first = lock(world)
    assert state(world) == "locked"
    unlock(world)
    assert state(world) == "unlocked"
    second = lock(world)
    assert (state(world), first != second) == ("locked", True)
    with world.app.app_context(), reading() as session:
        steps = session.scalars(select(LockStep).order_by(LockStep.number)).all()
        assert [(step.number, step.act, step.reason, step.freeze_id) for step in steps] == [
            (1, "lock", "", first),
            (2, "unlock", WHY, None),
            (3, "lock", "", second),
        ]
    assert state(world, "333") == "open", "another district has its own"
    lines = log_of(world)
    assert [(act, old["status"], new["status"], new.get("freeze")) for act, _, old, new in lines] == [
        ("figures_locked", "open", "locked", first),
        ("figures_unlocked", "locked", "unlocked", None),
        ("figures_locked", "unlocked", "locked", second),
    ]
    assert {new["campaign"] for *_, new in lines} == {world.campaign}
    assert str(lines[0][3]["hash"]) == locking.frozen(world, first).row.sha256[:32]
    assert not any(WHY in str(line) for line in lines), "what people type is in no log"


@pytest.mark.parametrize("before", LockState)
@pytest.mark.parametrize("act", LockAct)
def test_every_transition_there_is(before: LockState, act: LockAct) -> None:
    if (before, act) in TRANSITIONS:
        assert after(before, act) is (LockState.LOCKED if act in (LockAct.LOCK, LockAct.ASK) else LockState.UNLOCKED)
    else:
        assert refused(lambda: after(before, act)) == "lock_moved"


@pytest.mark.slow
def test_a_step_that_is_not_possible_says_that_somebody_was_faster(world: World) -> None:
    assert refused(lambda: unlock(world)) == "lock_moved", "it is open"
    old = page(world)
    lock(world)
    assert refused(lambda: lock(world, shown=old)) == "lock_moved", "a double click"
    assert refused(lambda: lock(world)) == "lock_moved", "it is locked"
    unlock(world)
    assert refused(lambda: unlock(world)) == "lock_moved", "it is unlocked"
    assert refused(lambda: lock(world, shown=old)) == "lock_moved", "a page from before"
    lock(world)
    assert refused(lambda: unlock(world, number=1)) == "lock_moved", "a page of the first time"
    assert state(world) == "locked"


@pytest.mark.parametrize(
    ("who", "unit", "code"),
    [
        ("xa1", "331", "not_found"),
        ("phucu", "331", "not_found"),
        ("tinh", "331", "forbidden"),
        ("quantri", "33", "forbidden"),
        ("quantri", "331", "forbidden"),
        ("dinhcao", "12286", "not_found"),
        ("huyen", "12286", "forbidden"),
    ],
)
def test_who_may_not_lock(world: World, who: str, unit: str, code: str) -> None:
    """Only a reviewer of that very level; of a lowest unit, only its own people."""
    assert refused(lambda: lock(world, who, unit)) == code
    assert state(world, unit) == "open"
    assert log_of(world) == []


@pytest.mark.parametrize(("who", "code"), [("xa1", "not_found"), ("huyen", "forbidden"), ("quantri", "forbidden")])
def test_who_may_not_unlock_a_district(world: World, who: str, code: str) -> None:
    """Only somebody of the level above."""
    lock(world)
    assert refused(lambda: unlock(world, who)) == code
    assert state(world) == "locked"


def test_the_top_is_unlocked_by_its_administrator_alone(world: World) -> None:
    lock(world, "tinh", "33")
    assert refused(lambda: unlock(world, "tinh", "33")) == "forbidden"
    unlock(world, "quantri", "33")
    assert state(world, "33") == "unlocked"


@pytest.mark.parametrize(
    ("why", "code"), [("", "reason_needed"), (" \r\n ", "reason_needed"), ("x" * 2001, "too_long")]
)
def test_unlocking_needs_a_reason(world: World, why: str, code: str) -> None:
    lock(world)
    assert refused(lambda: unlock(world, why=why)) == code
    assert state(world) == "locked"


@pytest.mark.slow
@pytest.mark.databases("both")
def test_what_is_part_of_a_locked_report_above_is_not_touched(world: World) -> None:
    """The province has locked: a district locks with a choice alone, and none is unlocked until the province is."""
    lock(world, "huyen", "331")
    lock(world, "tinh", "33")
    assert refused(lambda: unlock(world, "tinh", "331")) == "locked_above"
    assert refused(lambda: lock(world, "phucu", "333")) == "locked_above"
    unlock(world, "quantri", "33")
    unlock(world, "tinh", "331")
    lock(world, "phucu", "333")
    assert (state(world, "331"), state(world, "333")) == ("unlocked", "locked")


@pytest.mark.slow
def test_a_unit_without_units_below_locks_what_it_has_confirmed(world: World) -> None:
    """For the report that it signs itself: whoever records there, and nobody of another unit."""
    assert refused(lambda: lock(world, "xa1", "12286")) == "lock_unsent"
    seal(world, "xa1")
    assert refused(lambda: lock(world, "nhanla", "12286")) == "not_found"
    assert refused(lambda: lock(world, "tinh", "12286")) == "forbidden"
    lock(world, "xa1", "12286")
    assert state(world, "12286") == "locked"
    assert refused(lambda: lock(world, "xa1", "12286")) == "lock_moved"
    assert refused(lambda: unlock(world, "xa1", "12286")) == "forbidden", "the level above, with a reason"
    unlock(world, "huyen", "12286")
    merge(world, "12289", into="12286")
    assert refused(lambda: lock(world, "xa1", "12286")) == "lock_unsent", "what was merged into it is itself"
    seal(world, "xa1")
    lock(world, "xa1", "12286")


def test_what_came_after_it_was_confirmed_is_confirmed_before_the_lock(world: World, phone: MakePhone) -> None:
    officer = phone("xa1")
    officer.create(quantity=3)
    officer.sync()
    seal(world, "xa1")
    officer.create(quantity=5)
    officer.sync()
    assert refused(lambda: lock(world, "xa1", "12286")) == "lock_unsent"
    seal(world, "xa1")
    lock(world, "xa1", "12286")


def test_of_a_unit_with_units_below_who_only_records_locks_nothing(world: World) -> None:
    come(world, "nhanla", "331", "officer")
    assert refused(lambda: lock(world, "nhanla", "331")) == "forbidden"
    lock(world, "huyen", "331")


def test_a_unit_that_takes_no_part_has_nothing_to_lock(world: World) -> None:
    add_communes(world, "333", 1)
    with world.app.app_context(), writing() as session:
        unit = session.scalars(select(Unit).where(Unit.code == "20001")).one()
        world.units["20001"] = unit.id
        session.execute(delete(Stream).where(Stream.unit_id == unit.id))
    come(world, "nhanla", "20001", "officer")
    assert refused(lambda: lock(world, "nhanla", "20001")) == "lock_no_part"


def test_nothing_moves_in_an_archived_campaign(world: World) -> None:
    """Archived while a page was open."""
    shown = page(world)
    status(world, "archived")
    assert refused(lambda: lock(world, shown=shown)) == "archived"
    status(world, "open")
    lock(world)
    status(world, "archived")
    assert refused(lambda: unlock(world)) == "archived"


def test_a_campaign_that_was_closed_is_still_locked(world: World) -> None:
    """Most reports are made after the end."""
    status(world, "closed")
    lock(world)
    assert state(world) == "locked"


def test_a_unit_that_was_merged_is_locked_by_its_successor(world: World) -> None:
    shown = page(world, "333")
    merge(world, "333", into="331", with_people=True)
    assert refused(lambda: lock(world, "phucu", "333", shown)) == "unit_merged"
    assert refused(lambda: unlock(world, "tinh", "333", number=0)) == "unit_merged"
    lock(world, "huyen", "331")
    assert state(world, "331") == "locked"


def test_a_lock_of_a_unit_that_was_merged_hinders_nobody_below(world: World) -> None:
    """Nobody can undo it any more: its successor locks for it."""
    lock(world, "phucu", "333")
    add_communes(world, "12397", 2)
    come(world, "phucu", "12397", "reviewer")
    assert refused(lambda: lock(world, "phucu", "12397")) == "locked_above"
    merge(world, "333", into="331")
    lock(world, "phucu", "12397")
    assert state(world, "12397") == "locked"


def test_units_that_changed_since_the_page_are_shown_again_first(world: World) -> None:
    shown = page(world)
    merge(world, "12289", into="12286")
    assert refused(lambda: lock(world, shown=shown)) == "lock_changed"
    assert state(world) == "open"
    shown = page(world)
    with world.app.app_context(), writing() as session:
        parent = session.get_one(Unit, world.units["331"])
        unit_changes.add_unit(session, UnitRow("99999", "Xã Mới", "Mới", "commune"), parent, date(2021, 7, 1))
    assert refused(lambda: lock(world, shown=shown)) == "lock_changed"
    lock(world)


def test_locking_stops_nobodys_work(world: World, phone: MakePhone) -> None:
    one = phone("xa1")
    one.create(quantity=3)
    one.sync()
    freeze = lock(world)
    record = one.create(quantity=4)
    one.sync()
    assert one.outbox == []
    assert record in one.records
    assert [row.records for row in locking.frozen(world, freeze).table.rows if row.unit.name == "Xã Chính Nghĩa"] == [1]


def test_where_communes_are_right_below_the_province(world: World) -> None:
    """As since July 2025: the same code."""
    add_communes(world, "33", 2)
    rows = locking.frozen(world, lock(world, "tinh", "33")).table.rows
    assert [(row.leaf, row.silent) for row in rows if row.unit.name == "Xã số 1"] == [(True, True)]
    assert {row.unit.parent_id for row in rows if row.unit.name.startswith("Xã số")} == {world.units["33"]}


@pytest.mark.databases("both")
def test_a_campaign_whose_figures_were_locked_is_not_deleted(world: World) -> None:
    lock(world)
    with world.app.app_context(), writing() as session:
        assert not lifecycle.delete_empty(session, world.campaign)


def test_an_id_is_known_however_it_was_typed() -> None:
    id_ = short_id(f"0{'1' * 63}")
    assert (id_, spoken(id_)) == ("048H248H248H248H", "048H-248H-248H-248H")
    for text in (id_, spoken(id_), "o48h 248h 248H–248h", " O48H-248H-248H-248H "):
        assert typed_id(text) == id_, text
    assert typed_id("l" * 16) == typed_id("I" * 16) == "1" * 16
    for text in ("", id_[1:], f"{id_}0", "U" * 16, "<script>alert(1)", "٠" * 16):
        assert typed_id(text) == "", text


@pytest.mark.databases("both")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_commune_that_confirms_while_its_district_locks(world: World, phone: MakePhone) -> None:
    """L-30: the lock waits for the stream, and has what came before it."""
    one = phone("xa1")
    one.create(quantity=1)
    one.sync()
    page_of_unit, unit = shown_to(world, "xa1"), world.units["12286"]

    def confirms(session: Session) -> None:
        seals.seal(session, Scope(session, world.officers["xa1"]), unit, world.campaign, page_of_unit)

    with meanwhile(world, confirms):
        freeze = lock(world)
    assert locking.frozen(world, freeze).head["covered"] == {"units": 2, "reporting": 1, "sealed": 1}


@pytest.mark.databases("both")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_of_two_at_once_one_wins(world: World) -> None:
    """The other waits, and gets a sentence."""
    shown = page(world)
    with meanwhile(world, lambda session: locked(session, world, "huyen", "331", shown)):
        assert refused(lambda: lock(world, shown=shown)) == "lock_moved"
    assert len(log_of(world)) == 1


@pytest.mark.databases("both")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_level_that_locks_while_the_one_above_does(world: World) -> None:
    above, shown = page(world, "33"), page(world)
    with meanwhile(world, lambda session: locked(session, world, "tinh", "33", above)):
        assert refused(lambda: lock(world, shown=shown)) == "locked_above"


@pytest.mark.databases("both")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_campaign_that_is_archived_while_a_level_locks(world: World) -> None:
    shown = page(world)
    with meanwhile(world, lambda session: lifecycle.set_status(session, world.campaign, "archived")):
        assert refused(lambda: lock(world, shown=shown)) == "archived"


@pytest.mark.databases("both")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_unit_that_is_merged_while_a_level_locks(world: World) -> None:
    shown = page(world)

    def first(session: Session) -> None:
        into, old = (session.get_one(Unit, world.units[code]) for code in ("12286", "12289"))
        unit_changes.merge(session, [old], into, date(2021, 7, 20))

    with meanwhile(world, first):
        assert refused(lambda: lock(world, shown=shown)) == "lock_changed"
