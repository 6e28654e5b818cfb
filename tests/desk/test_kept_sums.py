"""Sums of figures that are kept say what adding up says, whatever happened since they were made (figures/kept.py)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from server.core.db import db, reading, writing
from server.models import Campaign, Stream, SummedCampaign, SummedStream, SummedUnit, Unit
from server.models.installation import lock_catalog
from server.services.campaigns import lifecycle
from server.services.figures import keeping, kept, loading
from server.services.figures.seals import SealProgress
from server.services.progress import board, planned
from server.services.records import recount
from server.services.review import queue
from server.services.review.queue_filter import QueueFilter
from server.services.units.scope import Scope
from support.clients.phone import MakePhone
from support.jobs import inline
from support.world import totals
from support.world.changes import add_communes, merge, seal, status
from support.world.world import World, campaign
from sync.late import LATE_MARKS

UNITS = ("33", "331", "333", "12286")


def keep(world: World) -> None:
    with world.app.app_context():
        keeping.keep(world.campaign)


def said(session: Session, world: World, unit: str) -> tuple[Any, ...]:
    """The table of a unit and those right below, its coverage, what a page says of seals, the plan and what is late."""
    scope = Scope(session, world.officers["quantri"])
    campaign = session.get_one(Campaign, world.campaign)
    found = loading.load(session, scope, campaign, world.units[unit], deep=False)
    rows = [(row.unit, row.own, row.leaf, row.records, dict(row.cells), _standing(row.standing)) for row in found.rows]
    plan = planned.table(session, campaign, session.get_one(Unit, world.units[unit]), deep=False)
    parts = [
        (part.unit and part.unit.id, part.size, part.planned, part.met, [part.sum(each.code) for each in plan.figures])
        for part in (*plan.parts, plan.whole)
    ]
    asked = [QueueFilter(campaign=campaign.id, unit=world.units[unit], state=mark) for mark in LATE_MARKS]
    late = [queue.count(session, scope, campaign, each) for each in asked]
    return found.figures, rows, loading.coverage(session, world.units[unit], world.campaign), parts, late


def on_the_board(session: Session, world: World, unit: str) -> list[tuple[Any, ...]]:
    campaign, here = session.get_one(Campaign, world.campaign), session.get_one(Unit, world.units[unit])
    return [(each.unit.id, each.state, each.changed, each.states) for each in board.lines(session, campaign, here)]


def _standing(one: SealProgress) -> tuple[Any, ...]:
    made, back = one.seal and one.seal.id, one.taken_back and one.taken_back.id
    return one.units, one.sealed, one.late, made, one.by, back, one.taken_back_by


def check(world: World, *are_kept: str) -> None:
    """Compare what a page is told, inside a snapshot, with what is added up: while writing nothing kept is read.

    `are_kept`: units of which there are sums.
    """
    for unit in UNITS:
        with world.app.app_context(), reading() as session:
            here, campaign = session.get_one(Unit, world.units[unit]), session.get_one(Campaign, world.campaign)
            near = kept.parts(session, campaign, here, loading.possible(campaign))
            assert (near is not None) is (unit in are_kept), unit
            shown = said(session, world, unit), on_the_board(session, world, unit)
        with world.app.app_context(), writing() as session:
            added = said(session, world, unit), on_the_board(session, world, unit)
        assert shown == added, unit


def counted(world: World, model: Any) -> int:
    with world.app.app_context(), reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


@contextmanager
def reads_of(world: World, table: str) -> Iterator[list[str]]:
    """The statements that read a table, for the length of a with-block."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if f"FROM {table}" in statement or f"JOIN {table} " in statement:
            found.append(statement)

    with world.app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
        yield found
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.databases("both")
def test_they_say_what_adding_up_says(world: World, phone: MakePhone) -> None:
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        asked = {"banners": 3, "contests": 1, "scripts": 2, "panels": 1}
        plan = [{"figure": figure, "amount": amount} for figure, amount in asked.items()]
        session.get_one(Campaign, world.campaign).expected = plan
    officer, other, third = phone("xa1"), phone("xa2"), phone("dinhcao", "12397")
    check(world)
    keep(world)
    check(world, *UNITS)
    nil: dict[str, Any] = {"nil/contests": True}
    made = totals.banner(officer, 2, 3, 5)
    made += [officer.create("broadcast", script=name, programme="own", minutes=5) for name in ("A", "a", "B")]
    officer.create("plan", **nil), third.create("broadcast", script="A", programme="own", minutes=7)
    officer.sync(), third.sync(), other.sync()
    check(world, *UNITS)  # changed since, and added up anew
    keep(world)
    check(world, *UNITS)
    for record, verdict in zip(made, ("counted", "returned", "not_counted", "counted"), strict=False):
        totals.decided(world, record, verdict, "Ghi rõ.")
    check(world, *UNITS)
    officer.edit(made[0], quantity=70), other.edit(made[0], quantity=80), officer.delete(made[4])
    officer.sync(), other.sync()
    totals.state(world, "xa1", banners=7, panels=0)
    totals.state(world, "huyen", totals.NHANLA, leaflets=30, posters=0)
    check(world, *UNITS)
    keep(world)
    seal(world, "xa1"), seal(world, "dinhcao", "12397")
    check(world, *UNITS)
    keep(world)
    totals.confirm(world, "nhanla", totals.NHANLA)
    totals.withdraw(world, "xa1", "banners", "Nhầm.")
    totals.banner(officer, 1), officer.sync()  # late now
    check(world, *UNITS)
    keep(world)
    status(world, "closed")
    totals.banner(third, 4), third.sync()
    check(world, *UNITS)
    with world.app.app_context(), writing() as session:
        session.execute(update(Stream).values(sealed=None))
    check(world, *UNITS)
    keep(world)
    check(world, *UNITS)


