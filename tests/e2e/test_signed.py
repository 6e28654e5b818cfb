"""Texts picked from below, figures locked, two reports issued with a signed PDF, then a late record: in a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Route, expect

from support.browsers.browser import Browser
from support.browsers.officer import Officer
from support.browsers.papers import figures, lock, prose, sign, to_report, word, write
from support.browsers.reviewer import Reviewer
from support.browsers.widths import fits
from support.world.issuing import changes

pytestmark = pytest.mark.slow


@pytest.mark.costly
def test_from_texts_below_to_two_issued_reports_and_a_supplement(  # noqa: PLR0915  # one road
    officer: Callable[[str], Officer], reviewer: Callable[[str], Reviewer], tmp_path: Path
) -> None:
    one = officer("xa1")
    one.banner("Chung tay phòng, chống nạn mua bán người")
    one.expect_status("1 đã gửi đủ")
    district = reviewer("huyen")
    district.open("BR-1")
    district.say("Duyệt")
    url = district.url
    commune = reviewer("xa1").page
    commune.goto(f"{url}/desk/report")
    commune.get_by_role("link", name="Viết lời văn").click()
    commune.get_by_role("button", name="Viết các mục I, III, IV, V").click()
    commune.get_by_label("III.2. Khó khăn, hạn chế").first.fill("Cụm loa thôn Tạ Trung hỏng.")
    expect(commune.get_by_text("Đã tự lưu lúc")).to_be_visible(timeout=15_000)
    fits(commune)
    commune.reload()
    expect(commune.get_by_label("III.2. Khó khăn, hạn chế").first).to_have_value("Cụm loa thôn Tạ Trung hỏng.")
    commune.get_by_role("button", name="Lưu và đóng").click()
    page = district.page
    page.goto(f"{url}/desk/texts")
    write(page, "III.2. Khó khăn, hạn chế", "Kinh phí bố trí chậm.")

    province = reviewer("tinh").page
    to_report(province, url)
    province.get_by_role("link", name="Viết lời văn").click()
    province.locator("section").filter(has_text="III.2. Khó khăn, hạn chế").get_by_role(
        "link", name="Chọn từ cấp dưới"
    ).click()
    expect(province.get_by_role("checkbox").first).to_be_visible()  # the page is there
    for each in province.get_by_role("checkbox").all():
        each.check()
    fits(province)
    province.get_by_role("button", name="Đưa vào báo cáo").click()
    expect(province.get_by_text("Cụm loa thôn Tạ Trung hỏng (xã Chính Nghĩa).")).to_be_visible()
    fits(province)
    lock(province, url)

    # From the figures: two clicks to a Word file.
    to_report(province, url)
    province.get_by_role("button", name="Lập báo cáo trình ký").click()
    first = province.url
    made = word(province, tmp_path, "Tải bản dự thảo (Word)")
    assert "Kinh phí bố trí chậm (huyện Kim Động)." in prose(made)
    assert figures(made, "Tổng cộng")[2] == "1"
    fits(province)
    province.get_by_role("link", name="Sửa lời văn").click()
    write(province, "Kính gửi", "Ủy ban nhân dân tỉnh Hưng Yên")
    to_report(province, url)
    province.get_by_role("button", name="Lập thêm báo cáo từ số liệu này").click()
    second = province.url
    province.get_by_role("link", name="Sửa lời văn").click()
    write(province, "Kính gửi", "Bộ Lao động - Thương binh và Xã hội")
    write(province, "Đề cương", "Kết quả thực hiện\nKiến nghị với Bộ")
    fits(province)
    for at, number, to in ((first, "101/BC-UBND", "Ủy ban nhân dân tỉnh"), (second, "102/BC-UBND", "Bộ Lao động")):
        province.goto(at)
        sign(province, number, tmp_path)
        said = prose(word(province, tmp_path, "Tải báo cáo (Word)"))
        assert f"Kính gửi: {to}" in said
        assert ("KHÓ KHĂN" in said.upper()) == (at == first)
        assert "Có báo cáo riêng." in said
        fits(province)

    one.banner("Chung tay phòng, chống nạn mua bán người", asked=True)
    one.expect_status("2 đã gửi đủ")
    district.open("BR-2")
    district.say("Duyệt")
    admin = reviewer("quantri").page
    to_report(admin, url)
    admin.get_by_role("link", name="Mở khóa số liệu").click()
    admin.get_by_label("Lý do (đơn vị đọc được)").fill("Bổ sung kết quả gửi muộn của xã Chính Nghĩa")
    admin.get_by_role("button", name="Mở khóa số liệu").click()
    lock(province, url)
    province.goto(first)
    province.get_by_role("button", name="Lập báo cáo bổ sung").click()
    expect(province.get_by_text("Tiếp theo Báo cáo số 101/BC-UBND")).to_be_visible()
    made = word(province, tmp_path, "Tải bản dự thảo (Word)")
    assert "đã có Báo cáo số 101/BC-UBND ngày" in prose(made)
    made.save(str(tmp_path / "again.docx"))
    rows = changes((tmp_path / "again.docx").read_bytes())
    assert ["", "Tổng cộng", "Băng rôn (chiếc)", "1", "2", "+1", "thêm 01 kết quả"] in rows
    fits(province)
    sign(province, "120/BC-UBND", tmp_path)


@pytest.mark.costly
def test_what_was_written_before_the_script_arrived_is_saved(
    province: object, reviewer: Callable[[str], Reviewer]
) -> None:
    assert province
    commune = reviewer("xa1")
    page = commune.page
    page.goto(f"{commune.url}/desk/texts")
    page.get_by_role("button", name="Viết các mục I, III, IV, V").click()
    expect(page.get_by_role("button", name="Lưu và đóng")).to_be_visible()
    held: list[Route] = []
    page.route("**/autosave.js", lambda route: held.append(route))  # noqa: PLW0108  # the driver marks its handler
    page.reload(wait_until="commit")
    page.get_by_label("III.2. Khó khăn, hạn chế").first.fill("Cụm loa hỏng.")
    for each in held:
        each.continue_()
    expect(page.get_by_text("Đã tự lưu lúc")).to_be_visible(timeout=15_000)


@pytest.mark.costly
def test_without_javascript_it_all_works_by_buttons(
    province: object, browser: Browser, reviewer: Callable[[str], Reviewer]
) -> None:
    """Write, be overtaken, take the kept text, pick, present."""
    assert province
    url = reviewer("huyen").url
    with browser.desk() as context:
        chromium: Chromium | None = context.browser
        assert chromium
        bare = chromium.new_context(java_script_enabled=False, locale="vi-VN")
        one = Reviewer(bare.new_page(), url).sign_in("xa1").page
        one.goto(f"{url}/desk/texts")
        write(one, "V. Kiến nghị, đề xuất", "Cấp thêm loa.")
        two = Reviewer(bare.new_page(), url)
        two.page.context.clear_cookies()
        page = two.sign_in("huyen").page
        page.goto(f"{url}/desk/texts")
        page.locator("section").filter(has_text="V. Kiến nghị, đề xuất").get_by_role(
            "link", name="Chọn từ cấp dưới"
        ).click()
        page.get_by_role("checkbox").check()
        page.get_by_role("button", name="Đưa vào báo cáo").click()
        expect(page.get_by_text("Cấp thêm loa (xã Chính Nghĩa).")).to_be_visible()
        lock(page, url)
        page.goto(f"{url}/desk/report")
        page.get_by_role("button", name="Lập báo cáo trình ký").click()
        page.get_by_role("button", name="Trình", exact=True).click()
        page.get_by_text("Trả lại để sửa", exact=True).first.click()
        page.get_by_label("Lý do trả lại").fill("Thiếu phụ lục")
        page.get_by_role("button", name="Trả lại để sửa").click()
        expect(page.get_by_text("Lý do: Thiếu phụ lục")).to_be_visible()
        bare.close()
