"""The supplementary report says of each change what is known of it, and makes nothing up."""

from __future__ import annotations

import io
from typing import Any

import docx
import pytest
from docx.document import Document

from server.core.clock import now_ms, stopped_at
from server.core.db import writing
from server.models import Campaign
from server.models.installation import lock_catalog
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone, Phone
from support.world.changes import merge
from support.world.locking import lock, unlock
from support.world.purging import purge
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

BANNERS = "Băng rôn (chiếc)"
MOVED = "sáp nhập, thay đổi đơn vị"
HOUR_MS = 3_600_000


def decided(desk: MakeDesk, officer: Phone, kind: str = "banner", **fields: Any) -> str:
    record = officer.create(kind, **fields)
    officer.sync()
    one = desk("huyen")
    one.get(f"/desk/records/{record}")
    one.post(one.form("/decide"), verdict="counted")
    return record


def word(desk: MakeDesk, path: str) -> Document:
    answer = desk("huyen").http.get(f"/desk/{path}", buffered=True)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return docx.Document(io.BytesIO(answer.data))


def supplement(desk: MakeDesk, first: str, second: str) -> Document:
    return word(desk, f"report/word?freeze={second}&since={first}")


def lines(document: Document) -> dict[tuple[str, str], list[str]]:
    """By unit and figure: reported before, reported now, difference, reason."""
    table = next(each for each in document.tables if each.rows[0].cells[-1].text == "Lý do")
    rows = [[cell.text for cell in row.cells] for row in table.rows[1:]]
    return {(row[1], row[2]): row[3:] for row in rows}


def prose(document: Document) -> str:
    return "\n".join(each.text for each in document.paragraphs)


def assert_page_says(desk: MakeDesk, path: str, document: Document) -> None:
    """Every paragraph and cell of the Word file stands on its page."""
    one = desk("huyen")
    one.get(f"/desk/{path}")
    assert one.status == 200
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    said = {" ".join(each.split()) for each in (*(each.text for each in document.paragraphs), *cells)}
    shown = one.text.casefold()
    assert [each for each in said if each.casefold() not in shown] == []


@pytest.mark.slow
@pytest.mark.costly
def test_a_purge_nothing_to_report_and_a_figure_that_counts_units(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    """No unit was merged, so no reason says so."""
    one, far = phone("xa1"), phone("nhanla", "12289")
    decided(desk, one, quantity=3)
    purged = decided(desk, one, quantity=4)
    first = lock(world)
    unlock(world)
    purge(world, purged)
    decided(desk, one, "mobile", sessions=2, hotline=True)
    far.create("plan", **{"nil/banners": True})
    far.sync()
    second = lock(world)
    document = supplement(desk, first, second)
    assert_page_says(desk, f"locked/{second}/page?since={first}", document)
    assert_page_says(desk, f"locked/{first}/page", word(desk, f"report/word?freeze={first}"))
    for unknown in (f"locked/{second}/page?since=x", f"locked/{second}/page?count=all"):
        assert desk("huyen").http.get(f"/desk/{unknown}").status_code == 404
    found = lines(document)
    assert found["Xã Chính Nghĩa", BANNERS] == ["7", "3", "-4", "01 kết quả đã xóa vĩnh viễn"]
    assert found["Tổng cộng", BANNERS] == ["7", "3", "-4", "01 kết quả đã xóa vĩnh viễn"]
    assert found["Xã Nhân La", BANNERS] == ["chưa báo cáo", "không phát sinh", "0", "báo không phát sinh"]
    assert found["Tổng cộng", "Đơn vị có tuyên truyền 111 (đơn vị)"] == ["chưa báo cáo", "1", "+1", "thêm 01 kết quả"]
    assert MOVED not in str(found)
    assert "đã báo cáo chưa báo cáo" not in prose(document)
    assert "báo cáo trước chưa có số liệu, nay báo cáo" in prose(document)


@pytest.mark.slow
def test_a_record_that_was_purged_after_both(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """What it had is gone from both, so only that it was there is said."""
    one = phone("xa1")
    decided(desk, one, quantity=3)
    changed = one.create(quantity=4)
    one.sync()
    first = lock(world)
    unlock(world)
    reviewer = desk("huyen")
    reviewer.get(f"/desk/records/{changed}")
    reviewer.post(reviewer.form("/decide"), verdict="counted")
    second = lock(world)
    purge(world, changed)
    assert lines(supplement(desk, first, second))["Tổng cộng", BANNERS][2:] == ["+4", "có kết quả đã xóa vĩnh viễn"]


@pytest.mark.slow
def test_units_that_were_merged_in_between(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    decided(desk, phone("xa1"), quantity=3)
    decided(desk, phone("nhanla", "12289"), quantity=7)
    first = lock(world)
    unlock(world)
    merge(world, "12289", into="12286")
    document = supplement(desk, first, lock(world))
    found = lines(document)
    assert found["Xã Nhân La", BANNERS] == ["7", "–", "-7", MOVED]
    assert found["Xã Chính Nghĩa", BANNERS] == ["3", "10", "+7", MOVED]
    assert ("Tổng cộng", BANNERS) not in found
    assert "Số liệu tổng cộng không thay đổi" in prose(document)


@pytest.mark.slow
def test_a_figure_that_the_campaign_has_no_more(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    decided(desk, phone("xa1"), quantity=3)
    first = lock(world)
    unlock(world)
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Campaign, world.campaign).kinds = ["broadcast"]
    document = supplement(desk, first, lock(world))
    assert "Băng rôn: đã báo cáo 3 chiếc, nay không còn số liệu." in prose(document)


@pytest.mark.slow
@pytest.mark.costly
def test_characters_that_no_word_file_holds_and_long_names(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """A reason pasted from elsewhere, a campaign with the longest name that there may be."""
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Campaign, world.campaign).name = "Tên dài " * 37
    decided(desk, phone("xa1"), quantity=3)
    first = lock(world)
    unlock(world, why="Ghi nhầm\x0b ở \x01 xã")
    decided(desk, phone("xa2"), quantity=4)
    second = lock(world)
    assert "Ghi nhầm  ở   xã" in prose(supplement(desk, first, second))
    for path in (f"report/word?freeze={second}", f"report/word?unit={world.units['331']}&annexes=all"):
        assert len(word(desk, path).core_properties.title) == 255


@pytest.mark.slow
def test_a_clock_that_was_set_back(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """The steps are in order, whatever the clock says."""
    decided(desk, phone("xa1"), quantity=3)
    first = lock(world)
    unlock(world)
    with stopped_at(now_ms() - HOUR_MS):
        second = lock(world)
    assert "Số liệu không thay đổi." in prose(supplement(desk, first, second))
