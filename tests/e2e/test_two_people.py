"""Two officers of one commune edit the same records without a signal (SPEC S-4 to S-8, W-6)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from server.core.db import writing
from server.models import Officer as Person
from support.browsers.officer import MakeOfficer, Officer
from support.browsers.reviewer import Reviewer
from support.world.province import Province

pytestmark = pytest.mark.slow
NAME = "Tin số 1"


@pytest.fixture
def pair(officer: MakeOfficer) -> tuple[Officer, Officer]:
    """Two phones that hold the same broadcast."""
    one, two = officer("xa1"), officer("xa2")
    one.broadcast(NAME, "2021-07-21", "2021-07-30", 2, 15)
    one.save()
    one.expect_status("1 đã gửi đủ")
    two.send()
    expect(two.item(NAME)).to_be_visible()
    return one, two


def both_edit_offline(pair: tuple[Officer, Officer]) -> None:
    one, two = pair
    for each in pair:
        each.offline()
    one.edit(NAME, Thời_lượng="10")
    two.edit(NAME, Thời_lượng="20")
    for each in pair:
        each.offline(on=False)
        each.send()
    one.send()


@pytest.mark.costly(soak=True, kept_by="tests/api/test_exchange.py::test_different_fields_merge")
def test_different_fields_merge(pair: tuple[Officer, Officer]) -> None:
    one, two = pair
    for each in pair:
        each.offline()
    one.edit(NAME, Thời_lượng="10")
    two.edit(NAME, Ghi_chú="phát cả loa thôn")
    for each in pair:
        each.offline(on=False)
        each.send()
    one.send()
    for each in pair:
        each.open_record(NAME)
        expect(each.page.get_by_role("article")).to_contain_text("phát cả loa thôn")
        expect(each.page.get_by_text("Lượt phát 20 lượt · Thời lượng phát 200 phút")).to_be_visible()


@pytest.mark.costly
def test_the_same_field_is_shown_to_both_and_settled_offline(pair: tuple[Officer, Officer]) -> None:
    one, two = pair
    both_edit_offline(pair)
    for each in pair:
        expect(each.page.get_by_role("region", name="Hai người cùng sửa")).to_contain_text(NAME)
        each.open_record(NAME)
        conflict = each.page.get_by_role("region", name="Hai người cùng sửa: Thời lượng mỗi lượt")
        expect(conflict).to_contain_text("10 phút")
        expect(conflict).to_contain_text("20 phút")
        expect(conflict).to_contain_text("Cán bộ 1 xã Chính Nghĩa")
        expect(conflict).to_contain_text("Cán bộ 2 xã Chính Nghĩa")
    two.offline()
    two.page.get_by_role("button", name="Giữ nội dung của tôi").click()
    expect(two.page.get_by_text("Lượt phát 20 lượt · Thời lượng phát 400 phút")).to_be_visible()
    two.offline(on=False)
    two.home()
    two.send()
    one.home()
    one.send()
    one.open_record(NAME)
    expect(one.page.get_by_text("Lượt phát 20 lượt · Thời lượng phát 400 phút")).to_be_visible()
    expect(one.page.get_by_text("Hai người cùng sửa")).to_have_count(0)


@pytest.mark.costly
def test_what_a_colleague_replaced_is_told_and_kept_for_a_day_without_a_network(pair: tuple[Officer, Officer]) -> None:
    """X-66: who, what, which value; and nothing of numbers and marks that only the phone knows."""
    one, two = pair
    one.edit(NAME, Thời_lượng="10")
    one.send()
    two.send()
    two.edit(NAME, Thời_lượng="20")
    two.send()
    one.send()
    one.open_record(NAME)
    one.page.get_by_text("Lịch sử").click()
    history = one.page.get_by_role("listitem").filter(has_text="Cán bộ 2 xã Chính Nghĩa")
    expect(history).to_contain_text("Thời lượng mỗi lượt: 20 phút (trước đó: 10 phút)")
    expect(one.page.get_by_text("Thời lượng mỗi lượt: 10 phút (trước đó: 15 phút)")).to_be_visible()
    expect(one.page.get_by_text("Ghi mới")).to_be_visible()
    one.offline()
    one.page.reload()
    one.page.get_by_text("Lịch sử").click()
    expect(history).to_contain_text("(trước đó: 10 phút)")
    expect(one.page.get_by_text("Chưa tới được máy chủ. Lịch sử nhận lúc")).to_be_visible()
    whole = one.page.get_by_role("group").filter(has_text="Lịch sử")
    for word in ("chưa ghi", "Gửi để duyệt", "Lần ghi", "null"):
        expect(whole).not_to_contain_text(word)
    # Neither a number of this phone alone ("BR-Y4.1") nor the mark of a phone ("máy L6").
    expect(whole).not_to_contain_text(re.compile(r"\b[A-Z]{2}-[A-Z]\d|máy [A-Z]\d"))


@pytest.fixture
def namesakes(province: Province) -> None:
    """Everybody has one name."""
    with province.world.app.app_context(), writing() as session:
        session.execute(update(Person).values(name="Nguyễn Văn Nam"))


@pytest.mark.usefixtures("namesakes")
@pytest.mark.costly
def test_ones_own_side_is_known_between_two_people_of_one_name(pair: tuple[Officer, Officer]) -> None:
    both_edit_offline(pair)
    for each, minutes in zip(pair, ("10", "20"), strict=True):
        each.open_record(NAME)
        conflict = each.page.get_by_role("region", name="Hai người cùng sửa: Thời lượng mỗi lượt")
        # At both sides, and on the button that takes the other's.
        expect(conflict.get_by_text("Nguyễn Văn Nam")).to_have_count(3)
        mine = conflict.get_by_role("listitem").filter(has=each.page.get_by_role("button", name="Giữ nội dung của tôi"))
        expect(mine).to_have_count(1)
        expect(mine).to_contain_text(f"{minutes} phút")


@pytest.mark.costly(soak=True, kept_by="pwa/src/core/laws.test.ts::S-5")
def test_of_two_texts_both_can_be_kept(pair: tuple[Officer, Officer]) -> None:
    one, two = pair
    for each in pair:
        each.offline()
    one.edit(NAME, Ghi_chú="phát lúc 5 giờ")
    two.edit(NAME, Ghi_chú="phát lúc 17 giờ")
    for each in pair:
        each.offline(on=False)
        each.send()
    two.offline()
    two.open_record(NAME)
    two.page.get_by_role("button", name="Giữ cả hai").click()
    expect(two.page.get_by_text("Hai người cùng sửa")).to_have_count(0)
    two.offline(on=False)
    two.send()
    one.send()
    one.open_record(NAME)
    expect(one.page.get_by_role("article")).to_contain_text(re.compile("phát lúc (5|17) giờ; phát lúc (5|17) giờ"))


@pytest.mark.costly
def test_the_desk_shows_both_sides_and_settles(
    pair: tuple[Officer, Officer], reviewer: Callable[[str], Reviewer]
) -> None:
    both_edit_offline(pair)
    district = reviewer("huyen")
    district.open("PT-1")
    sides = district.page.get_by_role("region", name="Hai người cùng sửa")
    expect(sides).to_contain_text("Cán bộ 2 xã Chính Nghĩa")
    expect(district.page.get_by_role("button", name="Duyệt", exact=True)).to_have_count(0)
    sides.get_by_text("10 phút").click()
    sides.get_by_role("button", name="Lưu các bản đã chọn").click()
    expect(district.page.get_by_text("Duyệt khi chưa kiểm tra xong")).to_be_visible()  # to choose is not to write
    for each in pair:
        each.send()
        each.open_record(NAME)
        expect(each.page.get_by_text("Lượt phát 20 lượt · Thời lượng phát 200 phút")).to_be_visible()


@pytest.mark.costly(soak=True, kept_by="tests/api/test_exchange.py::test_edit_against_delete_is_shown_and_settled")
def test_edit_against_delete_is_settled_by_a_person(pair: tuple[Officer, Officer]) -> None:
    one, two = pair
    for each in pair:
        each.offline()
    one.open_record(NAME)
    one.page.get_by_role("button", name="Xóa bản ghi").click()
    one.home()
    two.edit(NAME, Thời_lượng="20")
    for each in pair:
        each.offline(on=False)
        each.send()
    one.send()
    one.open_record(NAME)
    one.page.get_by_role("button", name="Giữ bản ghi").click()
    one.home()
    one.send()
    two.send()
    for each in pair:
        expect(each.item(NAME)).not_to_contain_text("Có người xóa")
        each.open_record(NAME)
        expect(each.page.get_by_text("Lượt phát 20 lượt · Thời lượng phát 400 phút")).to_be_visible()


@pytest.mark.costly(
    soak=True, kept_by="tests/api/test_exchange.py::test_a_value_that_came_while_a_form_was_open_is_not_overwritten"
)
def test_a_value_that_arrives_while_a_form_is_open_is_not_overwritten(pair: tuple[Officer, Officer]) -> None:
    """W-6: saving the open form makes a conflict, it does not replace what was not on the screen."""
    one, two = pair
    one.open_record(NAME)
    one.page.get_by_role("button", name="Sửa", exact=True).click()
    one.fill("Thời lượng", "10")
    two.edit(NAME, Thời_lượng="20")
    two.expect_status("1 đã gửi đủ")
    two.send()
    one.page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(one.page.get_by_text("Người khác ghi: 20 phút")).to_be_visible()
    one.save()
    one.send()
    expect(one.page.get_by_role("region", name="Hai người cùng sửa")).to_contain_text(NAME)
