"""Totals without evidence at the desk: entered, confirmed, read out of a message; in every table with their sign."""

from __future__ import annotations

import io
import json
import re
from html import unescape
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from server.core.db import reading
from server.models import AuditLine, Campaign, TotalStep, Unit
from server.services.figures import loading
from server.services.progress.silent import silent_units
from server.services.units.scope import Scope
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world import totals
from support.world.changes import add_communes, merge, status
from support.world.papers import cells, opened
from support.world.totals import NHANLA, XA1, said
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

STATE, CONFIRM, WITHDRAW = "/desk/totals", "/totals/confirm", "/totals/withdraw"
READ, TAKE = "/totals/read", "/totals/take"


def open_totals(one: Any, world: World, unit: str) -> None:
    one.get(f"/desk/totals?unit={world.units[unit]}&campaign={world.campaign}")
    assert one.status == 200, one.text


def open_pasted(one: Any, world: World, unit: str) -> None:
    one.get(f"/desk/totals?unit={world.units[unit]}&campaign={world.campaign}")
    assert one.status == 200, one.text


def test_a_commune_enters_its_own(world: World, desk: MakeDesk) -> None:
    """From the line above the figures; the number stands beside the approved ones with its sign."""
    one = desk("xa1")
    one.get("/desk/figures")
    assert "Số liệu chưa có minh chứng" in one.text
    open_totals(one, world, XA1)
    assert "Số liệu đơn vị tự tổng hợp" in one.text
    one.post(
        one.form(STATE), **{"amount.banners": "3", "amount.leaflets": "1.200", "nil.panels": "1", "source": "book"}
    )
    one.follow()
    assert "Đã lưu 3 số liệu." in one.text
    assert "3 chiếc (tổng số) sổ theo dõi · Cán bộ 1 xã Chính Nghĩa" in one.text
    assert "còn 3 chiếc chưa có minh chứng" in one.text
    found = said(world)
    assert {code: each.last.amount for code, each in found.items()} == {"banners": 3, "leaflets": 1200, "panels": 0}
    one.get("/desk/figures")
    assert one.figures()["Tổng cộng"]["Băng rôn"] == "0"
    assert one.figures()["Tổng cộng"]["Băng rôn: chưa có minh chứng"] == "3† chưa có minh chứng"
    assert "Áp phích: chưa có minh chứng" not in one.figures()["Tổng cộng"], "only where there is something"
    assert one.figures()["Tổng cộng"]["Pa nô"] == "KPS"
    assert "đã có số liệu" in one.text
    with world.app.app_context(), reading() as session:
        lines = session.scalars(select(AuditLine).where(AuditLine.act == "total_stated")).all()
        assert {line.actor_id for line in lines} == {world.officers["xa1"]}
        assert {json.loads(line.new)["figure"] for line in lines} == {"banners", "leaflets", "panels"}


@pytest.mark.slow
def test_the_district_enters_it_and_the_commune_confirms_in_one_step(world: World, desk: MakeDesk) -> None:
    district, commune = desk("huyen"), desk("nhanla")
    open_totals(district, world, NHANLA)
    assert "Số liệu do cấp trên tổng hợp" in district.text
    district.post(district.form(STATE), **{"amount.banners": "3", "amount.airings": "20", "nil.panels": "1"})
    district.follow()
    assert "3 số liệu do cấp trên tổng hợp còn chờ xã Nhân La xác nhận" in district.text
    assert not district.has_form(CONFIRM)
    district.get("/desk/figures")
    row = district.figures()["Xã Nhân La"]
    assert (row["Băng rôn"], row["Pa nô"]) == ("–", "–")
    assert row["Băng rôn: chưa có minh chứng"].startswith("3‡")
    assert row["Pa nô: chưa có minh chứng"].startswith("KPS‡")
    assert "0/2 xã đã có số liệu, 2 chưa báo cáo" in district.text

    commune.get("/desk/figures/give")
    assert "Cấp trên đã tổng hợp 3 số liệu, chờ đơn vị xác nhận." in commune.text
    open_totals(commune, world, NHANLA)
    commune.post(commune.form(CONFIRM))
    commune.follow()
    assert "Đã xác nhận 3 số liệu." in commune.text
    assert not commune.has_form(CONFIRM)
    district.get("/desk/figures")
    row = district.figures()["Xã Nhân La"]
    assert (row["Băng rôn"], row["Pa nô"]) == ("0", "KPS")
    assert row["Băng rôn: chưa có minh chứng"].startswith("3†")
    assert "1/2 xã đã có số liệu, 1 chưa báo cáo" in district.text


