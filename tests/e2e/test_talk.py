"""Questions and answers about a record, phone and desk: without a network, as many as there are (SPEC D-15)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from support.browsers.officer import Officer
from support.browsers.reviewer import Reviewer
from support.tour.colleagues import Colleague, judge
from support.world.changes import status
from support.world.province import Province

pytestmark = pytest.mark.slow
ASKED, ANSWERED, THANKS = "Có cần chụp thêm ban đêm không?", "Không cần, ảnh ban ngày là đủ.", "Xin cảm ơn đồng chí."


def is_in_the_tray(one: Officer, words: str) -> None:
    """X-67: the status line leads to all words that wait, and these to their record."""
    one.page.get_by_role("link", name="1 câu hỏi, trả lời chờ gửi").click()
    left = one.page.get_by_role("region", name="Câu hỏi, trả lời chưa gửi được")
    expect(left).to_contain_text(words)
    left.get_by_role("link").click()
    expect(one.page.get_by_role("region", name="Hỏi, trả lời")).to_contain_text(words)
    one.home()


@pytest.mark.costly
@pytest.mark.parametrize("verdict", ["counted", ""])
def test_an_officer_asks_and_is_answered(
    province: Province, officer: Callable[[str], Officer], reviewer: Callable[[str], Reviewer], verdict: str
) -> None:
    colleague, one = Colleague(province.world, "xa2"), officer("xa1")
    record = colleague.banner()
    if verdict:
        judge(province.world, record, verdict)
    one.send()
    one.offline()
    one.page.evaluate("id => { location.hash = `/record/${id}` }", record)
    talk = one.page.get_by_role("region", name="Hỏi, trả lời")
    talk.get_by_role("button", name="Hỏi cấp trên về bản ghi này").click()
    box = talk.get_by_label("Nội dung hỏi, trả lời")
    names = talk.get_by_text("Không ghi tên nạn nhân.").bounding_box()
    place = box.bounding_box()
    assert names is not None
    assert place is not None
    assert names["y"] < place["y"], "above the box"
    box.fill("Có cần chụp thêm?")
    talk.get_by_role("button", name="Gửi").click()
    expect(talk).to_contain_text("Chờ gửi")
    talk.get_by_role("button", name="Sửa").click()
    box.fill(ASKED)
    talk.get_by_role("button", name="Gửi").click()
    one.home()
    one.expect_status("1 câu hỏi, trả lời chờ gửi")
    is_in_the_tray(one, ASKED)
    one.offline(on=False)
    one.expect_status("Không có gì chờ gửi")
    desk = reviewer("huyen").page
    desk.goto(f"{province.server.url}/desk/queue?state=replied")
    expect(desk.get_by_text(ASKED)).to_be_visible()
    desk.goto(f"{province.server.url}/desk/records/{record}")
    desk.get_by_label("Nội dung hỏi hoặc trả lời").fill(ANSWERED)
    desk.get_by_role("region", name="Hỏi, trả lời về bản ghi").get_by_role("button", name="Gửi").click()
    expect(desk.get_by_text("Đã gửi nội dung hỏi, trả lời.")).to_be_visible()
    one.send()
    news = one.page.get_by_role("region", name="Phản hồi của cấp trên")
    expect(news).to_contain_text("cấp trên hỏi, trả lời")
    news.get_by_role("link").click()
    expect(one.page.get_by_text(ANSWERED)).to_be_visible()
    one.page.get_by_role("link", name=ANSWERED).click()
    expect(talk).to_contain_text(ANSWERED)
    talk.get_by_role("button", name="Viết thêm").click()
    box.fill(THANKS)
    talk.get_by_role("button", name="Gửi").click()
    expect(talk.get_by_text("Chờ gửi")).to_have_count(0)
    one.page.get_by_text("Lịch sử").click()
    history = one.page.get_by_role("list").filter(has_text=THANKS)
    for text in (ASKED, ANSWERED, THANKS):
        expect(history).to_contain_text(text)
    desk.goto(f"{province.server.url}/desk/records/{record}")
    for text in (ASKED, ANSWERED, THANKS):
        expect(desk.locator("section.history")).to_contain_text(text)


@pytest.mark.costly
def test_words_that_were_refused_are_kept_and_sent_again(province: Province, officer: Callable[[str], Officer]) -> None:
    colleague, one = Colleague(province.world, "xa2"), officer("xa1")
    record = colleague.banner()
    one.send()
    one.offline()
    one.page.evaluate("id => { location.hash = `/record/${id}` }", record)
    talk = one.page.get_by_role("region", name="Hỏi, trả lời")
    talk.get_by_role("button", name="Hỏi cấp trên về bản ghi này").click()
    box = talk.get_by_label("Nội dung hỏi, trả lời")
    box.fill(ASKED)
    talk.get_by_role("button", name="Gửi").click()
    status(province.world, "archived")
    one.offline(on=False)
    expect(talk.get_by_role("button", name="Đã hiểu")).to_be_visible()
    expect(talk).to_contain_text(ASKED)
    status(province.world, "open")
    one.send()
    one.page.evaluate("id => { location.hash = `/record/${id}` }", record)
    talk.get_by_role("button", name="Sửa lại").click()
    expect(box).to_have_value(ASKED)
    talk.get_by_role("button", name="Gửi").click()
    expect(talk.get_by_role("button", name="Đã hiểu")).to_have_count(0)
    expect(talk.get_by_text("Chờ gửi")).to_have_count(0)
    expect(talk).to_contain_text(ASKED)
