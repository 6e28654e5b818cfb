"""Totals without evidence: stated, confirmed, withdrawn, and replaced by records without counting twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from server.core.db import db, reading, writing
from server.core.problem_details import Problem
from server.models import AuditLine, TotalStep
from server.services.campaigns import lifecycle
from server.services.totals.entering import Statement
from server.services.totals.said import LONGEST, Reach, unsupported
from support.clients.phone import Phone
from support.world import totals
from support.world.changes import merge, status
from support.world.meanwhile import meanwhile
from support.world.purging import purge
from support.world.totals import NHANLA, XA1, confirm, covered, decided, left, said, state, table, withdraw
from support.world.world import World
from sync.errors import Refused
from sync.protocol import FIGURE_MAX

pytestmark = pytest.mark.sqlite_first

MakePhone = Callable[..., Phone]
WHY = "Đếm lại theo sổ"


def refused(act: Callable[[], object]) -> str:
    with pytest.raises((Problem, Refused)) as told:
        act()
    return str(getattr(told.value, "code", ""))


def banner(officer: Phone, *quantities: int) -> list[str]:
    made = [officer.create(quantity=quantity) for quantity in quantities]
    officer.sync()
    return made


# --- the rule ------------------------------------------------------------------------


@pytest.mark.parametrize("reach", list(Reach))
@pytest.mark.parametrize("amount", [0, 1, 7])
@pytest.mark.parametrize("base", [0, 3])
def test_records_replace_it_step_by_step_and_never_below_nothing(reach: Reach, amount: int, base: int) -> None:
    """L-41: every record takes as much as it shows; what is left is never negative, nor more than was said."""
    before = None
    for records in range(20):
        rest = unsupported(reach, amount, base, records)
        assert 0 <= rest <= amount
        if before is not None:
            assert rest in (before, before - 1)
        before = rest
    assert unsupported(reach, amount, base, 1000) == 0
    altogether = amount if reach == Reach.WHOLE else base + amount
    for records in range(base, 20):
        assert records + unsupported(reach, amount, base, records) == max(altogether, records)


@pytest.mark.both_databases
def test_the_whole_of_a_figure_is_the_total_or_the_records_whichever_is_more(world: World, phone: MakePhone) -> None:
    officer = phone("xa1")
    state(world, "xa1", banners=10)
    assert left(world) == 10
    banner(officer, 4)
    assert left(world) == 6, "a record that waits is evidence"
    cell = table(world).total.cells["banners"]
    assert (cell.included, cell.unsupported) == (4, 6), "the columns add up to what was said"
    banner(officer, 5, 3)
    assert left(world) == 0
    assert table(world).total.cells["banners"].included == 12, "more evidence than was said: the records count"


def test_what_comes_besides_the_records_is_on_top_of_those_of_that_moment(world: World, phone: MakePhone) -> None:
    officer = phone("xa1")
    banner(officer, 4)
    state(world, "xa1", banners=3, more={"reach": Reach.BESIDES})
    assert left(world) == 3
    banner(officer, 2)
    assert left(world) == 1
    banner(officer, 5)
    assert left(world) == 0


@pytest.mark.both_databases
def test_a_record_that_is_deleted_or_purged_gives_its_part_back(world: World, phone: MakePhone) -> None:
    """The statement stands; it has lost its evidence again."""
    officer = phone("xa1")
    state(world, "xa1", banners=10)
    first, second = banner(officer, 4, 3)
    assert left(world) == 3
    officer.delete(first)
    officer.sync()
    assert left(world) == 7
    purge(world, second)
    assert left(world) == 10


def test_a_record_that_is_returned_or_not_counted_is_no_evidence(world: World, phone: MakePhone) -> None:
    """What was said stands in for it again, in its own column, until the record is mended."""
    officer = phone("xa1")
    state(world, "xa1", banners=10)
    first, second, third = banner(officer, 4, 3, 2)
    decided(world, first)
    decided(world, second, "returned", WHY)
    decided(world, third, "not_counted", WHY)
    cell = table(world).total.cells["banners"]
    assert (cell.amounts["counted"], cell.amounts.get("waiting", 0), cell.unsupported) == (4, 0, 6)
    officer.sync()
    officer.edit(second, quantity=5)
    officer.sync()
    cell = table(world).total.cells["banners"]
    assert (cell.amounts["counted"], cell.amounts["waiting"], cell.unsupported) == (4, 5, 1)


def test_a_figure_of_distinct_values_is_compared_by_their_number(world: World, phone: MakePhone) -> None:
    officer = phone("xa1")
    state(world, "xa1", scripts=3)
    for script in ("Tin một", "Tin một", "Tin hai"):
        officer.create(
            "broadcast",
            script=script,
            schedule={"from": "2021-07-01", "to": "2021-07-02", "times_a_day": 1},
            minutes=5,
            programme="own",
        )
    officer.sync()
    assert left(world, "scripts") == 1
    assert table(world, included=True).total.cells["scripts"].included == 2


# --- who says what ---------------------------------------------------------------------


def test_a_unit_states_its_own_and_has_reported(world: World) -> None:
    assert covered(world).reporting == 0
    state(world, "xa1", banners=3, leaflets=200)
    assert (covered(world).reporting, covered(world).silent) == (1, 1)
    row = next(row for row in table(world).rows if row.unit.id == world.units[XA1])
    assert not row.silent
    cell = row.cells["banners"]
    assert (cell.amounts.get("counted", 0), cell.unsupported, cell.unconfirmed, cell.is_unreported) == (0, 3, 0, False)


def test_the_level_above_states_it_and_the_unit_is_silent_until_it_confirms(world: World) -> None:
    """L-40: it never counts as reported before; one act confirms all of it."""
    state(world, "huyen", NHANLA, banners=3, leaflets=200, conferences=0)
    found = table(world)
    row = next(row for row in found.rows if row.unit.id == world.units[NHANLA])
    assert row.silent
    assert row.cells["banners"].is_unreported
    assert (row.cells["banners"].unsupported, row.cells["banners"].unconfirmed) == (3, 3)
    assert (row.cells["conferences"].nil, row.cells["conferences"].nil_above) == (0, 1)
    assert covered(world).reporting == 0
    assert refused(lambda: confirm(world, "huyen", NHANLA)) == "forbidden"
    assert confirm(world, "nhanla", NHANLA) == 3
    assert confirm(world, "nhanla", NHANLA, {"banners": 1}) == 0, "a double click"
    row = next(row for row in table(world).rows if row.unit.id == world.units[NHANLA])
    assert not row.silent
    assert (row.cells["banners"].unsupported, row.cells["banners"].unconfirmed) == (3, 0)
    assert (row.cells["conferences"].nil, row.cells["conferences"].is_nil) == (1, True)
    assert covered(world).reporting == 1
    stated, confirmed = said(world, NHANLA)["banners"].steps
    assert [(step.act, step.on_behalf, name) for step, name in (stated, confirmed)] == [
        ("state", True, "Người duyệt huyện Kim Động"),
        ("confirm", False, "Cán bộ xã Nhân La"),
    ]


def test_the_unit_mends_what_the_level_above_stated(world: World) -> None:
    state(world, "huyen", banners=3)
    assert refused(lambda: state(world, "xa1", banners=5)) == "reason_needed"
    assert state(world, "xa1", banners=5, more={"reason": WHY}) == 1
    found = said(world)["banners"]
    assert (found.last.amount, found.last.reported, found.awaits) == (5, True, False)
    assert [step.amount for step, _ in found.steps] == [3, 5], "what was said before stays"


def test_the_level_above_adjusts_with_a_reason_and_its_sign_shows_it(world: World) -> None:
    """The unit stays one that has reported; its amount is the level above's until it confirms that too."""
    state(world, "xa1", banners=5)
    assert refused(lambda: state(world, "huyen", banners=2)) == "reason_needed"
    state(world, "huyen", banners=2, more={"reason": "Kiểm tra tại chỗ"})
    row = next(row for row in table(world).rows if row.unit.id == world.units[XA1])
    assert not row.silent
    assert (row.cells["banners"].unsupported, row.cells["banners"].unconfirmed) == (2, 2)
    assert covered(world).reporting == 1
    assert refused(lambda: withdraw(world, "huyen", "banners", WHY)) == "forbidden", "only the unit takes its word back"


