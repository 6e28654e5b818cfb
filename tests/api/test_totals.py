"""Totals without evidence: who states, confirms, adjusts and withdraws them, and what is none."""

from __future__ import annotations

from typing import Any

import pytest

from server.services.totals.in_force import LONGEST
from support.clients.phone import MakePhone
from support.world.totals import NHANLA, WHY, XA1, banner, confirm, covered, left, refused, said, state, table, withdraw
from support.world.world import World
from sync.protocol import FIGURE_MAX

pytestmark = pytest.mark.databases("sqlite")


def test_a_unit_states_its_own_and_has_reported(world: World) -> None:
    assert covered(world).reporting == 0
    state(world, "xa1", banners=3, leaflets=200)
    assert (covered(world).reporting, covered(world).silent) == (1, 1)
    row = next(row for row in table(world).rows if row.unit.id == world.units[XA1])
    assert not row.silent
    cell = row.cells["banners"]
    assert (cell.counted, cell.unsupported, cell.unconfirmed, cell.is_unreported) == (0, 3, 0, False)


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


@pytest.mark.databases("both")
def test_all_or_none_of_a_page(world: World) -> None:
    assert refused(lambda: state(world, "xa1", leaflets=100, banners=-1)) == "total_amount"
    assert said(world) == {}
