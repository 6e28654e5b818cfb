"""A unit confirms its figures and the level above locks them: every state of a unit, and two who do things at once."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.models import AuditLine, Campaign, Record, Seal, Unit
from server.services.campaigns import lifecycle
from server.services.figures import seals
from server.services.figures.seals import SealPreview
from server.services.organisation import unit_changes
from server.services.units.scope import Scope
from support.clients.phone import MakePhone
from support.world import locking
from support.world.changes import lines, merge, seal
from support.world.changes import shown as shown_to
from support.world.locking import lock, page, state
from support.world.meanwhile import meanwhile
from support.world.totals import XA1, decided
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

AGAIN = "Đề nghị bổ sung ảnh"


def sheet(world: World, who: str = "xa1") -> SealPreview:
    with world.app.app_context(), reading() as session:
        campaign, unit = session.get_one(Campaign, world.campaign), session.get_one(Unit, world.units[XA1])
        found = seals.sheet(session, Scope(session, world.officers[who]), unit, campaign)
        assert found is not None
        session.expunge_all()
        return found


def take_back(world: World, who: str = "huyen") -> bool:
    with world.app.app_context(), writing() as session:
        last = session.scalars(select(Seal).where(Seal.taken_back_at.is_(None)).order_by(Seal.position.desc())).first()
        assert last is not None
        return seals.take_back(session, Scope(session, world.officers[who]), last.id, AGAIN)


def acts(world: World) -> list[str]:
    with world.app.app_context(), reading() as session:
        query = select(AuditLine.act).where(AuditLine.act.in_(("sealed", "seal_taken_back")))
        return list(session.scalars(query.order_by(AuditLine.number)))


@pytest.mark.databases("both")
def test_every_state_of_a_unit(world: World, phone: MakePhone) -> None:
    """Not sent -> sent -> changed since -> sent again -> taken back -> sent again; each step once in the log."""
    officer = phone("xa1")
    officer.create(quantity=1)
    officer.sync()
    assert lines(world) == (None, None)
    assert sheet(world).fresh
    assert seal(world, "xa1")
    assert not sheet(world).fresh
    assert seal(world, "xa1") is False, "nothing to say anew"
    officer.create(quantity=2)
    officer.sync()
    assert sheet(world).fresh
    assert lines(world)[0] == 1, "what it said stands until it says more"
    assert seal(world, "xa1"), "in one step"
    assert take_back(world)
    assert lines(world)[0] == 1, "the statement before it holds again"
    assert seal(world, "xa1")
    assert acts(world) == ["sealed", "sealed", "seal_taken_back", "sealed"]


@pytest.mark.parametrize("approved_first", [True, False])
def test_approval_comes_before_or_after(world: World, phone: MakePhone, *, approved_first: bool) -> None:
    """A decision is nothing that the unit has to confirm."""
    officer = phone("xa1")
    record = officer.create(quantity=3)
    officer.sync()
    if approved_first:
        decided(world, record, "counted")
    assert seal(world, "xa1")
    if not approved_first:
        decided(world, record, "counted")
    assert not sheet(world).fresh
    found = locking.frozen(world, lock(world))
    assert (found.table.total.cells["banners"].counted, found.head["covered"]["sealed"]) == (3, 1)


def test_a_return_reopens_that_record_only(world: World, phone: MakePhone) -> None:
    """The unit's statement holds, the other record stays approved; it confirms again in one step."""
    officer = phone("xa1")
    first, second = officer.create(quantity=3), officer.create(quantity=4)
    officer.sync()
    assert seal(world, "xa1")
    decided(world, first, "counted")
    before = lines(world)
    decided(world, second, "returned", AGAIN)
    assert lines(world) == before
    assert not sheet(world).fresh, "nothing was written yet"
    with world.app.app_context(), reading() as session:
        states = dict(session.execute(select(Record.id, Record.state)).all())
    assert states == {first: "counted", second: "returned"}
    officer.sync()
    officer.edit(second, quantity=5)
    officer.sync()
    assert sheet(world).fresh
    assert seal(world, "xa1")
    with world.app.app_context(), reading() as session:
        states = dict(session.execute(select(Record.id, Record.state)).all())
    assert states == {first: "counted", second: "amended"}


@pytest.mark.databases("both")
@pytest.mark.slow
def test_a_unit_merged_between_confirming_and_locking(world: World, phone: MakePhone) -> None:
    """What it confirmed is in the locked figures, below its successor; the page from before is shown again first."""
    officer = phone("xa1")
    record = officer.create(quantity=3)
    officer.sync()
    decided(world, record, "counted")
    assert seal(world, "xa1")
    before = page(world)
    merge(world, XA1, into="12289")
    with pytest.raises(Problem, match="lock_changed"):
        lock(world, shown=before)
    assert state(world) == "open"
    found = locking.frozen(world, lock(world))
    assert found.table.total.cells["banners"].counted == 3
    assert found.head["covered"]["units"] == 1


@pytest.mark.databases("both")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_officers_who_confirm_at_once(world: World, phone: MakePhone) -> None:
    """The second waits and finds it done: one statement, and no error."""
    officer = phone("xa1")
    officer.create(quantity=3)
    officer.sync()
    shown = shown_to(world, "xa1")

    def first(session: Session) -> None:
        seals.seal(session, Scope(session, world.officers["xa1"]), world.units[XA1], world.campaign, shown)

    with meanwhile(world, first):
        assert seal(world, "xa2", page=shown) is False
    with world.app.app_context(), reading() as session:
        made = session.scalars(select(Seal)).all()
        session.expunge_all()
    assert [(each.officer_id, each.position) for each in made] == [(world.officers["xa1"], 1)]
    assert acts(world) == ["sealed"]


@pytest.mark.databases("both")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_campaign_that_is_closed_while_a_district_locks(world: World, phone: MakePhone) -> None:
    """The lock waits, and holds all that came before the end."""
    officer = phone("xa1")
    officer.create(quantity=3)
    officer.sync()
    shown = page(world)
    with meanwhile(world, lambda session: lifecycle.set_status(session, world.campaign, "closed")):
        freeze = lock(world, shown=shown)
    found = locking.frozen(world, freeze)
    assert (found.head["campaign"]["status"], found.table.total.cells["banners"].included) == ("closed", 3)


@pytest.mark.databases("both")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_unit_that_is_merged_while_it_confirms(world: World, phone: MakePhone) -> None:
    officer = phone("xa1")
    officer.create(quantity=3)
    officer.sync()
    shown = shown_to(world, "xa1")

    def first(session: Session) -> None:
        old, into = (session.get_one(Unit, world.units[code]) for code in (XA1, "12289"))
        unit_changes.merge(session, [old], into, date(2021, 7, 20))

    with meanwhile(world, first):
        assert seal(world, "xa1", page=shown) in (True, False)
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(Record.state)).all() == ["waiting"], "nothing is lost"
