"""*Tập dượt 5 phút*: one banner, one broadcast, one return, in the practice campaign and without a network."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from support.browsers.kept import rows
from support.browsers.officer import MakeOfficer
from support.world.province import Province

pytestmark = pytest.mark.slow


@pytest.mark.costly
def test_a_newcomer_plays_it_through_and_nothing_of_it_counts(province: Province, officer: MakeOfficer) -> None:
    one = officer("xa1")
    page = one.page
    one.offline()
    page.get_by_role("link", name="Cài đặt").click()
    page.get_by_role("link", name="Tập dượt 5 phút").click()
    step = page.get_by_role("listitem").filter(has=page.get_by_role("button", name="Bắt đầu"))
    expect(step).to_have_count(2)
    step.first.get_by_role("button").click()
    page.get_by_role("button", name="Chụp", exact=True).click()
    page.get_by_role("group", name="Khẩu hiệu").get_by_role("radio").first.click()
    one.save()
    expect(page.get_by_role("complementary").get_by_text("TẬP DƯỢT")).to_be_visible()
    page.get_by_role("link", name="Tập dượt 5 phút").click()  # the way on is on home
    expect(page.get_by_text("đã xong")).to_have_count(1)
    step.get_by_role("button").click()
    page.get_by_label("Tin, bài phát").fill("Tin tập dượt")
    page.get_by_label("Số lượt mỗi ngày").fill("1")
    page.get_by_label(re.compile("Thời lượng mỗi lượt")).fill("10")
    one.save()
    page.get_by_role("link", name="Tập dượt 5 phút").click()
    expect(page.get_by_text("đã xong")).to_have_count(2)
    # The page and the form of any return: who asks for what, the marked field, and what the act is called.
    page.get_by_role("button", name="Xem đề nghị bổ sung").click()
    for act in ("Sửa và gửi lại", "Gửi lại"):
        returned = page.get_by_text("Ghi rõ treo ở thôn nào.")
        expect(returned).to_contain_text("Cấp trên (tập dượt)")
        expect(returned).to_contain_text("Thôn, tổ dân phố")
        expect(page.get_by_role("button", name="Trả lời bằng lời")).to_have_count(0)
        if act == "Gửi lại":
            one.fill("Thôn, tổ dân phố", "Thôn Tạ Thượng")
        page.get_by_role("button", name=act, exact=True).click()
    one.home()
    page.get_by_role("link", name="Tập dượt 5 phút").click()
    expect(page.get_by_text("Đã xong cả ba việc.")).to_be_visible()
    page.get_by_role("button", name="Về đợt hoạt động thật").click()
    expect(page.get_by_role("complementary").get_by_text("TẬP DƯỢT")).to_have_count(0)
    assert {row["campaign"] for row in rows(page, "records")} == {province.world.practice}
    one.offline(on=False)
    one.expect_status("2 đã gửi đủ")


def test_it_is_offered_once_on_a_new_phone_and_by_help(officer: MakeOfficer) -> None:
    one = officer("xa1")
    page = one.page
    first = page.get_by_role("region", name="Bắt đầu")
    expect(first).to_contain_text("ghi việc đầu tiên")
    expect(first).to_be_in_viewport(ratio=1)
    first.get_by_role("button", name="Tập dượt thử").click()
    expect(page.get_by_role("heading", name="Tập dượt 5 phút")).to_be_visible()
    one.home()
    expect(first).to_contain_text("ghi việc đầu tiên")
    expect(first.get_by_role("button")).to_have_count(0)
    page.get_by_role("link", name="Hướng dẫn").click()
    page.get_by_role("link", name="Tập dượt thử").click()
    expect(page.get_by_role("heading", name="Tập dượt 5 phút")).to_be_visible()