@pytest.mark.slow
def test_a_refused_page_keeps_what_was_typed(world: World, desk: MakeDesk) -> None:
    one = desk("xa1")
    open_totals(one, world, XA1)
    one.post(one.form(STATE), **{"amount.banners": "3,5", "amount.leaflets": "200", "note": "Ông Tư báo"})
    assert one.status == 422
    assert "Băng rôn: Đề nghị ghi số nguyên" in one.text
    values = one.form(STATE).values
    assert (values["amount.banners"], values["amount.leaflets"], values["note"]) == (["3,5"], ["200"], ["Ông Tư báo"])
    assert said(world) == {}
    one.post(one.form(STATE), **{"amount.banners": "3"})
    assert {code: each.last.note for code, each in said(world).items()} == {
        "banners": "Ông Tư báo",
        "leaflets": "Ông Tư báo",
    }
    open_totals(one, world, XA1)
    one.post(one.form(STATE), **{"amount.banners": "5"})
    assert (one.status, "Đề nghị ghi lý do" in one.text) == (422, True)
    one.post(one.form(STATE), reason="Đếm lại")
    one.follow()
    assert "Lý do: Đếm lại" in one.text
    assert said(world)["banners"].last.amount == 5


def test_a_page_from_before_shows_what_is_there_now(world: World, desk: MakeDesk) -> None:
    one, two = desk("xa1"), desk("xa2")
    open_totals(one, world, XA1)
    form = one.form(STATE)
    totals.state(world, "xa2", banners=7)
    one.post(form, **{"amount.banners": "3"})
    assert one.status == 409
    assert "vừa được người khác ghi" in one.text
    assert "7 chiếc (tổng số)" in one.text
    assert one.form(STATE).values["shown.banners"] == ["1"]
    one.post(one.form(STATE), reason="Thống nhất lại")
    assert said(world)["banners"].last.amount == 3
    del two


@pytest.mark.slow
def test_it_is_withdrawn_with_a_reason(world: World, desk: MakeDesk) -> None:
    totals.state(world, "xa1", banners=7)
    one = desk("xa1")
    open_totals(one, world, XA1)
    one.post(one.form(WITHDRAW), reason="")
    assert one.status == 422
    open_totals(one, world, XA1)
    one.post(one.form(WITHDRAW), reason="Ghi nhầm đơn vị")
    one.follow()
    assert "Đã rút số liệu." in one.text
    one.get("/desk/figures")
    assert one.figures()["Tổng cộng"]["Băng rôn"] == "–"


@pytest.mark.slow
def test_a_merged_unit_s_totals_are_opened_and_changed_by_its_successor(world: World, desk: MakeDesk) -> None:
    """New records are the successor's and replace only its own totals; what the other one said is adjusted by hand."""
    totals.state(world, "nhanla", NHANLA, banners=7)
    merge(world, NHANLA, into=XA1)
    one = desk("xa1")
    one.get("/desk/figures")
    link = re.search(r'class="unsupported" href="([^"]+)">7†', one.html)
    assert link is not None
    one.get(unescape(link[1]))
    one.post(one.form(STATE), reason="Đã có minh chứng ở đơn vị mới", **{"amount.banners": "2"})
    one.follow()
    one.get("/desk/figures")
    assert one.figures()["Tổng cộng"]["Băng rôn: chưa có minh chứng"].startswith("2†")


