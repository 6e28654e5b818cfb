"""Sealing at the desk, what came late, the end of a campaign, merged units: SPEC L-1 to L-6 as people see them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from server.core.db import reading, writing
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.installation.moment import Moment
from support.world.changes import lines, merge, seal, status
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

SEAL = "/desk/figures/seal"
GIVE = "/desk/figures/give"


def seal_cells(desk: Any) -> list[str]:
    """Who has sealed, from the total down."""
    found = re.findall(r'<td class="seal">(.*?)</td>', desk.html, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in found]


def test_who_made_the_figures_and_which_leader_approved_them_stands_beside_them(
    desk: MakeDesk, phone: MakePhone
) -> None:
    """X-65 at the desk: who makes them is proposed; a day is read as people type it, and what is none is refused."""
    officer, one = phone("xa1"), desk("xa1")
    officer.create(quantity=3)
    officer.sync()
    one.get(GIVE)
    form = one.form(SEAL)
    assert form.values["prepared_by"] == ["Cán bộ 1 xã Chính Nghĩa"]
    leader = {"approved_by": "Trần Thị Bình", "approved_title": "Phó Chủ tịch", "approved_on": "3/8/2021"}
    one.post(form, **leader | {"approved_on": "31/2/2021"})
    assert one.status >= 400
    one.post(form, **leader)
    one.follow()
    assert "Người lập: Cán bộ 1 xã Chính Nghĩa" in one.text
    assert "Lãnh đạo đã duyệt: Trần Thị Bình, Phó Chủ tịch, ngày 03/08/2021" in one.text


@pytest.mark.slow
def test_a_commune_seals_and_the_district_sees_what_came_after(desk: MakeDesk, phone: MakePhone) -> None:
    officer, one, district = phone("xa1"), desk("xa1"), desk("huyen")
    first = officer.create(quantity=3)
    officer.create(submitted=None)
    officer.sync()
    one.get("/desk/figures")
    assert seal_cells(one) == ["chưa gửi Gửi sau hạn: 1"]
    one.get(GIVE)
    assert "Chưa gửi số liệu." in one.text
    assert "Xác nhận và gửi số liệu của xã Chính Nghĩa" in one.text
    assert "đã gửi duyệt đến lúc này: 1 mục" in one.text
    assert "Băng rôn 0 chiếc 3 chiếc" in one.text, "what is confirmed stands on the page"
    assert "Còn 1 bản nháp" in one.text
    one.post(one.form(SEAL))
    one.follow()
    assert "Đã xác nhận và gửi số liệu." in one.text
    assert re.search(r"Đã xác nhận và gửi số liệu \d\d/\d\d/\d{4} \d\d:\d\d, Cán bộ 1 xã Chính Nghĩa", one.text)
    assert "Từ lần xác nhận trước đến nay không có gì mới." in one.text
    late = officer.create(quantity=4)
    officer.sync()
    district.get("/desk/figures")
    cells = seal_cells(district)
    after = "Gửi sau khi đơn vị đã gửi số liệu: 1"
    assert cells[0].startswith(f"1/3 đơn vị {after}")
    assert re.match(rf"đã gửi \d\d/\d\d {after}", cells[2])
    link = re.search(r'<a class="beside late" href="([^"]+state=after_seal[^"]*)"', district.html)
    assert link is not None
    district.get(unescape(link[1]))
    assert (f"/desk/records/{late}" in district.html, f"/desk/records/{first}" in district.html) == (True, False)
    assert "Gửi sau khi đơn vị đã gửi số liệu 1" in district.text
    district.get(f"/desk/records/{late}")
    assert "Có nội dung gửi muộn: gửi sau khi đơn vị đã gửi số liệu" in district.text
    district.post(district.form("/decide"), verdict="counted")
    district.get(f"/desk/records/{first}")
    assert "Gửi sau khi đơn vị" not in district.text


def test_a_page_sent_twice_seals_once(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """L-2."""
    officer, one = phone("xa1"), desk("xa1")
    officer.create(quantity=1)
    officer.sync()
    one.get(GIVE)
    form = one.form(SEAL)
    one.post(form)
    officer.create(quantity=2)
    officer.sync()
    one.post(form)
    one.follow()
    assert "Số liệu đã được xác nhận từ trước" in one.text
    assert lines(world) == (1, None)
    assert "Xác nhận và gửi lại" in one.text


def test_a_page_from_before_a_restore_seals_nothing(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """X-63: at the positions that it says stands what nobody has looked at."""
    officer, one = phone("xa1"), desk("xa1")
    with world.app.app_context(), reading() as session:
        moment = Moment.of(session)
    officer.create(quantity=1)
    officer.sync()
    one.get(GIVE)
    form = one.form(SEAL)
    with world.app.app_context(), writing() as session:
        moment.put_back(session)
    other = phone("xa1")
    other.create(quantity=2)
    other.sync()
    one.post(form)
    assert lines(world) == (None, None)
    one.follow()
    assert "không còn như lúc xác nhận" in one.text
    assert "2 chiếc" in one.text
    one.post(one.form(SEAL))
    assert lines(world) == (1, None)


def test_the_district_seals_on_behalf(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get(f"{GIVE}?unit={world.units['12289']}")
    assert "Xác nhận thay xã Nhân La" in one.text
    assert "Chưa có kết quả nào của xã Nhân La được gửi" in one.text
    one.post(one.form(SEAL))
    one.follow()
    assert "Xã Nhân La không có kết quả nào đến lúc này" in one.text, "an empty set is asked about, never one click"
    assert lines(world, "12289") == (None, None)
    one.post(one.form(SEAL), empty="1")
    one.follow()
    assert "Người duyệt huyện Kim Động (xác nhận thay)" in one.text


def test_a_district_confirms_only_what_it_did_itself(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """The title names the scope: the communes below confirm their own figures."""
    officer, one = phone("xa1"), desk("huyen")
    officer.create(quantity=3)
    officer.sync()
    one.get(GIVE)
    assert "Xác nhận và gửi số liệu do cấp huyện thực hiện" in one.text
    assert "số liệu của các đơn vị trực thuộc do từng đơn vị xác nhận" in one.text
    assert "3 chiếc" not in one.text
    one.post(one.form(SEAL), empty="1")
    assert (lines(world, "331"), lines(world)) == ((0, None), (None, None))


@pytest.mark.slow
def test_the_district_asks_for_a_new_confirmation(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """L-14: with a reason that the unit reads; the unit itself has no such button."""
    officer, one, district = phone("xa1"), desk("xa1"), desk("huyen")
    officer.create(quantity=3)
    officer.sync()
    one.get(GIVE)
    one.post(one.form(SEAL))
    one.follow()
    assert not any("/take-back" in form.action for form in one.forms())
    district.get(f"{GIVE}?unit={world.units['12286']}")
    form = next(form for form in district.forms() if "/take-back" in form.action)
    assert district.post(form).status_code == 422, "a reason is needed"
    district.post(form, reason="Thiếu buổi phát thanh ngày 29/7")
    district.follow()
    assert "Đơn vị sẽ thấy lý do" in district.text
    district.post(form, reason="hai lần")
    district.follow()
    assert "đã được hủy từ trước" in district.text
    one.get(GIVE)
    assert "Chưa gửi số liệu." in one.text
    assert "Người duyệt huyện Kim Động đã đề nghị xác nhận lại" in one.text
    assert "Lý do: Thiếu buổi phát thanh ngày 29/7" in one.text
    assert lines(world) == (None, None)


@pytest.mark.parametrize(
    "shown", ["", "[]", "{", '{"x": "y"}', '{"x": -1}', '{"x": 99999999999999999999}', '{"x": 1e999}']
)
def test_a_seal_that_is_no_page_of_ours(world: World, desk: MakeDesk, shown: str) -> None:
    one = desk("xa1")
    one.get(GIVE)
    assert one.post(one.form(SEAL), empty="1", shown=shown).status_code == 400
    assert lines(world) == (None, None)


def test_who_may_not_has_no_button_and_is_refused(world: World, desk: MakeDesk) -> None:
    one, other = desk("xa1"), desk("nhanla")
    one.get(GIVE)
    form = one.form(SEAL)
    assert other.post(form, empty="1", csrf_token=csrf(other)).status_code == 404
    admin = desk("quantri")
    admin.get(GIVE)
    assert not admin.has_form(SEAL)
    admin.get(f"/desk/figures/give?unit={world.units['12286']}&campaign={world.campaign}")
    assert not admin.has_form(SEAL)
    assert lines(world) == (None, None)


def csrf(desk: Any) -> str:
    desk.get("/desk/figures")
    return str(desk.forms()[0].values["csrf_token"][0])


@pytest.mark.slow
def test_a_campaign_is_closed_archived_and_opened_again(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """L-4, L-5."""
    officer, province = phone("xa1"), desk("tinh")
    letter = f"/desk/campaigns/{world.campaign}"
    form = f"{letter}/status"
    for wanted, sentence in (("closed", "Đợt này đã kết thúc."), ("archived", "lưu trữ"), ("open", "đã mở lại")):
        province.get(letter)
        province.post(province.form(form), status=wanted)
        province.follow()
        assert sentence in province.text
        record = officer.create(quantity=1)
        officer.sync()
        if wanted == "closed":
            province.get(f"/desk/records/{record}")
            assert "Gửi sau khi đợt kết thúc" in province.text
            assert "nội dung đến sau vẫn được nhận" in province.text
        assert (record in officer.refused) == (wanted == "archived")
    district = desk("huyen")
    district.get(letter)
    assert not district.has_form(form)
    province.get(letter)
    assert district.post(province.form(form), csrf_token=csrf(district)).status_code == 403


@pytest.mark.slow
def test_a_merged_unit_stands_under_its_successor_and_counts_once(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    """L-6."""
    officer, far, province = phone("xa1"), phone("dinhcao", "12397"), desk("tinh")
    record = officer.create(quantity=5)
    far.create(quantity=7)
    officer.sync(), far.sync()
    merge(world, "12286", into="12397")
    province.get("/desk/figures")
    assert figures_of(province, "banners") == ["12", "12"], "the total and huyện Phù Cừ; huyện Kim Động is silent now"
    assert "Xã Chính Nghĩa" not in province.text
    assert seal_cells(province)[0] == "0/5 đơn vị Gửi sau hạn: 2"
    province.get(f"/desk/figures?unit={world.units['12397']}")
    assert "Xã Chính Nghĩa đã sáp nhập từ 20/07/2021" in province.text
    assert figures_of(province, "banners") == ["12", "7", "5"]
    province.get(f"/desk/records/{record}")
    assert "Xã Chính Nghĩa (đã sáp nhập vào xã Đình Cao từ 20/07/2021)" in province.text
    assert "Chính Nghĩa BR-1" in province.text
    heir = desk("dinhcao")
    heir.get("/desk/queue?state=all")
    assert f"/desk/records/{record}" in heir.html
    heir.get(GIVE)
    heir.post(heir.form(SEAL))
    heir.follow()
    assert "Cán bộ xã Đình Cao" in heir.text
    heir.get("/desk/figures")
    assert seal_cells(heir)[0].startswith("1/1 đơn vị")
    assert all(cell.startswith("đã gửi") for cell in seal_cells(heir)[1:])


def figures_of(desk: Any, figure: str) -> list[str]:
    """What waits or is counted of one figure, row by row."""
    found = re.findall(r"<tr.*?</tr>", desk.html, re.DOTALL)
    rows = [row for row in found if f"figure={figure}" in row]
    numbers = []
    for row in rows:
        cell = row[row.index(f"figure={figure}") :]
        cell = cell[: cell.index("</td>")]
        waits = re.search(r"([\d.]+)\s+chờ duyệt", unescape(re.sub(r"<[^>]+>", " ", cell)))
        numbers.append(waits[1] if waits else "0")
    return numbers


def test_an_archived_campaign_has_nothing_to_seal(world: World, desk: MakeDesk) -> None:
    """L-22."""
    one = desk("xa1")
    one.get(GIVE)
    form = one.form(SEAL)
    status(world, "archived")
    assert one.post(form, empty="1").status_code == 422
    one.get(GIVE)
    assert f"{SEAL}?" not in one.html


@pytest.mark.slow
def test_who_was_merged_gave_its_figures_and_not_its_successor_s(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    """L-16: the successor's word covers both; what the old unit had said before is its own, beside the new one's."""
    officer, next_door, district = phone("xa1"), phone("nhanla", "12289"), desk("huyen")
    officer.create(quantity=5), next_door.create(quantity=1)
    officer.sync(), next_door.sync()
    assert seal(world, "xa1", "12286")
    merge(world, "12286", into="12289")
    give, heir = f"{GIVE}?unit={world.units['12289']}", f"/desk/figures?unit={world.units['12289']}"
    district.get("/desk/figures")
    assert "0/1 đã gửi số liệu" in district.text
    assert seal_cells(district)[2].startswith("chưa gửi")
    district.get(heir)
    total, own, old = seal_cells(district)
    assert (total.startswith("0/1 đơn vị"), own.startswith("chưa gửi"), old.startswith("đã gửi")) == (True, True, True)
    district.get(give)
    assert "Chưa gửi số liệu." in district.text
    assert "Cán bộ 1 xã Chính Nghĩa" not in district.text.partition("xác nhận cả phần")[0], "no word of its successor"
    assert "Đã tự xác nhận trước khi sáp nhập" in district.text
    assert not district.has_form("/take-back")
    assert seal(world, "nhanla", "12289")
    district.get("/desk/figures")
    assert "1/1 đã gửi số liệu" in district.text
    assert seal_cells(district)[2].startswith("đã gửi")
    district.get(give)
    assert "Cán bộ xã Nhân La" in district.text


def test_who_gained_a_unit_that_gave_nothing_has_not_given_all(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """The row says what the line above the table counts; its own part was given all the same."""
    next_door, district = phone("nhanla", "12289"), desk("huyen")
    next_door.create(quantity=1)
    next_door.sync()
    assert seal(world, "nhanla", "12289")
    merge(world, "12286", into="12289")
    district.get("/desk/figures")
    assert "0/1 đã gửi số liệu" in district.text
    assert seal_cells(district)[2].startswith("chưa gửi")
    district.get(f"/desk/figures?unit={world.units['12289']}")
    assert seal_cells(district)[1].startswith("đã gửi")
