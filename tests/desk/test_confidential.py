"""The confidential annex: consolidated from the commune to the province, by the law in force, shown nowhere else."""

from __future__ import annotations

import io
import re
from typing import Any

import docx
import pytest

from server.core.db import reading, writing
from server.models import Campaign, SealedAnnex
from server.models.installation import lock_catalog
from server.services.confidential.annexes import opened
from server.services.confidential.totals import FEEDS, VictimTotals
from support.clients.desk import MakeDesk
from support.world.annexes import TOTALS, enter, freeze, freeze_of, page
from support.world.changes import merge
from support.world.confidential import PEOPLE, appoint, proven, vault
from support.world.locking import lock
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture(autouse=True)
def _officers(world: World) -> None:
    appoint(world)


def word(one: Any, annex: str) -> Any:
    answer = one.http.get(f"/desk/annex/{annex}/word")
    assert answer.status_code == 200
    return docx.Document(io.BytesIO(answer.data))


def cells(made: Any) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for table in made.tables for row in table.rows]


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.costly
def test_from_the_commune_to_the_province_each_sees_what_those_below_froze(world: World, desk: MakeDesk) -> None:
    commune, other = proven(world, desk(), "mat_xa"), proven(world, desk(), "mat_nhanla")
    district, province = proven(world, desk(), "mat_huyen"), proven(world, desk(), "mat_tinh")
    assert enter(commune, world, "12286", received="3", supported="2", **{"r.medical": "2", "r.initial": "1"})
    assert commune.status == 303
    page(district, world, "331")
    assert "Xã Chính Nghĩa – – chưa chốt" in district.text, "entered and not frozen"
    first = freeze(commune, world, "12286")
    enter(other, world, "12289", nil="1")
    freeze(other, world, "12289")
    page(district, world, "331")
    assert "Số liệu của 2/2 đơn vị." in district.text
    assert "Tổng cộng 3 2" in district.text
    assert "Xã Nhân La KPS KPS" in district.text
    second = freeze(district, world, "331")
    page(province, world, "33")
    assert "Số liệu của 1/2 đơn vị." in province.text
    third = freeze(province, world, "33")
    made = word(province, third)
    assert ["", "Tổng cộng", "3", "2"] in cells(made)
    assert ["2", "Huyện Phù Cừ", "–", "–"] in cells(made)
    assert ["", "Hỗ trợ y tế", "người", "2"] in cells(made)
    assert "LƯU HÀNH NỘI BỘ" in " ".join(cells(made)[1])
    footer = made.sections[1].first_page_footer.paragraphs[0].text
    assert "Lưu hành nội bộ" in footer
    assert re.search(r"Mã [0-9A-Z-]{19}, mã kiểm tra [0-9a-f]{16}", footer)
    said = "\n".join(each.text for each in made.paragraphs)
    assert "Tiếp nhận: 03 người." in said
    assert "Số liệu của 01/02 đơn vị; đơn vị chưa báo cáo không tính trong số trên." in said
    assert word(province, first).paragraphs, "a province reads a commune's"
    assert province.http.get(f"/desk/annex/{third}/word").data == province.http.get(f"/desk/annex/{third}/word").data
    for one, annex in ((commune, second), (commune, third), (district, third), (other, first)):
        assert one.http.get(f"/desk/annex?annex={annex}").status_code == 404
        assert one.http.get(f"/desk/annex/{annex}/word").status_code == 404
    province.get(f"/desk/annex?annex={third}")
    assert "Đúng số liệu đã khóa" in province.text


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["12286", "331", "33"])
@pytest.mark.costly
def test_the_campaign_s_report_says_the_same_with_and_without(world: World, desk: MakeDesk, unit: str) -> None:
    def report() -> str:
        data = reader.http.get(f"/desk/report/word?unit={world.units[unit]}&campaign={world.campaign}&annexes=all").data
        made = docx.Document(io.BytesIO(data))
        said = "\n".join(each.text for each in made.paragraphs) + str(cells(made))
        return re.sub(r"\d\d giờ \d\d phút", "", said)

    reader = desk("quantri")
    before = report()
    assert "Có báo cáo riêng." in before
    commune, district = proven(world, desk(), "mat_xa"), proven(world, desk(), "mat_huyen")
    freeze_of(world, commune)
    freeze(district, world, "331")
    assert report() == before
    frozen = lock(world)
    reader.get(f"/desk/locked/{frozen}")
    assert reader.status == 200
    for path in ("/desk/figures", "/desk/report", "/desk/queue", "/desk/audit"):
        one = desk("tinh")
        one.get(path)
        assert "annex/" not in one.html
        assert (path == "/desk/audit") == ("phụ lục nội bộ" in one.text.lower()), "only that something was done"


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.costly
def test_cases_take_over_what_was_entered_and_nothing_counts_twice(world: World, desk: MakeDesk) -> None:
    """The seam for a capability that keeps cases: it says what a unit has, and what was typed counts no more."""
    one, above = proven(world, desk(), "mat_xa"), proven(world, desk(), "mat_huyen")
    enter(one, world, "12286", received="7", supported="5")
    here = world.units["12286"]
    FEEDS.add("cases", lambda _s, _r, _c, unit: VictimTotals(2, 1, {"medical": 1}) if unit == here else None)
    try:
        page(one, world, "12286")
        assert "Số liệu lấy từ hồ sơ vụ việc" in one.text
        assert not one.has_form(TOTALS)
        id_ = freeze(one, world, "12286")
        assert ["", "Tổng cộng", "2", "1"] not in cells(word(one, id_))
        assert "Tiếp nhận: 02 người." in "\n".join(each.text for each in word(one, id_).paragraphs)
        page(above, world, "331")
        assert "Tổng cộng 2 1" in above.text
        enter_other = proven(world, desk(), "mat_nhanla")
        enter(enter_other, world, "12289", received="4", supported="4")
        freeze(enter_other, world, "12289")
        page(above, world, "331")
        assert "Tổng cộng 6 5" in above.text
    finally:
        FEEDS._parts.clear()  # noqa: SLF001  # a process keeps the parts of all its applications
    page(one, world, "12286")
    assert one.form(TOTALS).values["received"] == ["7"], "it is on record"


@pytest.mark.databases("both")
def test_a_merged_unit_s_totals_are_its_successor_s(world: World, desk: MakeDesk) -> None:
    old, new = proven(world, desk(), "mat_nhanla"), proven(world, desk(), "mat_xa")
    enter(old, world, "12289", received="4", supported="4"), enter(new, world, "12286", received="1", supported="1")
    merge(world, "12289", into="12286")
    assert not page(old, world, "12289").has_form(TOTALS)
    page(new, world, "12286")
    assert "Của xã Nhân La trước khi sáp nhập" in new.text
    id_ = freeze(new, world, "12286")
    with world.app.app_context(), reading() as session:
        total = opened(vault(world), session.get_one(SealedAnnex, id_)).total
    assert total == VictimTotals(5, 5, {})


def test_regimes_are_those_of_the_law_in_force(world: World, desk: MakeDesk) -> None:
    one = page(proven(world, desk(), "mat_xa"), world, "12286")
    assert "r.essential" in one.form(TOTALS).values
    assert "r.interpreter" not in one.form(TOTALS).values
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        campaign = session.get_one(Campaign, world.campaign)
        campaign.ends_on = campaign.ends_on.replace(year=2025)
    page(one, world, "12286")
    assert len([name for name in one.form(TOTALS).values if name.startswith("r.")]) == 10
    assert set(PEOPLE) == {"mat_xa", "mat_nhanla", "mat_huyen", "mat_phucu", "mat_tinh"}