@pytest.mark.parametrize(("who", "unit"), [("phucu", XA1), ("nhanla", XA1), ("xa1", "331")])
def test_who_may_not_see_it(world: World, desk: MakeDesk, who: str, unit: str) -> None:
    one = desk(who)
    for page in ("totals", "totals/silent"):
        one.get(f"/desk/{page}?unit={world.units[unit]}&campaign={world.campaign}")
        assert one.status == 404, page


def test_who_sees_and_may_not_write_has_no_form(world: World, desk: MakeDesk) -> None:
    one = desk("quantri")
    open_totals(one, world, XA1)
    assert not one.has_form(STATE)
    assert not one.has_form(READ)
    status(world, "archived")
    one = desk("xa1")
    open_totals(one, world, XA1)
    assert not one.has_form(STATE)


def test_the_log_says_it_in_words(world: World, desk: MakeDesk) -> None:
    totals.state(world, "xa1", banners=7, more={"source": "paper"})
    one = desk("quantri")
    one.get("/desk/audit?act=total_stated")
    assert "Ghi số liệu chưa có minh chứng" in one.text
    assert "chỉ tiêu: Băng rôn; nguồn: giấy" in one.text
    assert "số lượng: 7" in one.text


# --- a message ---------------------------------------------------------------------------

MESSAGE = (
    "Kính gửi đ/c Hòa:\n"
    "Chính Nghĩa: treo 3 băng rôn, phát thanh 20 lần, 15 cờ phướn\n"
    "Xã Nhân La: hai pano; khoảng 200 tờ rơi\n"
    "Xã Lạ: 4 băng rôn"
)


def paste(one: Any, world: World, unit: str = "331", text: str = MESSAGE) -> Any:
    open_pasted(one, world, unit)
    one.post(one.form(READ), text=text)
    assert one.status == 200, one.text
    return one.form(TAKE)


def test_a_message_is_read_and_nothing_is_stored_before_somebody_says_so(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    form = paste(one, world)
    assert "Số liệu đề xuất (5)" in one.text
    assert "15 cờ phướn : có số hoặc tên hoạt động chưa rõ" in one.text
    assert "số ước chừng, đề nghị hỏi lại số đúng" in one.text
    assert "“Xã Lạ” là đơn vị nào?" in one.text
    assert not any(name.startswith("take.") for name in form.values), "nothing is ticked"
    one.post(form)
    one.follow()
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(TotalStep)).all() == []
    form = paste(one, world)
    one.post(form, **{"take.1": "1", "take.3": "1", "amount.3": "4"})
    one.follow()
    assert "Đã lưu 2 số liệu." in one.text
    assert {code: each.last.amount for code, each in said(world).items()} == {"banners": 3}
    found = said(world, NHANLA)["panels"].last
    assert (found.amount, found.source, found.note, found.on_behalf) == (4, "zalo", "hai pano", True)