def test_a_total_is_withdrawn_with_a_reason(world: World) -> None:
    state(world, "xa1", banners=5)
    assert refused(lambda: withdraw(world, "xa1", "banners", "  ")) == "reason_needed"
    assert withdraw(world, "xa1", "banners", WHY)
    assert withdraw(world, "xa1", "banners", WHY, number=1) is False, "a double click"
    assert refused(lambda: withdraw(world, "xa1", "banners", WHY)) == "total_moved"
    assert refused(lambda: withdraw(world, "xa1", "leaflets", WHY)) == "not_found"
    assert (left(world), covered(world).reporting) == (0, 0)
    assert table(world).total.cells["banners"].is_unreported
    state(world, "xa1", banners=4)
    assert left(world) == 4, "said anew, without a reason: nothing stood"


def test_nothing_to_report_is_signed(world: World, phone: MakePhone) -> None:
    """An empty field is not 0, and 0 is not nothing unless somebody says so."""
    assert refused(lambda: state(world, "xa1", banners=0, more={"is_nil": False})) == "total_nil"
    assert refused(lambda: state(world, "xa1", banners=3, more={"is_nil": True})) == "total_nil"
    state(world, "xa1", banners=0)
    cell = next(row for row in table(world).rows if row.unit.id == world.units[XA1]).cells["banners"]
    assert (cell.nil, cell.is_nil, cell.unsupported) == (1, True, 0)
    banner(phone("xa1"), 2)
    assert not table(world).total.cells["banners"].is_nil, "a record says otherwise"
    state(world, "nhanla", NHANLA, leaflets=5)
    banner(phone("nhanla", NHANLA), 1)
    assert refused(lambda: state(world, "nhanla", NHANLA, banners=0)) == "total_nil", "there is a record of it"


