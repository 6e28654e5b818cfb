"""Letterheads: the usual one by level and time, changed at the desk from a day on, kept by a freeze."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import docx
import pytest
from sqlalchemy import select

from server.core.clock import today
from server.core.db import reading
from server.models import Letterhead, Unit
from server.services.reports import letterheads
from server.services.reports.letterheads import Place, signing, usual
from server.services.reports.workflow.papers import PaperState
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world import issuing, locking, papers
from support.world.world import World
from sync.errors import CODES

pytestmark = [pytest.mark.slow, pytest.mark.databases("sqlite")]
PROVINCE = Place("Tỉnh Hưng Yên", "Tỉnh Hưng Yên", "province")
DISTRICT = Place("Huyện Kim Động", "Kim Động", "district")
COMMUNE = Place("Xã Chính Nghĩa", "Chính Nghĩa", "commune")
WARD = Place("Phường Phố Hiến", "Phố Hiến", "commune")
OLD, NEW = date(2021, 8, 1), date(2025, 7, 30)


@pytest.mark.parametrize(
    ("unit", "above", "time", "said"),
    [
        (PROVINCE, None, (True, OLD), ("SỞ LAO ĐỘNG", "BC-SLĐTBXH", "GIÁM ĐỐC", "Ủy ban nhân dân tỉnh Hưng Yên")),
        (DISTRICT, PROVINCE, (True, OLD), ("PHÒNG LAO ĐỘNG", "BC-PLĐTBXH", "TRƯỞNG PHÒNG", "Sở Lao động")),
        (COMMUNE, DISTRICT, (True, OLD), ("ỦY BAN NHÂN DÂN", "BC-UBND", "TM. ỦY BAN", "Phòng Lao động")),
        (PROVINCE, None, (False, NEW), ("SỞ Y TẾ", "BC-SYT", "GIÁM ĐỐC", "Ủy ban nhân dân tỉnh Hưng Yên")),
        (WARD, PROVINCE, (False, NEW), ("ỦY BAN NHÂN DÂN\nPHƯỜNG PHỐ HIẾN", "BC-UBND", "TM. ỦY BAN", "Sở Y tế tỉnh")),
        (PROVINCE, None, (True, NEW), ("SỞ LAO ĐỘNG", "BC-SLĐTBXH", "GIÁM ĐỐC", "Ủy ban nhân dân tỉnh Hưng Yên")),
    ],
)
def test_the_usual_letterhead_by_level_and_time(
    unit: Place, above: Place | None, time: tuple[bool, date], said: tuple[str, str, str, str]
) -> None:
    (districts, day), (issuing, symbol, signing_, to) = time, said
    made = usual(unit, above, PROVINCE if above else None, has_districts=districts, day=day)
    assert made.issuing.startswith(issuing)
    assert made.symbol == symbol
    assert made.place == unit.name.split(" ", 1)[1]
    assert made.signing.startswith(signing_)
    assert made.addressees[0].startswith(to)
    assert bool(made.governing) == (unit.level != "commune"), "a people's committee has no governing body"


def test_where_the_letter_orders_the_committees_a_district_s_committee_reports() -> None:
    made = usual(DISTRICT, PROVINCE, PROVINCE, has_districts=True, day=OLD, committee=True)
    assert (made.issuing, made.symbol, made.governing) == ("ỦY BAN NHÂN DÂN\nHUYỆN KIM ĐỘNG", "BC-UBND", "")
    assert made.signing == "TM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH"
    assert made.recipients[-1] == "- Lưu: VT, LĐTBXH."
    below = usual(COMMUNE, DISTRICT, PROVINCE, has_districts=True, day=OLD, committee=True)
    assert below.addressees == ("Ủy ban nhân dân huyện Kim Động",)
    assert below.recipients[-1] == "- Lưu: VT, LĐTBXH."
    later = usual(WARD, PROVINCE, PROVINCE, has_districts=False, day=NEW)
    assert "- Công an tỉnh;" in later.recipients


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("kt. giám đốc\nphó giám đốc", "KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC"),
        ("TL CHỦ TỊCH\nTrưởng phòng", "TL. CHỦ TỊCH\nTRƯỞNG PHÒNG"),
        ("tuq.giám đốc", "TUQ. GIÁM ĐỐC"),
        ("q. giám đốc", "Q. GIÁM ĐỐC"),
        ("TM. ỦY BAN NHÂN DÂN\n\n KT.  CHỦ TỊCH \nPHÓ CHỦ TỊCH", "TM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH"),
        ("quyền trưởng", "QUYỀN TRƯỞNG"),
    ],
)
def test_signs_of_authority_have_their_full_stop(typed: str, said: str) -> None:
    assert signing(typed) == said


def change(world: World, one: Any, unit: str, **typed: str) -> Any:
    one.get(f"/desk/report/letterhead?unit={world.units[unit]}")
    return one.post(form_of(one), **typed)


def form_of(one: Any) -> Any:
    """The form that saves; the first one of the page chooses a unit."""
    return next(form for form in one.forms() if "csrf_token" in form.values and "symbol" in form.values)


def top(data: bytes) -> list[str]:
    table = docx.Document(io.BytesIO(data)).tables[0]
    return [cell.text for row in table.rows for cell in row.cells]


def word(world: World, one: Any, unit: str) -> bytes:
    answer = one.http.get(f"/desk/report/word?unit={world.units[unit]}&annexes=all", buffered=True)
    assert answer.status_code == 200
    data: bytes = answer.data
    return data


@pytest.mark.costly
def test_changed_at_the_desk_and_kept_by_what_was_presented(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    papers.fill(desk, phone)
    before = locking.lock(world)
    one = desk("huyen")
    paper = issuing.present(world)
    kept = issuing.word(world, paper)
    typed = {
        "governing": "",
        "issuing": "Ủy ban nhân dân\nhuyện Kim Động",
        "called": "Ủy ban nhân dân huyện Kim Động",
        "symbol": "bc-ubnd",
        "place": "Lương Bằng",
        "signing": "TM ủy ban nhân dân\nKT chủ tịch\nphó chủ tịch",
        "signer": "Nguyễn Văn A",
        "addressees": "Ủy ban nhân dân tỉnh Hưng Yên\n- Sở Y tế tỉnh Hưng Yên",
        "recipients": "Như trên;\n- Lưu: VT, VX.",
    }
    assert change(world, one, "331", **typed).status_code == 303
    one.follow()
    assert "Đơn vị đã sửa." in one.text
    data = word(world, one, "331")
    said = top(data)
    assert said[0].split("\n")[:2] == ["ỦY BAN NHÂN DÂN", "HUYỆN KIM ĐỘNG"]
    assert "/BC-UBND" in said[2]
    assert said[3].startswith("Lương Bằng, ngày")
    document = docx.Document(io.BytesIO(data))
    text = "\n".join(each.text for each in document.paragraphs)
    assert "Kính gửi:\n- Ủy ban nhân dân tỉnh Hưng Yên;\n- Sở Y tế tỉnh Hưng Yên." in text
    assert "(Kèm theo Báo cáo số      /BC-UBND" in text
    assert "Ủy ban nhân dân huyện Kim Động báo cáo kết quả" in text
    end = document.tables[1].rows[0].cells
    assert end[1].text.split("\n") == ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "Nguyễn Văn A"]
    assert end[0].text.split("\n") == ["Nơi nhận:", "- Như trên;", "- Lưu: VT, VX."]
    assert issuing.word(world, paper) == kept, "what was presented"
    assert "/BC-UBND" in top(papers.word(one, before))[2], "a draft of the same figures"
    locking.unlock(world)
    after = locking.lock(world)
    supplement = papers.prose(papers.opened(papers.word(one, after, f"since={before}")))
    assert "Bổ sung số liệu Báo cáo số ……/BC-UBND" in supplement
    assert locking.check(world, before).is_right


def test_versions_hold_from_their_day_and_all_are_kept(world: World, desk: MakeDesk) -> None:
    one = desk("xa1")
    for day, place in (("2021-01-01", "Một"), ("2024-01-01", "Hai"), ("2024-01-01", "Ba")):
        assert change(world, one, "12286", valid_from=day, place=place).status_code == 303
    with world.app.app_context(), reading() as session:
        unit = session.get_one(Unit, world.units["12286"])
        places = [letterheads.in_force(session, unit, date(year, 6, 1)).place for year in (2020, 2022, 2024)]
        assert places == ["Chính Nghĩa", "Một", "Ba"]
        assert len(session.scalars(select(Letterhead)).all()) == 3
    change(world, one, "12286", valid_from="2024-01-01", place="Ba")
    one.get("/desk/report/letterhead")
    assert one.html.count("Áp dụng từ 01/01/2024") == 2


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"symbol": "báo cáo"}, "letterhead_symbol"),
        ({"symbol": ""}, "letterhead_empty"),
        ({"issuing": " "}, "letterhead_empty"),
        ({"valid_from": "ngày mai"}, "letterhead_day"),
        ({"valid_from": "2024-02-01", "valid_to": "2024-01-31"}, "letterhead_last"),
        ({"valid_to": "ngày mai"}, "letterhead_last"),
        ({"signing": "TUQ. CHỦ TỊCH\nCÔNG CHỨC"}, "letterhead_mandate"),
        ({"signing": "a\nb\nc\nd\ne"}, "too_long"),
        ({"called": "x" * 201}, "too_long"),
        ({"place": "Kim\x00Động"}, "bad_request"),
    ],
)
def test_a_wrong_input_is_named_and_nothing_is_saved(
    world: World, desk: MakeDesk, typed: dict[str, str], code: str
) -> None:
    one = desk("xa1")
    assert change(world, one, "12286", **typed, signer="Đã gõ").status_code == CODES[code].status
    assert CODES[code].vi in one.text
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(Letterhead)).first() is None


@pytest.mark.parametrize(("username", "unit", "status"), [("xa1", "331", 404), ("phucu", "12286", 404)])
def test_nobody_changes_the_letterhead_of_others(
    world: World, desk: MakeDesk, username: str, unit: str, status: int
) -> None:
    one = desk(username)
    assert one.http.get(f"/desk/report/letterhead?unit={world.units[unit]}").status_code == status
    one.get("/desk/report/letterhead")
    assert one.post(form_of(one), unit=world.units[unit]).status_code == status


def test_a_deputy_signs_for_a_time_and_by_a_paper(world: World, desk: MakeDesk) -> None:
    """KT. until a day, then the leader again; TUQ. only with the paper that allows it."""
    one, at = desk("huyen"), f"/desk/report/letterhead?unit={world.units['331']}"
    one.get(at)
    one.post(form_of(one), signing="TUQ. CHỦ TỊCH\nCHÁNH VĂN PHÒNG", signer="Trần Văn C")
    assert (one.status, "cần ghi văn bản ủy quyền" in one.text) == (422, True)
    mandate = "Giấy ủy quyền số 15/GUQ-UBND ngày 01/7/2021"
    form, day = form_of(one), today()
    one.post(form, mandate=mandate, valid_from=day.isoformat(), valid_to=(day - timedelta(days=1)).isoformat())
    assert (one.status, "không trước ngày bắt đầu" in one.text) == (422, True)
    one.post(form_of(one), valid_from=day.isoformat(), valid_to=day.isoformat())
    assert one.status == 303, one.text
    one.follow()
    assert f"đến hết ngày {day:%d/%m/%Y}" in one.text
    assert mandate in one.text
    with world.app.app_context(), reading() as session:
        unit = session.get_one(Unit, world.units["331"])
        now, later = (letterheads.in_force(session, unit, day + timedelta(days=more)) for more in (0, 1))
        assert (now.signing, now.mandate) == ("TUQ. CHỦ TỊCH\nCHÁNH VĂN PHÒNG", mandate)
        assert later.signing != now.signing, "the one before holds again"
        assert letterheads.ended(session, unit.id, now, day) is None
        assert letterheads.ended(session, unit.id, now, day + timedelta(days=1)) == day
    locking.lock(world)
    paper = issuing.to(world, issuing.make(world), PaperState.SIGNED)
    one.get(f"/desk/papers/{paper}")
    assert f"Thể thức ký: TUQ. CHỦ TỊCH / CHÁNH VĂN PHÒNG; {mandate}" in one.text
    tables = issuing.opened(issuing.word(world, paper)).tables
    assert any("TUQ. CHỦ TỊCH" in cell.text for table in tables for row in table.rows for cell in row.cells)
