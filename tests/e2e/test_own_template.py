"""A province's own Word template in a browser: the starter changed, uploaded, chosen, presented, opened again."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from server.core.db import reading
from server.models import Freeze
from server.services.reports.snapshot import freezes
from server.services.reports.tables import cell_text
from server.services.units.scope import Scope
from support.browsers.officer import Officer
from support.browsers.papers import figures, lock, prose, to_report, word
from support.browsers.reviewer import Reviewer
from support.browsers.widths import fits
from support.world.province import Province

pytestmark = pytest.mark.slow
NAME = "Mẫu của Sở"


@pytest.mark.costly
def test_from_the_starter_to_a_presented_report_in_the_own_template(
    province: Province, officer: Callable[[str], Officer], reviewer: Callable[[str], Reviewer], tmp_path: Path
) -> None:
    one = officer("xa1")
    one.banner("Chung tay phòng, chống nạn mua bán người")
    one.expect_status("1 đã gửi đủ")
    district = reviewer("huyen")
    district.open("BR-1")
    district.say("Duyệt")
    url, page = district.url, reviewer("tinh").page
    page.goto(f"{url}/desk/report/letterhead")
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải mẫu khởi đầu (Word)").click()
    download.value.save_as(tmp_path / "starter.docx")
    made = docx.Document(str(tmp_path / "starter.docx"))
    made.add_paragraph("Sở đã tổng hợp {{ tong.bang_ron }} băng rôn.")
    wrong = made.add_paragraph("Sai: {{ tong.bang_zon }}.")
    made.save(str(tmp_path / "wrong.docx"))
    wrong.text = ""
    made.save(str(tmp_path / "right.docx"))
    for name in ("wrong", "right"):
        form = page.locator("form").filter(has=page.get_by_label("Tệp mẫu"))
        form.get_by_label("Tên mẫu").fill(NAME)
        form.get_by_label("Tệp mẫu").set_input_files(tmp_path / f"{name}.docx")
        form.get_by_role("button", name="Tải lên và kiểm tra").click()
        if name == "wrong":
            expect(page.get_by_role("alert")).to_contain_text("Sai: {{ tong.bang_zon }}.")
        fits(page)
    expect(page.get_by_text("Đã nhận mẫu.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Xem thử với số liệu hôm nay (Word)").click()
    download.value.save_as(tmp_path / "preview.docx")
    assert "Sở đã tổng hợp 1 băng rôn." in prose(docx.Document(str(tmp_path / "preview.docx")))

    lock(page, url)
    to_report(page, url)
    page.get_by_role("button", name="Lập báo cáo trình ký").click()
    page.get_by_role("button", name="Sửa: Mẫu Word của báo cáo").click()
    page.get_by_label("Mẫu Word của báo cáo").last.select_option(label=NAME)
    fits(page)
    page.get_by_role("button", name="Lưu và đóng").first.click()
    expect(page.get_by_text(f"theo mẫu riêng “{NAME}”")).to_be_visible()
    page.get_by_role("button", name="Trình", exact=True).click()
    expect(page.get_by_label("Người duyệt nội dung")).to_be_visible()
    expect(page.get_by_role("button", name="Sửa: Mẫu Word của báo cáo")).to_have_count(0)
    got = word(page, tmp_path, "Tải báo cáo (Word)")
    assert "Sở đã tổng hợp 1 băng rôn." in prose(got)
    assert not re.search(r"\{\{|\{%", prose(got))
    with province.world.app.app_context(), reading() as session:
        frozen = freezes.read(
            session, Scope(session, province.world.officers["tinh"]), session.scalars(select(Freeze.id)).one()
        )
        table, counts = frozen.table, frozen.counts
        shown = {"Tổng cộng": table.total} | {row.unit.name: row for row in table.children}
        said = {
            name: [
                cell_text(row.cells[each.code], counts)
                for each in table.figures
                if table.total.cells[each.code].is_said
            ]
            for name, row in shown.items()
        }
    for name, cells in said.items():
        assert sorted(figures(got, name)[2:]) == sorted(map(str, cells)), name
    assert said["Tổng cộng"]
