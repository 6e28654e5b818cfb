"""Totals of victims entered by hand where cases are kept: taken over, never counted twice, dropped when mistaken."""

from __future__ import annotations

import re

import pytest

from support.clients.desk import MakeDesk
from support.world.cases import entered, entitle, figures, line, made
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture(autouse=True)
def _holders(world: World) -> None:
    entitle(world)


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.costly
def test_totals_entered_by_hand_are_taken_over_and_never_counted_twice(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    page = f"/desk/annex?unit={world.units['12286']}&campaign={world.campaign}"
    one.get(page)
    one.post(one.form("/desk/annex/totals"), received="3", supported="2", **{"r.medical": "2"})
    made(one)
    assert "Số người tiếp nhận 3 Số người được hỗ trợ 2" in figures(one, world, "12286"), "two have no case yet"
    one.get(page)
    assert "Số liệu lấy từ hồ sơ vụ việc" in one.text
    for _ in range(3):
        case, _ = made(one)
        line(one, case, "medical", "provided", "2021-08-01")
    assert "Số người tiếp nhận 4 Số người được hỗ trợ 3" in figures(one, world, "12286")
    one.get(page)
    assert "4" in re.findall(r"Số người tiếp nhận (\d+)", one.text)


def test_a_mistaken_hand_entry_can_be_dropped(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    one.get(f"/desk/annex?unit={world.units['12286']}&campaign={world.campaign}")
    one.post(one.form("/desk/annex/totals"), received="30", supported="20")
    made(one)
    figures(one, world, "12286")
    one.post(one.form("/desk/cases/hand"))
    assert "Số người tiếp nhận 1 Số người được hỗ trợ 0" in figures(one, world, "12286")
