"""A campaign from its letter, and the grades of its hints."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page, expect

from support.letters.files import SEED
from support.world.world import World


def hint_grades(world: World, page: Page, at: str) -> Iterator[str]:
    """Visit the grades of a campaign, with a line that is none."""
    page.goto(f"{at}/desk/campaigns/{world.campaign}/amend")
    page.get_by_label("Mỗi dòng một đơn vị").fill("12286 năm nghìn")
    page.get_by_role("button", name="Lưu số dân").click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield "amend.show/hintsbad line"


def from_a_letter(page: Page, at: str) -> Iterator[str]:
    """Visit the campaigns, a letter that cannot be read, a draft with its letter, its preview, a campaign to amend."""
    page.goto(f"{at}/desk/campaigns")
    yield "campaigns.show/plain"
    page.get_by_role("button", name="Đọc công văn").click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield "campaigns.show/no letter"
    page.get_by_label("Hoặc dán nội dung công văn").fill(
        SEED.read_text("utf-8").replace("trước ngày 03/8", "chậm nhất 02/8")
    )
    page.get_by_role("button", name="Đọc công văn").click()
    for closed in (
        "Trích yếu, người ký, nơi nhận",
        "Chỉ tiêu theo công văn",
        "Đề cương báo cáo",
    ):
        page.get_by_text(closed).first.click()
    yield "drafts.edit/seed letter"
    page.get_by_role("button", name="Xem trước").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    yield "drafts.edit/faults"
    page.get_by_label("Bắt đầu").fill("2021-07-01")
    page.get_by_label("Kết thúc").fill("2021-07-31")
    for each in page.get_by_role("checkbox", name="Đúng, ngày").all():
        each.check()
    page.get_by_role("button", name="Xem trước").click()
    expect(page.get_by_role("button", name="Phát hành đợt này")).to_be_visible()
    yield "drafts.edit/preview"
    page.get_by_role("button", name="Phát hành đợt này").click()
    page.get_by_text("Xem toàn văn công văn").click()
    yield "letter.show/from a letter"
    page.get_by_role("link", name="Sửa đợt này").click()
    yield "amend.show/plain"