def test_a_nil_said_twice_counts_one_unit(world: World, phone: MakePhone) -> None:
    """By a record of the phone and by a total: one unit, not two."""
    officer = phone("xa1")
    officer.create("plan", **{"nil/banners": True})
    officer.sync()
    state(world, "xa1", banners=0)
    found = table(world)
    assert found.total.cells["banners"].nil == 1
    state(world, "nhanla", NHANLA, banners=0)
    assert table(world).total.cells["banners"].nil == 2
    assert table(world, "33").total.cells["banners"].nil == 2


@pytest.mark.parametrize(
    ("who", "unit", "code"),
    [
        ("nhanla", XA1, "not_found"),
        ("phucu", XA1, "not_found"),
        ("huyen", "33", "not_found"),
        ("quantri", XA1, "forbidden"),
    ],
)
def test_who_may_not_state_one(world: World, who: str, unit: str, code: str) -> None:
    assert refused(lambda: state(world, who, unit, banners=3)) == code


@pytest.mark.parametrize(
    ("amount", "more", "code"),
    [
        (-1, {}, "total_amount"),
        (FIGURE_MAX + 1, {}, "total_amount"),
        (3, {"note": "x" * (LONGEST + 1)}, "too_long"),
        (3, {"reach": "twice"}, "bad_request"),
        (3, {"source": "rumour"}, "bad_request"),
    ],
)
def test_what_is_no_total(world: World, amount: int, more: dict[str, Any], code: str) -> None:
    assert refused(lambda: state(world, "xa1", banners=amount, more=more)) == code
    assert said(world) == {}


def test_a_figure_that_counts_units_is_never_stated(world: World) -> None:
    assert refused(lambda: state(world, "xa1", hotline_units=1)) == "bad_request"


@pytest.mark.both_databases
def test_all_or_none_of_a_page(world: World) -> None:
    assert refused(lambda: state(world, "xa1", leaflets=100, banners=-1)) == "total_amount"
    assert said(world) == {}


# --- at the same time ------------------------------------------------------------------


def test_a_page_sent_twice_states_once(world: World) -> None:
    page = [Statement("banners", 3, 0)]
    for expected in (1, 0):
        with world.app.app_context(), writing() as session:
            assert totals.stated(session, world, "xa1", XA1, page) == expected
    assert len(said(world)["banners"].steps) == 1


def test_a_page_from_before_somebody_else_s_gets_a_sentence(world: World) -> None:
    state(world, "xa1", banners=3)
    assert refused(lambda: state(world, "xa2", banners=5, more={"shown": 0, "reason": WHY})) == "total_moved"
    state(world, "huyen", leaflets=100)
    page = totals.shown(world)
    state(world, "huyen", leaflets=200, more={"reason": WHY})
    assert refused(lambda: confirm(world, "xa1", page={"leaflets": page["leaflets"]})) == "total_moved"
    assert said(world)["leaflets"].awaits


