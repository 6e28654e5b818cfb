"""Documents, forms and letterheads, a report from its draft to its issue, the checklist."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import FilePayload, Page, expect
from sqlalchemy import select

from server.core.clock import today
from server.core.db import reading
from server.models import Job
from support.jobs import inline
from support.world.world import World


def documents(world: World, page: Page, at: str) -> Iterator[str]:
    """Visit documents asked for, made and failed, a form and a template refused, the letterhead with a fault."""
    page.get_by_role("link", name="Tài liệu khác").click()
    yield "documents.show/none"
    for name in ("Báo cáo (Word)", "Sổ nhật ký phát thanh (Word)"):
        page.locator("form.card").filter(has=page.get_by_role("heading", name=name, exact=True)).get_by_role(
            "button", name="Lập tài liệu"
        ).click()
        expect(page.get_by_text("Đã yêu cầu lập tài liệu.")).to_be_visible()
    page.goto(page.url.replace("&watch=1", ""))
    yield "documents.show/waiting"
    waiting(world)
    page.reload()
    yield "documents.show/made"
    page.get_by_role("link", name="Biểu mẫu của Bộ, tỉnh").click()
    file: FilePayload = {"name": "bieu.xlsx", "mimeType": "application/octet-stream", "buffer": b"not ours"}
    for label, refused in (("Tệp biểu mẫu", "form"), ("Tệp mẫu", "template")):
        sent = page.locator("form").filter(has=page.get_by_label(label))
        sent.locator("input[type=file]").set_input_files([file])
        sent.get_by_role("button", name="Tải lên và kiểm tra").click()
        expect(page.get_by_role("alert")).to_be_visible()
        for summary in ("Thẻ dùng trong biểu mẫu", "Thẻ dùng trong mẫu và ý nghĩa"):
            page.locator("summary", has_text=summary).click()
        yield f"letterhead.show/refused {refused}"
    page.goto(f"{at}/desk/report/letterhead")
    yield "letterhead.show/usual"
    page.get_by_label("Ký hiệu").fill("báo cáo")
    page.get_by_role("button", name="Lưu thể thức").click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield "letterhead.show/fault"
    page.get_by_label("Ký hiệu").fill("BC-SLĐTBXH")
    page.get_by_role("button", name="Lưu thể thức").click()
    page.get_by_text("Áp dụng từ").last.click()
    yield "letterhead.show/own"


def waiting(world: World) -> None:
    """Make the documents that wait."""
    with world.app.app_context(), reading() as session:
        jobs = list(session.scalars(select(Job.id).where(Job.kind == "documents.make")))
    for job in jobs:
        inline.run(world, job)


def checklist(page: Page, at: str) -> Iterator[str]:
    """Visit the checklist for a victim who came back, and its sheet."""
    page.goto(f"{at}/desk/checklist")
    yield "checklist.show/plain"
    page.get_by_label("Ngày tiếp nhận").fill("2021-07-15")
    page.get_by_role("button", name="Lập phiếu").click()
    expect(page.get_by_role("article")).to_be_visible()
    yield "checklist.show/sheet"


def papers(page: Page, at: str) -> Iterator[str]:
    """Visit the texts of a report, what may be picked for it, and a report from its draft to its issue."""
    page.goto(f"{at}/desk/texts")
    page.get_by_role("button", name="Viết các mục I, III, IV, V").click()
    page.get_by_label("III.1. Ưu điểm").first.fill("Người dân hưởng ứng.")
    yield "texts.show/writing"
    page.get_by_role("button", name="Lưu và đóng").click()
    page.get_by_role("link", name="Chọn từ cấp dưới").first.click()
    yield "texts.show/none"
    page.goto(f"{at}/desk/report")
    yield "report.show/locked"
    page.get_by_role("button", name="Lập báo cáo trình ký").click()
    expect(page.get_by_text("Đã lập báo cáo, ở bước dự thảo.")).to_be_visible()
    yield "papers.show/draft"
    page.get_by_role("button", name="Sửa: Kính gửi").click()
    page.get_by_role("button", name="Sửa: Phụ lục kèm theo báo cáo").click()
    yield "papers.show/written in place"
    page.get_by_role("button", name="Lưu và đóng").first.click()
    page.get_by_role("link", name="Sửa lời văn").click()
    yield "texts.show/of a report"
    page.go_back()
    page.get_by_role("button", name="Trình", exact=True).click()
    page.get_by_text("Trả lại để sửa", exact=True).first.click()
    yield "papers.show/content, going back"
    for label, act in (
        ("Người duyệt nội dung và thể thức", "Duyệt, trình ký"),
        ("Người ký", "Ghi nhận đã ký"),
    ):
        page.get_by_label(label).fill("Trưởng phòng")
        page.get_by_role("button", name=act).click()
    page.get_by_label("Số, ký hiệu").fill("101/BC-UBND")
    page.get_by_label("Ngày của báo cáo").fill("2021-01-01")
    page.get_by_role("button", name="Ghi nhận đã phát hành").click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield "papers.show/wrong day"
    page.get_by_label("Ngày của báo cáo").fill(today().isoformat())
    page.get_by_role("button", name="Ghi nhận đã phát hành").click()
    expect(page.get_by_text("Đã phát hành số 101/BC-UBND")).to_be_visible()
    yield "papers.show/issued"
    page.goto(f"{at}/desk/report?now=1")
    yield "report.show/beside an issued one"
