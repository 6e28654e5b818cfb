"""A case of each law from reception to closing in a real browser: one table, one save, and the sheet on paper."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from support.browsers.browser import Browser
from support.browsers.legible import axe
from support.tour.apart import enter, is_news, unlock
from support.world.cases import entitle
from support.world.province import Province

pytestmark = pytest.mark.slow
WIDE: ViewportSize = {"width": 1366, "height": 768}
PIXEL: ViewportSize = {"width": 393, "height": 851}
NARROW: ViewportSize = {"width": 360, "height": 640}
MOST_PX = 2_400
"""Height of the page of a case with ten benefits. It was 3,000 px, with a form for each."""


@pytest.fixture
def officer(province: Province, browser: Browser) -> Iterator[Page]:
    """A case officer of a commune, who is in."""
    entitle(province.world)
    at = province.server.url
    with browser.desk(viewport=WIDE) as context:
        page = context.new_page()
        enter(province.world, page, at, "mat_xa")
        page.goto(f"{at}/desk/cases")
        page.get_by_role("button", name="Mở hồ sơ hỗ trợ").click()
        unlock(page)
        if is_news(page):
            page.get_by_role("link", name="Tiếp tục").click()
        expect(page.get_by_text("Chưa có hồ sơ nào")).to_be_visible()
        yield page
        page.goto(f"{at}/desk/cases")
        look(page, "list")


def look(page: Page, name: str) -> None:
    """Keep a picture of the page where somebody wants to look at it."""
    if folder := os.environ.get("LOA_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def make(page: Page, category: str, received: str) -> None:
    page.locator("summary", has_text="Lập hồ sơ mới").click()
    page.get_by_label("Đối tượng").select_option(category)
    page.get_by_label("Ngày tiếp nhận").fill(received)
    for name, value in (("Giới tính", "female"), ("Nhóm tuổi", "adult"), ("Nguồn tiếp nhận", "border")):
        page.get_by_label(name).select_option(value)
    page.get_by_role("button", name="Lập hồ sơ").click()
    expect(page.get_by_text("Đề nghị ghi mã lên hồ sơ giấy")).to_be_visible()


def tick(page: Page, what: str, state: str) -> None:
    page.get_by_role("radio", name=f"{what}: {state}", exact=True).check()


def save(page: Page, day: str) -> None:
    page.get_by_label("Ngày của các mục vừa đánh dấu").fill(day)
    page.get_by_role("button", name="Ghi cả bảng").click()
    expect(page.get_by_text("Đã ghi.")).to_be_visible()


def paper(form: Locator, number: str, day: str) -> None:
    """A document of the police."""
    form.get_by_label("Cơ quan ban hành").select_option("police")
    form.get_by_label("Số văn bản").fill(number)
    form.get_by_label("Ngày văn bản").fill(day)


def close(page: Page, day: str, why: str) -> None:
    page.get_by_text("Kết thúc hồ sơ").first.click()
    for each in page.locator("select[name^='why.']").all():
        each.select_option(why)
    form = page.locator("form[action$='/close']")
    form.get_by_label("Ngày", exact=True).fill(day)
    form.get_by_role("button", name="Kết thúc hồ sơ").click()
    expect(page.get_by_text("Đã kết thúc hồ sơ.")).to_be_visible()


def printed(page: Page, name: str) -> list[str]:
    """Print the sheet. Returns the text of its pages, without blanks at the ends of lines."""
    page.get_by_role("link", name="Phiếu in").click()
    expect(page.get_by_role("article")).to_be_visible()
    look(page, f"{name}_sheet")
    page.emulate_media(media="print")
    look(page, f"{name}_print")
    made = page.pdf(prefer_css_page_size=True)
    page.emulate_media(media="screen")
    if folder := os.environ.get("LOA_PICTURES"):
        (Path(folder) / f"{name}.pdf").write_bytes(made)
    return [" ".join(each.extract_text().split()) for each in pypdf.PdfReader(io.BytesIO(made)).pages]


def height(page: Page) -> int:
    """Return the height of the page in px, once its styles and fonts are there."""
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready.then(() => null)")
    return int(page.evaluate("document.documentElement.scrollHeight"))


def test_under_the_law_of_2024(officer: Page) -> None:
    page = officer
    make(page, "identified_here", "20/08/2025")
    look(page, "2024_new")
    assert height(page) <= MOST_PX
    for size in (WIDE, PIXEL, NARROW):
        page.set_viewport_size(size)
        box = page.get_by_role("radio", name="a) Hỗ trợ nhu cầu thiết yếu: Đã hỗ trợ", exact=True).bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= size["width"] - box["width"], "what is to be ticked is in sight"
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], "tables scroll inside their box"
        assert not axe(page)
        look(page, f"2024_new_{size['width']}")
    page.set_viewport_size(WIDE)
    for what in ("a) Hỗ trợ nhu cầu thiết yếu", "b) Hỗ trợ y tế", "g) Hỗ trợ tâm lý"):
        tick(page, what, "Đã hỗ trợ")
    for what in ("c) Hỗ trợ phiên dịch", "d) Hỗ trợ pháp luật", "đ) Trợ giúp pháp lý", "e) Hỗ trợ chi phí đi lại"):
        tick(page, what, "Không nhận")
    page.get_by_role("checkbox", name="Thông báo cho cơ quan chuyên môn về y tế cấp tỉnh: Xong").check()
    save(page, "21/08/2025")
    page.get_by_text("Ghi kết quả: là nạn nhân").first.click()
    form = page.locator("form[action$='/identify']").first
    paper(form, "45", "10/09/2025")
    form.get_by_role("button", name="Ghi kết quả: là nạn nhân").click()
    expect(page.get_by_text("là nạn nhân: Công an, văn bản số 45 ngày 10/09/2025")).to_be_visible()
    look(page, "2024_ten")
    assert height(page) <= MOST_PX, "ten benefits"
    page.get_by_label("Trở về nơi cư trú", exact=True).fill("15/09/2025")
    for what in ("h) Hỗ trợ học văn hóa", "i) Hỗ trợ học nghề, tư vấn, tạo điều kiện để có việc làm"):
        tick(page, what, "Đã báo quyền")
    tick(page, "k) Trợ cấp khó khăn ban đầu, hỗ trợ vay vốn", "Đã nộp hồ sơ")
    save(page, "16/09/2025")
    look(page, "2024_half")
    tick(page, "k) Trợ cấp khó khăn ban đầu, hỗ trợ vay vốn", "Đã hỗ trợ")
    for what in ("h) Hỗ trợ học văn hóa", "i) Hỗ trợ học nghề, tư vấn, tạo điều kiện để có việc làm"):
        tick(page, what, "Không nhận")
    save(page, "26/09/2025")
    close(page, "31/12/2025", "no_contact")
    look(page, "2024_closed")
    pages = printed(page, "2024")
    assert len(pages) <= 2, "a sheet of paper"
    whole = " ".join(pages)
    for said in ("53/2024/QH15", "Sở Y tế", "Mẫu số 07", "văn bản số 45", "☑ 26/09/2025", "Dấu *", "Đã kết thúc"):
        assert said in whole, said
    assert whole.count("cần đối chiếu") + whole.count("Cần đối chiếu") <= 1, "one note for the table"


def test_under_the_law_of_2011(officer: Page) -> None:
    page = officer
    make(page, "victim", "28/07/2021")
    look(page, "2011_new")
    for what in ("Hỗ trợ nhu cầu thiết yếu và chi phí đi lại", "Hỗ trợ y tế"):
        tick(page, what, "Đã hỗ trợ")
    for what in ("Hỗ trợ tâm lý", "Trợ giúp pháp lý"):
        tick(page, what, "Không nhận")
    for what in ("Hỗ trợ học văn hóa, học nghề", "Trợ cấp khó khăn ban đầu, hỗ trợ vay vốn"):
        tick(page, what, "Đã nộp hồ sơ")
    page.get_by_label("Được xác nhận là nạn nhân", exact=True).fill("29/07/2021")
    page.get_by_label("Nhận đơn, hồ sơ đề nghị hỗ trợ", exact=True).fill("02/08/2021")
    page.get_by_role("checkbox", name="Công an nhận đề nghị xác minh: Chưa biết").check()
    save(page, "02/08/2021")
    expect(page.get_by_role("checkbox", name="Công an nhận đề nghị xác minh: Chưa biết")).to_be_checked()
    for box in page.locator("input[name^='step.'][type=checkbox]").all():
        box.check()
    for what in ("Hỗ trợ học văn hóa, học nghề", "Trợ cấp khó khăn ban đầu, hỗ trợ vay vốn"):
        tick(page, what, "Đã hỗ trợ")
    save(page, "12/08/2021")
    expect(page.get_by_text("Quá hạn")).to_have_count(0)
    close(page, "31/12/2021", "no_contact")
    pages = printed(page, "2011")
    assert len(pages) <= 2
    whole = " ".join(pages)
    for said in ("66/2011/QH12", "Đơn đề nghị hỗ trợ", "☑ 12/08/2021", "trong 03 ngày làm việc", "Dấu *"):
        assert said in whole, said


def test_open_across_two_laws(officer: Page) -> None:
    page = officer
    make(page, "victim", "20/06/2025")
    look(page, "across_asked")
    asked = page.get_by_label("Trước ngày 01/07/2025, đã được xác định là nạn nhân")
    expect(asked).to_have_value("")
    asked.select_option("2024")
    page.locator("form[action$='/law']").get_by_role("button").click()
    expect(page.get_by_text("Chưa trả lời")).to_have_count(0)
    tick(page, "a) Hỗ trợ nhu cầu thiết yếu", "Đã hỗ trợ")
    save(page, "02/07/2025")
    tick(page, "b) Hỗ trợ y tế", "Có nhu cầu")
    page.get_by_label("Ngày của các mục vừa đánh dấu").fill("01/06/2025")
    page.get_by_role("button", name="Ghi cả bảng").click()
    expect(page.locator("tr.wrong")).to_have_count(1)
    box = page.locator("tr.wrong").bounding_box()
    assert box is not None
    assert box["width"] > WIDE["width"] / 2, "a row that was refused is still a row of its table"
    look(page, "across_refused")
    tick(page, "b) Hỗ trợ y tế", "Có nhu cầu")
    save(page, "03/07/2025")
    page.get_by_text("Có văn bản kết luận: không phải nạn nhân").first.click()
    form = page.locator("form[action$='/identify']").last
    paper(form, "51", "20/07/2025")
    look(page, "across_not_victim_form")
    form.get_by_role("button").click()
    expect(page.get_by_text("không phải nạn nhân: Công an, văn bản số 51 ngày 20/07/2025")).to_be_visible()
    look(page, "across_not_victim")
    page.get_by_text("Mở lại theo văn bản mới").first.click()
    form = page.locator("form[action$='/open-anew']")
    form.get_by_label("Lý do").select_option("new_facts")
    paper(form, "77", "05/08/2025")
    look(page, "across_anew_form")
    form.get_by_role("button").click()
    expect(page.get_by_text("Công an, văn bản số 77 ngày 05/08/2025")).to_be_visible()
    look(page, "across_anew")
    close(page, "31/12/2025", "no_contact")
    pages = printed(page, "across")
    assert len(pages) <= 2
    for said in ("53/2024/QH15", "văn bản số 51", "văn bản số 77", "02/07/2025"):
        assert said in " ".join(pages), said
    assert all("Mã hồ sơ" in each and "in ngày" in each for each in pages), "a sheet that comes loose says whose it is"
