"""A level that locks after the one above: as that one locked its figures, or as they are now."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from server.core.db import writing
from server.models import Unit
from server.services.organisation.unit_changes import UnitRow, add_unit
from server.services.reports.snapshot.freezing import NOW, LockChoice
from server.services.reports.workflow.papers import PaperAct, PaperState
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone, Phone
from support.world import issuing
from support.world.changes import add_communes, come
from support.world.issuing import make, opened, step
from support.world.locking import check, frozen, lock, state, unlock
from support.world.paper_steps import refused
from support.world.papers import cells, decide, with_photos
from support.world.papers import word as locked_word
from support.world.purging import purge
from support.world.world import World
from sync.errors import CODES

pytestmark = [pytest.mark.databases("sqlite"), pytest.mark.slow]


def counted(officer: Phone, reviewer: Any, quantity: int) -> str:
    record: str = officer.create(quantity=quantity)
    officer.sync()
    decide(reviewer, record)
    return record


def as_above(district: Any) -> str:
    """What the page sends for the figures that the level above locked."""
    found = re.search(r'name="late" value="([^"]*)" required> <span>theo số liệu', district.html)
    assert found is not None
    return found[1]


def test_a_late_district_has_a_way_out(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """The province has locked. The district chooses its figures of then; later ones are not in them."""
    officer, district = phone("xa1"), desk("huyen")
    first = counted(officer, district, 3)
    above = lock(world, "tinh", "33")
    counted(officer, district, 4)
    district.get(f"/desk/figures/lock?unit={world.units['331']}&campaign={world.campaign}")
    assert "Lấy số liệu nào?" in district.text
    assert "1 chỉ tiêu đã thay đổi" in district.text
    assert "cấp trên phải lập báo cáo bổ sung" in district.text
    form = district.form("/figures/lock")
    district.post(form, yes="1")
    assert district.status == 409, "nothing is chosen for them"
    assert state(world) == "open"
    district.get(f"/desk/figures/lock?unit={world.units['331']}&campaign={world.campaign}")
    district.post(district.form("/figures/lock"), yes="1", late=as_above(district))
    assert district.status == 303, district.text
    assert "Từ lúc xem đến lúc khóa" not in district.follow(), "what the level above locked is what was shown"
    freeze = re.search(r"/locked/(\w+)", district.location)
    assert freeze is not None
    found, theirs = frozen(world, freeze[1]), frozen(world, above)
    assert (found.table.total.cells["banners"].counted, state(world)) == (3, "locked")
    part = theirs.table.part(world.units["331"])
    assert part is not None
    assert found.table.sha256 == part.sha256
    assert found.row.at == theirs.row.at
    assert found.head["above"] == above
    assert check(world, freeze[1]).is_good
    district.get(f"/desk/locked/{freeze[1]}")
    assert "Theo số liệu cấp trên đã khóa" in district.text
    says = [re.search(r"tính đến (.*?)[.,(]", str(opened_text(world, each, who))) for each, who in papers(world)]
    assert says[0] is not None
    assert says[1] is not None
    assert says[0][1] == says[1][1], "both print the same moment"
    purge(world, first)
    for each in (above, freeze[1]):
        assert check(world, each).is_good
        assert list(check(world, each).erased) == [first]


def papers(world: World) -> list[tuple[str, str]]:
    """A report of each level."""
    return [(make(world, "tinh", "33"), "tinh"), (make(world, "huyen", "331"), "huyen")]


def opened_text(world: World, paper: str, who: str) -> str:
    return issuing.prose(issuing.word(world, paper, who))


def test_or_the_figures_of_now_and_signs_them(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer, district = phone("xa1"), desk("huyen")
    counted(officer, district, 3)
    lock(world, "tinh", "33")
    counted(officer, district, 4)
    assert refused(lambda: lock(world)) == "locked_above"
    assert refused(lambda: lock(world, choice=LockChoice(late="other"))) == "lock_moved"
    freeze = lock(world, choice=LockChoice(late=NOW))
    assert frozen(world, freeze).table.total.cells["banners"].counted == 7
    paper = make(world)
    assert cells(opened(issuing.word(world, paper)), "Tổng cộng")["Băng rôn (chiếc)"] == "7"
    assert step(world, paper, PaperAct.SUBMIT) is not PaperState.DRAFT


def test_what_was_locked_above_again_is_not_what_the_page_named(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer, district = phone("xa1"), desk("huyen")
    counted(officer, district, 3)
    lock(world, "tinh", "33")
    district.get(f"/desk/figures/lock?unit={world.units['331']}&campaign={world.campaign}")
    form, shown = district.form("/figures/lock"), as_above(district)
    unlock(world, "quantri", "33")
    counted(officer, district, 4)
    lock(world, "tinh", "33")
    district.post(form, yes="1", late=shown)
    assert district.status == 409
    assert "vừa được người khác khóa hoặc mở khóa" in district.text
    assert state(world) == "open"


def test_without_a_lock_above_there_is_nothing_to_choose(world: World) -> None:
    assert refused(lambda: lock(world, choice=LockChoice(late=NOW))) == "lock_moved"


def test_a_unit_that_those_figures_do_not_have_locks_its_own_of_now(world: World, desk: MakeDesk) -> None:
    """It came after the lock above: the page offers the figures of now alone, and takes no others."""
    above = lock(world, "tinh", "33")
    with world.app.app_context(), writing() as session:
        row = UnitRow("335", "Huyện Mới", "Mới", "district", "33")
        made = add_unit(session, row, session.get_one(Unit, world.units["33"]), date(2021, 1, 1))
        world.units["335"] = made.id
    add_communes(world, "335", 1)
    come(world, "huyen", "335", "reviewer")
    one = desk("huyen")
    one.get(f"/desk/figures/lock?unit={world.units['335']}&campaign={world.campaign}")
    assert f'value="{above}"' not in one.html
    one.post(one.form("/figures/lock"), yes="1", late=above)
    assert one.status == CODES["lock_not_above"].status
    assert CODES["lock_not_above"].vi in one.text
    assert state(world, "335") == "open"


def test_a_commune_has_its_photos_of_then(world: World, desk: MakeDesk) -> None:
    """Also one that has not confirmed its figures: what it signs is what was locked."""
    records = with_photos(world, desk, range(2))
    above = lock(world, "huyen", "331")
    with_photos(world, desk, range(2, 3))
    freeze = lock(world, "xa1", "12286", choice=LockChoice(late=above))
    assert frozen(world, freeze).head["photos"] == {"n": 2, "records": 2, "all": 3}
    assert frozen(world, freeze).row.at == frozen(world, above).row.at
    assert check(world, freeze).is_good
    purge(world, records[0])
    assert "Thôn Kín" in "".join(
        cell.text
        for table in opened(locked_word(desk("xa1"), freeze)).tables
        for row in table.rows
        for cell in row.cells
    )