@pytest.mark.both_databases
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_of_two_who_state_at_once_one_gets_a_sentence(world: World) -> None:
    def first(session: Session) -> None:
        totals.stated(session, world, "xa1", XA1, [Statement("banners", 3, 0)])

    with meanwhile(world, first):
        assert refused(lambda: state(world, "xa2", banners=5, more={"shown": 0})) == "total_moved"
    assert [step.amount for step, _ in said(world)["banners"].steps] == [3]


@pytest.mark.both_databases
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_campaign_that_is_archived_meanwhile(world: World) -> None:
    with meanwhile(world, lambda session: lifecycle.set_status(session, world.campaign, "archived")):
        assert refused(lambda: state(world, "xa1", banners=5)) == "archived"


def test_a_closed_campaign_still_takes_them_and_an_archived_one_does_not(world: World) -> None:
    status(world, "closed")
    state(world, "xa1", banners=3)
    status(world, "archived")
    assert refused(lambda: state(world, "xa1", leaflets=3)) == "archived"
    assert refused(lambda: confirm(world, "xa1")) == "archived"


@pytest.mark.both_databases
def test_units_that_are_merged_keep_what_they_said(world: World) -> None:
    """It stays the old unit's, below its successor, whose people change it."""
    state(world, "nhanla", NHANLA, banners=3)
    state(world, "xa1", banners=4)
    merge(world, NHANLA, into=XA1)
    assert table(world).total.cells["banners"].unsupported == 7
    assert table(world, XA1).total.cells["banners"].unsupported == 7
    state(world, "xa1", NHANLA, banners=2, more={"reason": WHY})
    assert table(world).total.cells["banners"].unsupported == 6
    assert covered(world).units == 1


# --- what is kept ------------------------------------------------------------------------


def test_every_act_is_in_the_log(world: World) -> None:
    state(world, "huyen", banners=3)
    confirm(world, "xa1")
    state(world, "xa1", banners=4, more={"reason": WHY, "source": "book"})
    withdraw(world, "xa1", "banners", WHY)
    with world.app.app_context(), reading() as session:
        query = select(AuditLine).where(AuditLine.act.startswith("total_")).order_by(AuditLine.number)
        rows = session.scalars(query).all()
        session.expunge_all()
    assert [(row.act, json.loads(row.new)["amount"], json.loads(row.new)["source"]) for row in rows] == [
        ("total_stated", 3, "phone"),
        ("total_confirmed", 3, "phone"),
        ("total_stated", 4, "book"),
        ("total_withdrawn", 4, "book"),
    ]
    assert [row.old and json.loads(row.old)["amount"] for row in rows] == ["", 3, 3, 4]
    assert {row.about_id for row in rows} == {world.units[XA1]}
    assert not any(WHY in row.new for row in rows), "no text that somebody typed"


COLUMNS = "base, source, note, reason, officer_id, on_behalf, reported, at FROM total_step"
REPLACE = "INSERT OR REPLACE INTO total_step SELECT"
TRUNCATE = "TRUNCATE total_step"
"""Instead, on PostgreSQL, which has no such insert."""


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE total_step SET amount = 99",
        "DELETE FROM total_step",
        f"{REPLACE} id, stream_id, figure, number, act, 99, reach, {COLUMNS}",
        f"{REPLACE} 'AAAAAAAAAAAAAAAA', stream_id, figure, number, act, 99, reach, {COLUMNS}",
    ],
)
def test_no_statement_alters_one(world: World, statement: str) -> None:
    state(world, "xa1", banners=3)
    with world.app.app_context():
        on_sqlite = db.engine.dialect.name == "sqlite"
        asked = text(statement if on_sqlite or REPLACE not in statement else TRUNCATE)
        with pytest.raises(DBAPIError), writing() as session:
            session.execute(asked)
        with reading() as session:
            assert session.scalars(select(TotalStep.amount)).all() == [3]


@pytest.mark.both_databases
def test_a_campaign_with_totals_is_not_deleted(world: World) -> None:
    state(world, "xa1", banners=3)
    with world.app.app_context(), writing() as session:
        assert lifecycle.delete_empty(session, world.campaign) is False