def test_a_line_of_an_unknown_unit_needs_one(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    form = paste(one, world)
    one.post(form, **{"take.5": "1"})
    assert one.status == 422
    assert "chưa chọn đơn vị" in one.text
    one.post(one.form(TAKE), **{"take.5": "1", "unit.5": world.units[NHANLA]})
    assert said(world, NHANLA)["banners"].last.amount == 4
    form = paste(one, world)
    one.post(form, **{"take.5": "1", "unit.5": world.units[NHANLA], "amount.5": "6"})
    assert one.status == 409, "the page did not show what that unit has"
    assert "Đã ghi trước: 4 chiếc" in one.text
    one.post(one.form(TAKE), **{"take.5": "1", "reason": "Xã báo lại"})
    assert said(world, NHANLA)["banners"].last.amount == 6


def test_two_lines_of_one_figure_are_not_taken(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    form = paste(one, world)
    one.post(form, **{"take.1": "1", "take.5": "1", "unit.5": world.units[XA1]})
    assert (one.status, said(world)) == (422, {})


def test_a_commune_reads_its_own_message(world: World, desk: MakeDesk) -> None:
    """Without a name in it: it is the unit's own."""
    one = desk("xa1")
    form = paste(one, world, XA1, "treo 3 băng rôn, phát 20 lần; không tổ chức hội nghị")
    one.post(form, **{"take.1": "1", "take.3": "1"})
    found = said(world)
    assert {code: each.last.amount for code, each in found.items()} == {"banners": 3, "conferences": 0}
    assert not found["banners"].awaits


def test_text_of_a_message_is_no_markup(world: World, desk: MakeDesk) -> None:
    one = desk("xa1")
    paste(one, world, XA1, "treo 3 băng rôn <script>alert(1)</script> {{ 7*7 }}")
    assert "<script>alert" not in one.html
    assert "{{ 7*7 }}" in one.text


# --- silent units ------------------------------------------------------------------------


def test_each_silent_unit_has_a_polite_text_of_its_own(world: World, desk: MakeDesk) -> None:
    totals.state(world, "xa1", banners=3)
    totals.state(world, "huyen", NHANLA, banners=3)
    one = desk("huyen")
    one.get(f"/desk/totals/silent?unit={world.units['331']}&campaign={world.campaign}")
    assert "1/2 đơn vị đã có số liệu." in one.text
    assert "Kính gửi đồng chí Cán bộ xã Nhân La," in one.text
    assert "hệ thống chưa nhận được kết quả của xã Nhân La" in one.text
    assert "Đề nghị đồng chí xem và xác nhận" in one.text
    assert "Trân trọng cảm ơn." in one.text
    assert "Chính Nghĩa" not in one.html.partition('<ul class="rows">')[2], "who has reported is not on it"
    assert " bạn " not in one.text
    totals.confirm(world, "nhanla", NHANLA)
    one.get(f"/desk/totals/silent?unit={world.units['331']}&campaign={world.campaign}")
    assert "Không còn đơn vị nào chưa báo cáo." in one.text


def test_silent_units_are_paged_and_none_is_left_out(world: World, desk: MakeDesk) -> None:
    """121 communes below a district: each is on one page, and the last page has no way on."""
    add_communes(world, "331", 119)
    one = desk("huyen")
    listed: list[str] = []
    for number, shown in ((1, 50), (2, 50), (3, 21)):
        one.get(f"/desk/totals/silent?unit={world.units['331']}&campaign={world.campaign}&page={number}")
        named = re.findall(r"<strong>([^<]+)</strong>\s*<span class=\"wide\">", one.html)
        assert len(named) == shown
        assert f"Trang {number}/3" in one.text.replace(" / ", "/")
        assert ('rel="next"' in one.html) == (number < 3)
        listed += named
    assert len(set(listed)) == 121
    one.get(f"/desk/totals/silent?unit={world.units['331']}&campaign={world.campaign}&page=99")
    assert 'rel="next"' not in one.html
    assert 'rel="prev"' in one.html, "a page that is not there is the last one"


def agreed(world: World) -> set[str]:
    """The communes of the district that are silent, for the list, the table and the coverage alike."""
    with world.app.app_context(), reading() as session:
        scope, campaign = Scope(session, world.officers["quantri"]), session.get_one(Campaign, world.campaign)
        for top in ("33", "331", XA1):
            unit = session.get_one(Unit, world.units[top])
            rows = list(loading.load(session, scope, campaign, unit.id).leaves())
            it, covered = silent_units(session, campaign, unit), loading.coverage(session, unit.id, campaign.id)
            listed = {each.unit.id for each in it.units if each.is_silent}
            assert listed == {row.unit.id for _, row in rows if row.silent}, top
            assert it.count == covered.silent == len(listed), top
            assert it.all == covered.units
            assert top == XA1 or it.all == sum(not row.unit.merged for _, row in rows), top
        district = silent_units(session, campaign, session.get_one(Unit, world.units["331"]))
        silent = {each.unit.id for each in district.units}
        return {code for code in (XA1, NHANLA) if world.units[code] in silent}


@pytest.mark.databases("both")
def test_who_is_silent_in_the_list_is_silent_in_the_table(world: World) -> None:
    """Also where a unit stands for another one; of that one nobody is asked."""
    assert agreed(world) == {XA1, NHANLA}
    totals.state(world, "nhanla", NHANLA, banners=0)
    assert agreed(world) == {XA1}
    merge(world, NHANLA, into=XA1)
    assert agreed(world) == set(), "it stands for one that stated something"
    with world.app.app_context(), reading() as session:
        merged, campaign = session.get_one(Unit, world.units[NHANLA]), session.get_one(Campaign, world.campaign)
        assert silent_units(session, campaign, merged).all == 0


@pytest.mark.databases("both")
def test_a_unit_that_came_after_a_campaign_makes_nobody_above_it_less_silent(world: World) -> None:
    status(world, "archived")
    add_communes(world, XA1, 1)
    assert agreed(world) == {XA1, NHANLA}


# --- files ---------------------------------------------------------------------------------


NAMED = ("Tổng cộng", "Xã Chính Nghĩa", "Xã Nhân La")


def opened_sheet(data: bytes, *, data_only: bool = False) -> Any:
    return load_workbook(io.BytesIO(data), data_only=data_only).active


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.costly
def test_every_file_has_the_column_and_the_sign(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Excel, CSV, the quick report and the report: the same numbers as the page; sums are formulas."""
    officer = phone("xa1")
    officer.create(quantity=2)
    officer.sync()
    totals.decided(world, next(iter(officer.records)))
    totals.state(world, "xa1", banners=5)
    totals.state(world, "huyen", NHANLA, banners=4)
    one = desk("huyen")
    data = one.http.get("/desk/figures.xlsx", buffered=True).data
    sheet, raw = opened_sheet(data, data_only=True), opened_sheet(data)
    rows = {str(row[0].value).strip(): row[0].row for row in sheet.iter_rows()}
    at = next(cell.column for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("Băng rôn ("))
    shown = {name: [sheet.cell(rows[name], at + more).value for more in range(3)] for name in rows if name in NAMED}
    assert shown == {"Tổng cộng": [2, "", 7], "Xã Chính Nghĩa": [2, "", 3], "Xã Nhân La": ["–", "", 4]}
    total = raw.cell(rows["Tổng cộng"], at + 2)
    assert str(total.value).startswith("=SUM(")
    assert total.number_format == '#,##0"†‡"'
    assert raw.cell(rows["Xã Nhân La"], at + 2).number_format == '#,##0"‡"'
    text = one.http.get("/desk/figures.csv?csv=comma", buffered=True).data.decode("utf-8-sig")
    assert "Băng rôn (chiếc), chưa có minh chứng" in text
    included = one.http.get("/desk/figures.xlsx?count=with_waiting", buffered=True).data
    assert opened_sheet(included).cell(rows["Tổng cộng"], at + 1).value is not None
    one.get("/desk/figures?quick=1")
    assert "- Băng rôn: 2 chiếc; chưa có minh chứng 7" in one.text
    one.get("/desk/report")
    assert "Số liệu chưa có minh chứng, không cộng vào các số liệu trong báo cáo: Băng rôn 7 chiếc." in one.text
    assert "01 đơn vị có số liệu do cấp trên tổng hợp, chưa có xác nhận của đơn vị: xã Nhân La." in one.text
    assert "Các đơn vị chưa báo cáo: xã Nhân La." in one.text
    word = opened(
        one.http.get(f"/desk/report/word?campaign={world.campaign}&unit={world.units['331']}&annexes=all").data
    )
    assert cells(word, "Xã Chính Nghĩa")["Băng rôn (chiếc)"] == "2"
    assert cells(word, "Xã Chính Nghĩa")["Băng rôn: chưa có minh chứng (chiếc)"] == "3†"
    assert cells(word, "Xã Nhân La")["Băng rôn (chiếc)"] == "–"
    assert cells(word, "Xã Nhân La")["Băng rôn: chưa có minh chứng (chiếc)"] == "4‡"
    assert cells(word, "Tổng cộng")["Băng rôn: chưa có minh chứng (chiếc)"] == "7†‡"
