"""Sealed, closed, archived while phones write on: SPEC L-1 to L-5."""

from __future__ import annotations

import itertools
import threading
from datetime import date
from typing import Any

import pytest

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.models import Campaign, Record, Seal, Unit
from server.services.campaigns import lifecycle
from server.services.organisation import unit_changes
from server.services.organisation.unit_changes import UnitRow
from server.services.records import late, streams
from server.services.review.decisions import Verdict, decide
from server.services.units.scope import Scope
from support.clients.phone import MakePhone
from support.world.changes import lines, merge, seal, shown, status
from support.world.world import World
from sync.late import AFTER_DUE

pytestmark = pytest.mark.databases("sqlite")


def marks_here(world: World, *records: str) -> dict[str, list[str]]:
    with world.app.app_context(), reading() as session:
        return late.marks_of(session, [session.get_one(Record, id_) for id_ in records])


def late_here(world: World, *records: str) -> set[str]:
    """After the seal or after the end: the world's due date is long past, so every record of today is after that."""
    return {id_ for id_, marks in marks_here(world, *records).items() if {*marks} - {AFTER_DUE}}


@pytest.mark.databases("both")
def test_what_comes_after_the_seal_is_stored_and_late_on_both_sides(world: World, phone: MakePhone) -> None:
    """L-1, L-3, L-24."""
    one, two = phone("xa1"), phone("xa2")
    before, edited = one.create(quantity=1), one.create(quantity=2)
    one.sync()
    assert seal(world, "xa1")
    assert lines(world) == (2, None)
    after = two.create(quantity=3)
    two.sync()
    two.edit(edited, note="bổ sung")
    two.sync(), one.sync()
    for each in (one, two):
        assert {record: each.late(record) for record in (before, edited, after)} == {
            before: False, edited: True, after: True
        }  # fmt: skip
    assert late_here(world, before, edited, after) == {edited, after}
    assert (one.outbox, one.refused, two.refused) == ([], {}, {})


def test_a_decision_after_the_seal_makes_nothing_late(world: World, phone: MakePhone) -> None:
    """L-1: a review takes a position too, but only writes can be late."""
    one = phone("xa1")
    record = one.create(quantity=1)
    one.sync()
    seal(world, "xa1")
    with world.app.app_context(), writing() as session:
        survivors = {name: list(ids) for name, ids in one.records[record].fields.items()}
        decide(session, Scope(session, world.officers["huyen"]), record, Verdict("counted"), survivors)
    one.sync()
    assert one.records[record].decision is not None
    assert not one.late(record)
    assert late_here(world, record) == set()


def test_sealing_again_moves_forward_only(world: World, phone: MakePhone) -> None:
    """L-2."""
    one = phone("xa1")
    one.create(quantity=1)
    one.sync()
    old_page = shown(world, "xa1")
    assert seal(world, "xa1", page=old_page)
    assert not seal(world, "xa1", page=old_page), "a double click is one seal"
    second = one.create(quantity=2)
    one.sync()
    assert one.late(second)
    assert seal(world, "huyen"), "the unit above on its behalf"
    one.sync()
    assert not one.late(second), "one tap seals again"
    assert not seal(world, "xa1", page=old_page), "an old page takes nothing out"
    assert lines(world) == (2, None)
    with world.app.app_context(), reading() as session:
        rows = session.query(Seal).order_by(Seal.position).all()
        assert [(row.position, row.on_behalf) for row in rows] == [(1, False), (2, True)]


@pytest.mark.databases("both")
def test_what_arrived_while_the_page_was_open_is_late(world: World, phone: MakePhone) -> None:
    """L-2: a seal says what was on the screen, and never more than there is."""
    one = phone("xa1")
    first = one.create(quantity=1)
    one.sync()
    page = shown(world, "xa1")
    second = one.create(quantity=2)
    one.sync()
    assert seal(world, "xa1", page=page)
    one.sync()
    assert (one.late(first), one.late(second)) == (False, True)
    assert seal(world, "xa1", page=dict.fromkeys(page, 10**6))
    assert lines(world)[0] == 2


def test_a_set_may_be_empty_and_a_draft_is_not_part_of_it(world: World, phone: MakePhone) -> None:
    """L-2, L-22, L-1, L-23."""
    one = phone("xa1")
    assert seal(world, "xa1")
    assert lines(world) == (0, None)
    draft = one.create(submitted=None, quantity=1)
    one.sync()
    assert not one.late(draft)
    assert late_here(world, draft) == set()
    one.edit(draft, submitted=True)
    one.sync()
    assert one.late(draft)
    assert late_here(world, draft) == {draft}


