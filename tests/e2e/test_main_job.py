"""The main job, whole: a banner photographed without a signal reaches the district and the province."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from support.browsers.officer import MakeOfficer
from support.browsers.reviewer import MakeReviewer
from support.world.province import Province

pytestmark = pytest.mark.slow
SLOGAN = "Chung tay phòng, chống nạn mua bán người"
FITS = "() => [...document.querySelectorAll('.scroll')].every((one) => one.scrollWidth <= one.clientWidth)"


@pytest.mark.parametrize(
    "province", [pytest.param("sqlite", marks=pytest.mark.costly(soak=True)), "postgresql"], indirect=True
)
def test_from_the_phone_to_the_province(province: Province, officer: MakeOfficer, reviewer: MakeReviewer) -> None:
    one = officer("xa1")
    province.line.refuse()
    one.offline()
    one.banner(SLOGAN)
    one.broadcast("Tin số 1", "2021-07-21", "2021-07-30", 2, 15)
    one.save()
    province.line.restore()
    one.offline(on=False)
    one.expect_status("2 đã gửi đủ")

    district = reviewer("huyen")
    district.queue()
    expect(district.page.locator(".records img")).to_have_count(1)
    district.open("Chính Nghĩa BR-1")
    photo = district.page.get_by_role("img", name="Ảnh 1 của bản ghi")
    assert photo.evaluate("async (image) => { await image.decode(); return image.naturalWidth }") > 300
    history = district.page.get_by_role("region", name="Lịch sử")
    expect(history).to_contain_text("Cán bộ 1 xã Chính Nghĩa")
    expect(history).to_contain_text("giờ trên điện thoại")
    expect(history).to_contain_text("máy chủ nhận")
    district.say("Đề nghị bổ sung", "Ghi rõ treo ở thôn nào", "Thôn, tổ dân phố")

    one.send()
    returned = one.page.get_by_role("region", name="Đề nghị bổ sung")
    expect(returned).to_contain_text("BR-1")
    returned.get_by_role("link").first.click()
    expect(one.page.get_by_text("Ghi rõ treo ở thôn nào")).to_be_visible()
    one.page.get_by_role("button", name="Sửa và gửi lại").click()
    one.fill("Thôn, tổ dân phố", "Thôn Tạ Thượng")
    one.save()
    one.expect_status("2 đã gửi đủ")

    district.open("Chính Nghĩa BR-1")
    changed = district.page.get_by_role("table")
    expect(changed).to_contain_text("Thôn Tạ Thượng")
    district.say("Duyệt")
    district.open("Chính Nghĩa PT-1")
    district.say("Duyệt")
    district.queue()
    expect(district.page.get_by_text("Không còn bản ghi nào cần xử lý trong đợt này.")).to_be_visible()

    one.edit(SLOGAN, Số_lượng="4")
    one.expect_status("2 đã gửi đủ")
    province_desk = reviewer("tinh")
    figures = province_desk.total()
    assert "Huyện Kim Động" in figures
    page = province_desk.page
    expect(page.get_by_role("row").filter(has_text="Tổng cộng")).to_contain_text("300")
    page.get_by_role("link", name="Huyện Kim Động").first.click()
    commune = page.get_by_role("row").filter(has_text="Xã Chính Nghĩa").get_by_role("cell").nth(1)
    expect(commune).to_contain_text("1")  # as approved, not as edited afterwards
    commune.get_by_role("link").first.click()
    expect(page.get_by_role("link").filter(has_text="BR-1")).to_contain_text("Đã sửa sau duyệt")


@pytest.mark.costly(soak=True, kept_by="tests/desk/test_edits.py::test_the_district_records_its_own_broadcast")
def test_the_district_records_its_own_broadcast_and_the_province_decides(
    officer: MakeOfficer, reviewer: MakeReviewer
) -> None:
    own = officer("huyen")
    own.broadcast("Bài phát của huyện", "2021-07-28", "2021-07-30", 3, 10)
    own.save()
    own.expect_status("1 đã gửi đủ")
    district = reviewer("huyen")
    district.open("Kim Động PT-1", "all")
    expect(district.page.get_by_role("button", name="Duyệt", exact=True)).to_have_count(0)
    province_desk = reviewer("tinh")
    province_desk.open("Kim Động PT-1")
    province_desk.say("Duyệt")
    expect(province_desk.page.get_by_text("Đã duyệt").first).to_be_visible()
    assert "90" in province_desk.total()
    for width in (1366, 360):
        province_desk.page.set_viewport_size({"width": width, "height": 640})
        assert province_desk.page.evaluate(FITS), "no table has to be pushed sideways"


@pytest.mark.costly
def test_not_counted_is_told_to_the_officer_and_can_be_undone(officer: MakeOfficer, reviewer: MakeReviewer) -> None:
    one = officer("xa1")
    one.banner(SLOGAN)
    one.expect_status("1 đã gửi đủ")
    district = reviewer("huyen")
    district.open("BR-1")
    district.say("Không tính")
    expect(district.page.get_by_role("alert")).to_contain_text("Đề nghị ghi lý do")
    district.say("Không tính", "Bản ghi thử")
    one.send()
    one.open_record("BR-1")
    expect(one.page.get_by_role("article")).to_contain_text("không tính: Bản ghi thử")
    district.open("BR-1", "all")
    district.page.get_by_role("button", name="Rút lại quyết định").click()
    one.send()
    expect(one.item("BR-1")).to_contain_text("Chờ duyệt")
