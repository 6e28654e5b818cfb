"""At the desk a record and its photos are one page and one press."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, expect

from support.browsers.reviewer import Reviewer
from support.likeness.honest import honest
from support.likeness.measuring import jpeg
from support.world.province import Province

pytestmark = pytest.mark.slow


def test_a_record_is_entered_with_its_photos_on_one_page(
    province: Province, reviewer: Callable[[str], Reviewer]
) -> None:
    page = reviewer("xa1").page
    page.goto(f"{province.server.url}/desk/records/new?kind=banner")
    expect(page.get_by_role("button", name="Lưu nháp, rồi thêm ảnh")).to_be_hidden()
    chosen = page.get_by_label("Ảnh từ máy tính")
    files = [FilePayload(name=f"{n}.jpg", mimeType="image/jpeg", buffer=jpeg(honest(n))) for n in (3, 5)]
    chosen.set_input_files(files)
    expect(page.locator(".chosen li")).to_have_count(2)
    page.get_by_label(re.compile("Số lượng")).first.fill("4")
    page.get_by_role("button", name="Lưu nháp", exact=True).click()
    expect(page.get_by_text("Đã thêm 2 ảnh.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/desk/records/[\w-]{16}$"))
    expect(page.locator("a[href$='/full'] img")).to_have_count(2)

    page.goto(f"{province.server.url}/desk/records/new?kind=banner")
    chosen.set_input_files(files)
    chosen.set_input_files([])
    page.get_by_label(re.compile("Số lượng")).first.fill("2")
    page.get_by_role("button", name="Lưu nháp", exact=True).click()
    expect(page.get_by_text("Đã lưu bản ghi mới.")).to_be_visible()