def test_only_what_changed_is_added_up(world: World, phone: MakePhone) -> None:
    officer = phone("xa1")
    totals.banner(officer, 2), officer.sync()
    keep(world)
    with reads_of(world, "tally") as read:
        check_page(world)
    assert read == []
    with reads_of(world, "census") as read, reading() as session:
        on_the_board(session, world, "33")
    assert read == []
    totals.banner(officer, 2), officer.sync()
    with world.app.app_context(), reading() as session:
        assert kept.changed_units(session, world.campaign) == {world.units["12286"]: world.units["331"]}
    before = kept_units(world)
    keep(world)
    after = kept_units(world)
    assert {id_ for id_ in after if after[id_] != before[id_]} == {world.units["12286"]}
    with world.app.app_context(), reading() as session:
        assert kept.changed_units(session, world.campaign) == {}
        assert session.get_one(SummedCampaign, world.campaign).number == 2
    keep(world)
    with world.app.app_context(), reading() as session:
        assert session.get_one(SummedCampaign, world.campaign).number == 2, "nothing to do"


def check_page(world: World) -> None:
    with world.app.app_context(), reading() as session:
        said(session, world, "33")


def kept_units(world: World) -> dict[str, Any]:
    with world.app.app_context(), reading() as session:
        return {row.unit_id: row.sums for row in session.scalars(select(SummedUnit))}


@pytest.mark.databases("both")
def test_another_tree_or_due_date_ends_them_until_they_are_made_anew(world: World, phone: MakePhone) -> None:
    officer, third = phone("xa1"), phone("dinhcao", "12397")
    totals.banner(officer, 2), officer.sync(), totals.banner(third, 3), third.sync()
    totals.state(world, "xa1", panels=0), totals.state(world, "nhanla", totals.NHANLA, panels=0)
    keep(world)
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Unit, world.units["12289"]).sort_key = "a"
    check(world, *UNITS)  # on the order nothing depends
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Unit, world.units["12289"]).name = "Phường Nhân La"
    check(world)  # a plan may ask more of a ward
    keep(world)
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Campaign, world.campaign).due_levels = {"commune": "2021-07-01"}
    check(world)
    keep(world)
    check(world, *UNITS)
    add_communes(world, "331", 2)
    check(world)
    keep(world)
    check(world, *UNITS)
    merge(world, "12286", into="12289")
    check(world)
    keep(world)
    check(world, "33", "331", "333")
    merge(world, "333", into="331")
    keep(world)
    check(world, "33")  # a district with a row of one that was merged into it is added up


def test_who_makes_figures_anew_or_archives_a_campaign_leaves_none(world: World, phone: MakePhone) -> None:
    officer = phone("xa1")
    totals.banner(officer, 2), officer.sync()
    keep(world)
    with world.app.app_context(), writing() as session:
        recount.recount(session)
    check(world)
    keep(world)
    check(world, *UNITS)
    status(world, "archived")
    assert [counted(world, table) for table in keeping.TABLES] == [0] * 4
    check(world)


def test_the_job_keeps_those_of_large_campaigns(
    world: World, phone: MakePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_due() -> bool:
        with world.app.app_context(), reading() as session:
            return keeping.is_due(session)

    assert not is_due(), "six units are added up in no time"
    assert inline.done(world, keeping.KIND).state == "done"
    check(world)
    with world.app.app_context(), reading() as session:
        streams = select(func.count()).where(Stream.campaign_id == world.campaign)
        monkeypatch.setattr(keeping, "FROM", session.scalar(streams))
    assert is_due()
    assert inline.done(world, keeping.KIND).state == "done"
    assert not is_due()
    check(world, *UNITS)
    officer = phone("xa1")
    totals.banner(officer, 2), officer.sync()
    assert is_due()
    monkeypatch.setattr(kept, "MOST_CHANGED", 0)
    check(world)  # too many changed
    assert inline.done(world, keeping.KIND).state == "done"
    check(world, *UNITS)
    assert not is_due()


@pytest.mark.databases("both")
def test_a_unit_merged_into_one_outside_of_the_campaign_ends_them(world: World) -> None:
    with world.app.app_context(), writing() as session:
        own = lifecycle.open_campaign(session, world.units["331"], campaign()).id
    world.campaign = own
    keep(world)
    check(world, "33", "331", "333", "12286")
    merge(world, "12289", into="12397")
    keep(world)
    keep(world)
    with world.app.app_context(), reading() as session:
        head = session.get_one(SummedCampaign, own)
        assert (head.rules, head.number) == ("", 2), "and the job has nothing more to do"
    check(world)


def test_two_that_make_them_at_once_count_nothing_twice(world: World, phone: MakePhone) -> None:
    officer = phone("xa1")
    totals.banner(officer, 2), officer.sync()
    keep(world)
    totals.banner(officer, 3), officer.sync()
    with world.app.app_context(), reading() as session:
        slow = keeping.read(session, session.get_one(Campaign, world.campaign))
    totals.banner(officer, 4), officer.sync()
    keep(world)
    with world.app.app_context(), writing() as session:
        keeping.store(session, slow)
    check(world, *UNITS)
    assert counted(world, SummedStream) == counted(world, Stream) // 2, "of one of two campaigns"