@pytest.mark.parametrize(("who", "code"), [("nhanla", "not_found"), ("phucu", "not_found"), ("quantri", "forbidden")])
def test_who_may_not_seal(world: World, who: str, code: str) -> None:
    with pytest.raises(Problem) as told:
        seal(world, who, page=shown(world, "xa1"))
    assert told.value.code == code
    assert lines(world) == (None, None)


def test_closing_refuses_nothing_and_excuses_nothing(world: World, phone: MakePhone) -> None:
    """L-4, L-1."""
    one = phone("xa1")
    one.create(quantity=1)
    one.sync()
    seal(world, "xa1")
    between = one.create(quantity=2)
    one.sync()
    status(world, "closed")
    after = one.create(quantity=3)
    one.sync()
    assert lines(world) == (1, 2)
    assert (one.refused, one.late(between), one.late(after)) == ({}, True, True)
    assert seal(world, "xa1"), "a unit may seal after the end"
    one.sync()
    assert (one.late(between), one.late(after)) == (False, True)
    status(world, "open")
    one.sync()
    assert lines(world) == (3, None)
    assert not one.late(after)


@pytest.mark.databases("both")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer: nobody comes between
def test_who_waited_to_close_what_was_closed_meanwhile_moves_no_line(
    world: World, phone: MakePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """L-17: the line is where the first of them found the stream; what came in between stays late."""
    one, lock, calls = phone("xa1"), streams.lock, itertools.count()
    one.create(quantity=1)
    one.sync()

    def meanwhile(*args: Any, **named: Any) -> Any:
        if next(calls) == 0:
            thread = threading.Thread(target=first)
            thread.start()
            thread.join()
        return lock(*args, **named)

    def first() -> None:
        status(world, "closed")
        one.create(quantity=2)
        one.sync()

    monkeypatch.setattr(streams, "lock", meanwhile)
    status(world, "closed")
    assert lines(world) == (None, 1)


@pytest.mark.databases("both")
def test_a_unit_that_came_while_the_campaign_was_archived_takes_part_once_it_is_reopened(
    world: World, phone: MakePhone
) -> None:
    """L-5, L-6: also as the successor of one that took part; where it is only closed again, what comes is late."""
    status(world, "archived")
    row = UnitRow("99999", "Xã Mới", "Mới", "commune")
    with world.app.app_context(), writing() as session:
        parent = session.get_one(Unit, world.units["331"])
        world.units["99999"] = unit_changes.add_unit(session, row, parent, date(2021, 7, 1)).id
    merge(world, "12286", into="99999", with_people=True)
    status(world, "closed")
    assert lines(world, "99999") == (None, 0)
    one = phone("xa1", "99999")
    late = one.create(quantity=1)
    one.sync()
    assert (one.refused, one.late(late)) == ({}, True)
    status(world, "open")
    assert lines(world, "99999") == (None, None)


def test_an_archived_campaign_refuses_and_what_is_refused_stays(world: World, phone: MakePhone) -> None:
    """L-5."""
    one = phone("xa1")
    kept = one.create(quantity=1)
    one.sync()
    status(world, "archived")
    record = one.create(quantity=2)
    one.sync()
    assert list(one.refused.values()) == ["archived"]
    assert [write["record"] for write in one.aside] == [record]
    assert kept in one.records, "archived streams are still told"
    with pytest.raises(Problem) as told:
        seal(world, "xa1", page=dict.fromkeys(one_stream(world), 9))
    assert told.value.code == "archived"
    status(world, "open")
    one.send_again()
    one.sync()
    assert (one.refused, record in one.records) == ({}, True)


@pytest.mark.databases("both")
def test_a_write_that_waited_for_the_archiving_is_refused(world: World, phone: MakePhone) -> None:
    """L-5: what the campaign is, is asked behind the stream's lock."""
    one = phone("xa1")
    one.create(quantity=1)
    sending = threading.Thread(target=one.sync)
    with world.app.app_context(), writing() as session:
        lifecycle.set_status(session, world.campaign, "archived")
        session.flush()
        sending.start()
        sending.join(0.5)  # it waits for this transaction: for the stream, or for the one writer of SQLite
        assert sending.is_alive()
    sending.join()
    assert list(one.refused.values()) == ["archived"]


def one_stream(world: World) -> dict[str, int]:
    status(world, "open")
    page = shown(world, "xa1")
    status(world, "archived")
    return page


def test_who_ends_a_campaign(world: World) -> None:
    def change(who: str, wanted: str) -> Any:
        with world.app.app_context(), writing() as session:
            lifecycle.change_status(session, Scope(session, world.officers[who]), world.campaign, wanted)

    for who, code in (("xa1", "not_found"), ("huyen", "not_found")):
        with pytest.raises(Problem) as told:
            change(who, "closed")
        assert told.value.code == code
    change("tinh", "closed")
    change("quantri", "archived")
    with world.app.app_context(), reading() as session:
        assert session.get_one(Campaign, world.campaign).status == "archived"
