"""Locking at the desk, from the page that shows what will be locked to the paper that is checked."""

from __future__ import annotations

import io
import re
from html import unescape
from typing import Any

import docx
import pytest
from sqlalchemy import update

from server.core.db import writing
from server.models import DeskSession
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.changes import merge, seal
from support.world.locking import WHY, lock, state, unlock
from support.world.world import PASSWORD, World

pytestmark = pytest.mark.databases("sqlite")

LOCK, UNLOCK = "/desk/figures/lock", "/desk/figures/unlock"


def decide(reviewer: Any, record: str) -> None:
    reviewer.get(f"/desk/records/{record}")
    reviewer.post(reviewer.form("/decide"), verdict="counted")


def follow_link(desk: Any, label: str) -> str:
    """Press the link with this text."""
    link = re.search(rf'href="([^"]+)"[^>]*>\s*{re.escape(label)}', desk.html)
    assert link is not None, label
    return str(desk.get(unescape(link[1])))


def to_the_page(desk: Any) -> None:
    desk.get("/desk/figures")
    follow_link(desk, "Khóa số liệu báo cáo")


@pytest.mark.slow
@pytest.mark.costly
def test_the_whole_road_from_the_figures_to_the_supplement(  # noqa: PLR0915  # one road
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    """A district locks, its province unlocks with a reason, it locks again; each paper can be checked."""
    officer, district, province = phone("xa1"), desk("huyen"), desk("tinh")
    first, waiting = officer.create(quantity=3), officer.create(quantity=4)
    officer.sync()
    decide(district, first)
    to_the_page(district)
    assert "Chưa khóa lần nào." in district.text
    assert "1/2 đơn vị đã có số liệu hoặc báo không phát sinh" in district.text
    assert "Chưa báo cáo: xã Nhân La. Báo cáo sẽ ghi “chưa báo cáo”, không ghi 0." in district.text
    assert "1 đơn vị chưa xác nhận và gửi số liệu đã có: xã Chính Nghĩa" in district.text
    assert "Còn 1 mục chờ duyệt." in district.text
    assert "Băng rôn 3 chiếc 4 chiếc" in district.text
    form = district.form(LOCK)
    district.post(form)
    assert state(world) == "open", "nobody said yes"
    district.post(form, yes="1")
    district.follow()
    found = re.search(r"Đã khóa số liệu báo cáo: ([0-9A-Z-]{19})\.", district.text)
    assert found is not None
    id_ = found[1]
    assert "Đúng số liệu đã khóa" in district.text
    assert "1/2 đơn vị đã có số liệu hoặc báo không phát sinh; 2 kết quả." in district.text
    assert "Chưa báo cáo: xã Nhân La." in district.text
    assert "Số liệu hiện nay không khác số liệu đã khóa." in district.text

    for path in ("/desk/figures", "/desk/report"):
        district.get(path)
        assert re.search(
            r"Đã khóa số liệu báo cáo \d\d/\d\d/\d{4} \d\d:\d\d, Người duyệt huyện Kim Động", district.text
        )
        assert f"Số liệu đã khóa {id_}" in district.text
        assert ">Khóa số liệu báo cáo<" not in district.html, "there is nothing left to press"
    district.get(f"/desk/figures/lock?unit={world.units['331']}&campaign={world.campaign}")
    assert "đề nghị tỉnh Hưng Yên mở khóa, có ghi lý do; sau đó khóa lại ở trang này." in district.text
    decide(district, waiting)
    district.get("/desk/figures")
    follow_link(district, f"Số liệu đã khóa {id_}")
    assert "Huyện Kim Động Băng rôn 3 7 +4" in district.text
    assert "Xã Chính Nghĩa Băng rôn 3 7 +4" in district.text
    paper = docx.Document(io.BytesIO(district.http.get(f"/desk/report/word?freeze={id_.replace('-', '')}").data))
    printed = re.search(r"Số liệu đã khóa ([0-9A-Z-]{19}) lúc", paper.sections[1].first_page_footer.paragraphs[0].text)
    assert printed is not None
    assert printed[1] == id_

    province.get(f"/desk/figures/lock?unit={world.units['331']}&campaign={world.campaign}")
    assert not province.has_form(LOCK), "that is the district's"
    province.post(province.form(UNLOCK), reason="")
    assert (province.status, state(world)) == (422, "locked")
    province.get(f"/desk/figures/lock?unit={world.units['331']}&campaign={world.campaign}")
    province.post(province.form(UNLOCK), reason=WHY)
    province.follow()
    assert "Đã mở khóa." in province.text
    district.get(f"/desk/figures/lock?unit={world.units['331']}&campaign={world.campaign}")
    assert f"Lý do: {WHY}" in district.text
    assert not district.has_form(UNLOCK)
    district.post(district.form(LOCK), yes="1")
    district.follow()
    assert "Số liệu hiện nay không khác số liệu đã khóa." in district.text
    assert f"Báo cáo bổ sung (Word) so với {id_}" in district.text
    supplement = re.search(r'href="(/desk/report/word\?[^"]*since=\w+)"', district.html)
    assert supplement is not None
    made = docx.Document(io.BytesIO(district.http.get(unescape(supplement[1])).data))
    assert "Băng rôn: đã báo cáo 3, nay báo cáo 7 chiếc (+4)." in "\n".join(each.text for each in made.paragraphs)

    province.get("/desk/report")
    follow_link(province, "Kiểm tra số liệu đã khóa")
    form = next(each for each in province.forms() if each.action == "/desk/locked")
    typed = printed[1].lower().replace("-", " ").replace("0", "o").replace("1", "l")
    answer = province.http.get(form.action, query_string={"id": typed})
    assert answer.headers["Location"] == f"/desk/locked/{id_.replace('-', '')}", "as somebody types it off the paper"


def test_what_is_no_id_and_what_is_anothers_is_answered_alike(world: World, desk: MakeDesk) -> None:
    freeze = lock(world)
    for username, typed in (("huyen", "<b>x"), ("huyen", "0" * 16), ("phucu", freeze), ("xa1", freeze)):
        one = desk(username)
        one.get(f"/desk/locked?id={typed}")
        assert one.status == 200
        assert "Không có số liệu đã khóa mang mã" in one.text, username
        assert "<b>x" not in one.html
    for path in ("", "/word", "/word?count=all"):
        assert desk("phucu").http.get(f"/desk/locked/{freeze}{path}").status_code == 404
    assert desk("huyen").http.get(f"/desk/report/word?freeze={freeze}&count=all").status_code == 404
    assert desk("tinh").http.get(f"/desk/locked/{freeze}").status_code == 200
    assert desk().http.get(f"/desk/locked/{freeze}").status_code == 303


@pytest.mark.parametrize(("username", "unit"), [("xa1", "12286"), ("tinh", "331"), ("quantri", "33")])
def test_who_may_not_lock_sees_no_button_and_no_form(world: World, desk: MakeDesk, username: str, unit: str) -> None:
    one = desk(username)
    query = f"?unit={world.units[unit]}&campaign={world.campaign}"
    one.get(f"/desk/figures{query}")
    assert "Khóa số liệu báo cáo" not in one.text
    one.get(f"{LOCK}{query}")
    assert not one.has_form(LOCK)
    assert not one.has_form(UNLOCK)


def test_a_statement_that_there_is_nothing_is_no_record(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer, other = phone("xa1"), phone("nhanla", "12289")
    officer.create(quantity=3)
    officer.sync()
    other.create("plan", **{"nil/banners": True})
    other.sync()
    one = desk("huyen")
    one.get(f"/desk/locked/{lock(world)}")
    assert "2/2 đơn vị đã có số liệu hoặc báo không phát sinh; 1 kết quả." in one.text


def test_a_commune_sees_that_its_district_has_locked(world: World, desk: MakeDesk) -> None:
    lock(world)
    one = desk("xa1")
    one.get("/desk/figures")
    assert "Huyện Kim Động đã khóa số liệu báo cáo" in one.text
    assert "Số liệu đã khóa" not in one.text, "what is in it is the district's"


def test_a_district_that_is_in_a_locked_report_has_nothing_to_press(world: World, desk: MakeDesk) -> None:
    """One that has not locked yet chooses: test_late_locks.py."""
    lock(world)
    lock(world, "tinh", "33")
    one = desk("huyen")
    one.get(f"{LOCK}?unit={world.units['331']}&campaign={world.campaign}")
    assert "Tỉnh Hưng Yên đã khóa số liệu báo cáo" in one.text
    assert [form.values.get("ask") for form in one.forms() if form.action.endswith(LOCK)] == [["1"]], "it may ask"
    assert not one.has_form(UNLOCK)


@pytest.mark.slow
def test_a_double_click_and_a_page_from_before_get_a_sentence(world: World, desk: MakeDesk) -> None:
    one, other = desk("huyen"), desk("huyen")
    to_the_page(one)
    to_the_page(other)
    one.post(one.form(LOCK), yes="1")
    other.post(other.form(LOCK), yes="1")
    assert (other.status, "vừa được người khác khóa hoặc mở khóa" in other.text) == (409, True)
    assert state(world) == "locked"


@pytest.mark.slow
def test_units_merged_between_looking_and_locking(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    to_the_page(one)
    form = one.form(LOCK)
    merge(world, "12289", into="12286")
    one.post(form, yes="1")
    assert (one.status, "Danh sách đơn vị vừa thay đổi" in one.text) == (409, True)
    assert state(world) == "open"
    to_the_page(one)
    one.post(one.form(LOCK), yes="1")
    assert state(world) == "locked"


@pytest.mark.slow
@pytest.mark.costly
def test_figures_that_changed_between_looking_and_locking(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Nobody is kept from locking on the last afternoon: it locks what is there, and says that it is otherwise."""
    one, officer = desk("huyen"), phone("xa1")
    to_the_page(one)
    officer.create(quantity=3)
    officer.sync()
    one.post(one.form(LOCK), yes="1")
    one.follow()
    assert "số liệu đã thay đổi: đề nghị xem lại" in one.text
    unlock(world)
    one.get("/desk/figures")
    follow_link(one, "Khóa lại số liệu báo cáo")
    one.post(one.form(LOCK), yes="1")
    one.follow()
    assert "Đã khóa số liệu báo cáo:" in one.text
    assert "số liệu đã thay đổi" not in one.text


def test_a_number_that_the_page_did_not_have(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    to_the_page(one)
    form = one.form(LOCK)
    for number in ("", "-1", "9" * 40, "²", "x"):
        one.post(form, yes="1", number=number)
        assert one.status == 400
    assert state(world) == "open"


def test_it_asks_again_after_ten_minutes(world: World, desk: MakeDesk) -> None:
    """As for other grave acts: a password, then it goes on."""
    one = desk("huyen")
    to_the_page(one)
    with world.app.app_context(), writing() as session:
        session.execute(update(DeskSession).values(proved_at=0))
    one.post(one.form(LOCK), yes="1")
    assert (one.status, state(world)) == (401, "open")
    one.post(one.form(LOCK), proof=PASSWORD)
    assert state(world) == "locked"


@pytest.mark.slow
def test_confirmed_units_are_not_listed_as_such_that_did_not(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    officer.create(quantity=3)
    officer.sync()
    seal(world, "xa1")
    one = desk("huyen")
    to_the_page(one)
    assert "chưa xác nhận và gửi" not in one.text
    lock(world, "huyen", "331")
    other = desk("tinh")
    to_the_page(other)
    assert "Cấp dưới chưa khóa số liệu: huyện Phù Cừ" in other.text
    unlock(world)
    to_the_page(other)
    assert "Cấp dưới chưa khóa số liệu: huyện Kim Động, huyện Phù Cừ" in other.text
