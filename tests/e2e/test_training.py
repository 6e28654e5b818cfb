"""*Tập dượt 5 phút*: one banner, one broadcast, one return, in the practice campaign and without a network."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from support.browsers.kept import rows
from support.browsers.officer import Officer
from support.world.province import Province

pytestmark = pytest.mark.browser
MakeOfficer = Callable[[str], Officer]


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
    expect(page.get_by_text("Ghi rõ treo ở thôn nào.")).to_be_visible()
    page.get_by_role("button", name="Sửa và gửi lại").click()
    one.fill("Thôn, tổ dân phố", "Thôn Tạ Thượng")
    one.save()
    page.get_by_role("link", name="Tập dượt 5 phút").click()
    expect(page.get_by_text("Đã xong cả ba việc.")).to_be_visible()
    page.get_by_role("button", name="Về đợt hoạt động thật").click()
    expect(page.get_by_role("complementary").get_by_text("TẬP DƯỢT")).to_have_count(0)
    assert {row["campaign"] for row in rows(page, "records")} == {province.world.practice}
    one.offline(on=False)
    one.expect_status("2 đã gửi đủ")
