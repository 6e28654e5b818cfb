"""A split and what runs at the same time: one waits for the other, none for one that waits for it (SPEC C-1, L-55)."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.models import HintChange, Record, Stream, Unit, UnitSplit
from server.models.installation import lock_catalog
from server.services.campaigns import amending
from server.services.figures import seals
from server.services.hints import freshness
from server.services.organisation import split_undo, tree_locks, unit_changes
from server.services.records import streams
from server.services.reports.snapshot import locking
from server.services.units.scope import Scope
from support.world.changes import shown, split, unsplit
from support.world.locking import lock, page, state
from support.world.meanwhile import PATIENCE_S, meanwhile, pushed
from support.world.world import World

pytestmark = pytest.mark.slow
A_MOMENT_S = 0.5
"""Seconds in which the other one comes to where it waits, or takes what it must not yet."""


def test_a_record_that_is_on_its_way_to_a_new_unit_is_not_lost(world: World) -> None:
    """L-52: taking back waits for the push, then sees its record."""
    row = split(world, "12286", "12287=Xã Tân Lập", xa2="12287")
    with meanwhile(world, pushed(world, "xa2", "12287")), pytest.raises(ValueError, match="written"):
        unsplit(world, row)
    with world.app.app_context(), reading() as session:
        assert session.get_one(Unit, world.units["12287"]).merged_at is None
        assert session.scalars(select(Record)).one().hidden is False


def test_a_confirmation_that_is_on_its_way_keeps_the_split(world: World) -> None:
    """L-52."""
    row = split(world, "12286", "12287=Xã Tân Lập", xa2="12287")
    at = shown(world, "xa1")

    def confirm(session: Session) -> None:
        assert seals.seal(session, Scope(session, world.officers["xa1"]), world.units["12286"], world.campaign, at)

    with meanwhile(world, confirm), pytest.raises(ValueError, match="confirmed"):
        unsplit(world, row)


@pytest.mark.parametrize("back", [False, True])
def test_a_lock_of_figures_at_the_same_moment(world: World, monkeypatch: pytest.MonkeyPatch, *, back: bool) -> None:
    """A level locks: it has the streams, and takes units and roles next. Who took these first would wait for ever."""
    row = split(world, "331", "333", below={"12289": "333"}) if back else ""
    there = threading.Event()

    def slowly(session: Session) -> None:
        there.set()
        threading.Event().wait(A_MOMENT_S)
        lock_catalog(session)

    monkeypatch.setattr(locking, "lock_catalog", slowly)
    at = page(world, "331")
    with ThreadPoolExecutor(1) as other:
        locks = other.submit(lock, world, "huyen", "331", at)
        assert there.wait(PATIENCE_S)
        act = (lambda: unsplit(world, row)) if back else lambda: split(world, "331", "333", below={"12289": "333"})
        with pytest.raises(ValueError, match="locked"):
            act()
        locks.result(PATIENCE_S)
    assert state(world, "331") == "locked"


def test_a_lock_of_figures_that_waited_for_a_split_is_drawn_anew(world: World) -> None:
    at = page(world, "331")

    def splits(session: Session) -> None:
        row = session.get_one(UnitSplit, made)
        split_undo.take_back(session, row)

    made = split(world, "331", "333", below={"12289": "333"})
    with meanwhile(world, splits), pytest.raises(Problem) as told:
        lock(world, "huyen", "331", page(world, "331"))
    assert told.value.code == "lock_changed"
    assert lock(world, "huyen", "331", at), "as it was before"


def test_two_who_take_the_same_split_back(world: World) -> None:
    row = split(world, "331", "333", below={"12289": "333"})

    def first(session: Session) -> None:
        split_undo.take_back(session, session.get_one(UnitSplit, row))

    with meanwhile(world, first), pytest.raises(ValueError, match="taken_back"):
        unsplit(world, row)


def test_a_merger_at_the_same_moment(world: World) -> None:
    """It has units and roles, and takes no stream that somebody else may hold."""

    def merges(session: Session) -> None:
        old, into = (session.get_one(Unit, world.units[code]) for code in ("12289", "12286"))
        unit_changes.merge(session, [old], into, date(2021, 7, 20))

    with meanwhile(world, merges), pytest.raises(ValueError, match="not_below"):
        split(world, "331", "333", below={"12289": "333"})


def test_a_job_that_makes_hints_at_the_same_moment(world: World) -> None:
    """It has its stream, then says that the hints of others are out of date."""
    with world.app.app_context(), reading() as session:
        by_unit = dict(
            session.execute(select(Stream.unit_id, Stream.id).where(Stream.campaign_id == world.campaign)).all()
        )

    def stores(session: Session) -> None:
        streams.lock(session, [by_unit[world.units["12289"]]])
        freshness.outdate(session, set(by_unit.values()) - {by_unit[world.units["12289"]]})

    with meanwhile(world, stores):
        split(world, "331", "333", below={"12289": "333"})
    with world.app.app_context(), reading() as session:
        assert session.get_one(HintChange, by_unit[world.units["12289"]]).changes == 1
        assert session.get_one(HintChange, by_unit[world.units["12286"]]).changes == 2


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_campaign_that_is_amended_and_a_new_unit_wait_for_no_lock_of_each_other(world: World) -> None:
    """Who amends has the catalogue's lock, its row, and takes units next; a split waits before it holds any of them."""
    with ThreadPoolExecutor(1) as other:
        with world.app.app_context(), writing() as session:
            amending.to_amend(session, Scope(session, world.officers["tinh"]), world.campaign, lock=True)
            made = other.submit(split, world, "12286", "12287=Xã Tân Lập")
            until_waiting(session)
            session.execute(select(Unit).with_for_update())
        assert made.result(PATIENCE_S)


def until_waiting(session: Session) -> None:
    """Until another transaction waits for a lock."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    deadline = time.monotonic() + PATIENCE_S
    while not session.scalar(waiting):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_split_locks_streams_first_and_all_it_needs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """C-1: those of the unit and all below it, and of the parts that stand; not those of its neighbours."""
    calls, real = list[list[str]](), streams.lock

    def noting(session: Session, ids: Any = (), places: Any = ()) -> Any:
        calls.append(list(ids))
        return real(session, ids, places)

    monkeypatch.setattr(streams, "lock", noting)
    monkeypatch.setattr(tree_locks, "AT_ONCE", 3)
    row = split(world, "331", "333", below={"12289": "333"})
    unsplit(world, row)
    with world.app.app_context(), reading() as session:
        units = [world.units[code] for code in ("331", "12286", "12289", "333")]
        every = session.scalars(select(Stream.id).where(Stream.unit_id.in_(units)).order_by(Stream.id)).all()
    assert [stream for some in calls for stream in some] == [*every, *every]
    assert max(map(len, calls)) == 3, "a statement names no more of a province's thousands"
