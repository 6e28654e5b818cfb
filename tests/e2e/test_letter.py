"""An official letter becomes a campaign at the desk in a few acts, and a phone that is enrolled has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from support.browsers.officer import Officer
from support.browsers.reviewer import Reviewer
from support.letters.files import SEED, word

pytestmark = pytest.mark.slow
NAME = "Ngày toàn dân phòng, chống mua bán người năm 2021"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SECONDS_AN_ACT = 6
"""What a person takes for one act: find the field, look at the letter beside it, type or click."""
FITS = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@dataclass
class Acts:
    """Counts what a person does."""

    page: Page
    done: list[str] = field(default_factory=list)

    def __call__(self, what: str, act: Callable[..., Any], *args: Any) -> None:
        self.done.append(what)
        act(*args)


def test_the_seed_letter_is_on_a_phone_in_two_minutes_of_acts(
    officer: Callable[[str], Officer], reviewer: Callable[[str], Reviewer]
) -> None:
    one = officer("xa1")
    page = reviewer("tinh").page
    file: FilePayload = {"name": "cong-van.docx", "mimeType": WORD, "buffer": word(SEED.read_text("utf-8"))}
    act = Acts(page)
    act("the menu", page.get_by_role("link", name="Đợt hoạt động").click)
    act("choose the file", page.get_by_label("Tệp công văn").set_input_files, [file])
    act("read it", page.get_by_role("button", name="Đọc công văn").click)
    expect(page.get_by_label("Tên đợt")).to_have_value(NAME)
    expect(page.locator("mark", has_text="trước ngày 03/8/2021")).to_be_visible()
    act("first day", page.get_by_label("Bắt đầu").fill, "2021-07-01")
    act("last day", page.get_by_label("Kết thúc").fill, "2021-07-31")
    act("figures", page.get_by_text("Chỉ tiêu theo công văn").click)
    act("banners", page.get_by_label("Kế hoạch mỗi xã: Băng rôn").fill, "5")
    act("airings", page.get_by_label("Kế hoạch mỗi xã: Lượt phát").fill, "20")
    act("yes to the communes' day", page.get_by_role("checkbox", name="Đúng, ngày").check)
    act("preview", page.get_by_role("button", name="Xem trước").click)
    expect(page.locator(".phone-frame")).to_contain_text("Băng rôn: chưa báo cáo (giao 5 chiếc)")
    act("publish", page.get_by_role("button", name="Phát hành đợt này").click)
    expect(page.get_by_role("heading", name=NAME, exact=True)).to_be_visible()
    assert len(act.done) * SECONDS_AN_ACT <= 120, act.done

    one.send()
    chosen = one.page.get_by_label("Đợt hoạt động")
    chosen.select_option(label=NAME)
    expect(one.page.get_by_text("hạn gửi: hết ngày 31/07")).to_be_visible()
    one.banner("Phát huy tinh thần phòng, chống dịch Covid, chung tay đẩy lùi nạn mua bán người", asked=True)
    one.expect_status("1 đã gửi đủ")


@pytest.mark.parametrize("width", [360, 1366])
@pytest.mark.costly
def test_a_place_in_the_letter_is_found_from_its_field(reviewer: Callable[[str], Reviewer], width: int) -> None:
    page = reviewer("tinh").page
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(f"{page.url.partition('/desk')[0]}/desk/campaigns")
    page.get_by_label("Hoặc dán nội dung công văn").fill(SEED.read_text("utf-8"))
    page.get_by_role("button", name="Đọc công văn").click()
    source = page.locator(".field", has=page.get_by_label("Hạn gửi: trước ngày")).get_by_role("link").first
    source.click()
    target = page.locator("mark:target")
    expect(target).to_contain_text("trước ngày 03/8/2021")
    expect(target).to_be_in_viewport()
    assert page.evaluate(FITS), "nothing is pushed sideways"


LETTERHEAD = """
<meta charset="utf-8">
<style>body { font: 14pt "Liberation Serif", serif } td { text-align: center; width: 50%; vertical-align: top }</style>
<table><tr><td>UBND TỈNH HƯNG YÊN<br><b>SỞ Y TẾ</b></td>
<td><b>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM<br>Độc lập - Tự do - Hạnh phúc</b></td></tr>
<tr><td>Số: 1482/SYT-BTXH<br>V/v hưởng ứng Ngày toàn dân phòng, chống mua bán người năm 2026</td>
<td><i>Hưng Yên, ngày 08 tháng 7 năm 2026</i></td></tr></table>
<p>Kính gửi: Ủy ban nhân dân các xã, phường</p>
<p style="text-align:justify">Thực hiện Kế hoạch số 97/KH-UBND ngày 20/6/2026 của Ủy ban nhân dân tỉnh về
phòng, chống mua bán người năm 2026, Sở Y tế đề nghị Ủy ban nhân dân các xã, phường treo băng rôn với khẩu hiệu
“Vì một cộng đồng không có mua bán người”, tuyên truyền về đường dây nóng 111 và báo cáo kết quả về Sở Y tế
chậm nhất ngày 10/8/2026 để tổng hợp./.</p>
<table><tr><td style="text-align:left"><b><i>Nơi nhận:</i></b><br>- Như trên;<br>- Lưu: VT, BTXH.</td>
<td><b>KT. GIÁM ĐỐC<br>PHÓ GIÁM ĐỐC</b><br><br><br><b>Trần Thị Mẫu</b></td></tr></table>
"""


@pytest.mark.costly
def test_a_letter_of_two_columns_that_a_program_printed_as_pdf(reviewer: Callable[[str], Reviewer]) -> None:
    page = reviewer("tinh").page
    other = page.context.new_page()
    other.set_content(LETTERHEAD)
    data = other.pdf(format="A4")
    page.goto(f"{page.url.partition('/desk')[0]}/desk/campaigns")
    page.get_by_label("Tệp công văn").set_input_files(
        FilePayload(name="cong-van.pdf", mimeType="application/pdf", buffer=data)
    )
    page.get_by_role("button", name="Đọc công văn").click()
    page.get_by_text("Trích yếu, người ký, nơi nhận").click()
    for name, value in (
        ("number", "1482/SYT-BTXH"),
        ("dated", "08/07/2026"),
        ("issuer", "Sở Y tế"),
        ("above", "UBND tỉnh Hưng Yên"),
        ("to", "Ủy ban nhân dân các xã, phường"),
        ("slogans", "Vì một cộng đồng không có mua bán người"),
        ("hotline", "111"),
        ("due_before", "11/08/2026"),
        ("signer_role", "KT. GIÁM ĐỐC PHÓ GIÁM ĐỐC"),
        ("signer", "Trần Thị Mẫu"),
        ("recipients", "Như trên\nLưu: VT, BTXH"),
    ):
        expect(page.locator(f'[name="{name}"]')).to_have_value(value)
