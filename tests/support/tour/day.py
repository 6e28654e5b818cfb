"""An officer's day beside new records: airings to confirm, banners still hanging, the plan, the files, help."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

from playwright.sync_api import expect

from server.core.db import writing
from server.models import Campaign
from server.models.installation import lock_catalog
from server.services.campaigns import files
from server.services.campaigns.files import NewFile
from server.serving.installation import installed
from support.browsers.officer import Officer
from support.tour.colleagues import LONG, Colleague
from support.world.province import Province
from support.world.world import World

SCRIPT = f"Kính thưa bà con.\n\n{LONG}.\n\nMọi nghi ngờ xin gọi đường dây nóng 111.\n"


OTHERS = {
    "settings": "Chỉ gửi ảnh lớn, tệp PDF khi có Wi-Fi",
    "training": "Ghi thử trong đợt tập dượt",
    "guide": "In hướng dẫn",
    "summary": "Sao chép",
    "give": "bản ghi đã gửi duyệt",
    "tasks": "Việc cần làm",
    "news": "Phản hồi của cấp trên",
}
"""Screens that say one thing: their address, and words that are there once they are drawn."""


def day(ahead: int) -> str:
    """The date `ahead` days from today, which in Viet Nam began seven hours earlier."""
    return (datetime.now(UTC) + timedelta(days=ahead, hours=7)).date().isoformat()


def go(one: Officer, address: str) -> None:
    """Go to a screen by its address."""
    one.page.evaluate("(address) => { location.hash = '/' + address }", address)


def the_day(province: Province, one: Officer) -> Iterator[str]:
    """Yield the name of each stop."""
    world, page = province.world, one.page
    go(one, "plan")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    yield "plan/none"
    for screen, words in OTHERS.items():
        go(one, screen)
        expect(page.get_by_text(words).first).to_be_visible()
        yield f"{screen}/shown"
    given = prepare(world)
    one.send()
    expect(page.get_by_role("region", name="Hôm nay đã phát?")).to_be_visible()
    page.get_by_text("Khi có nạn nhân trở về").click()
    yield "home/what the day asks, help open"
    go(one, "plan")
    page.get_by_role("button", name="Không phát sinh").first.click()
    yield "plan/items, nothing to report"
    go(one, f"file/{given}")
    expect(page.get_by_role("article")).to_contain_text("Kính thưa bà con")
    yield "file/a script"
    go(one, "file/nowhere")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tệp này chưa tải về")
    yield "file/none"
    one.open_record("Bản tin sáng")
    yield "record/standing schedule"
    go(one, "search")
    page.get_by_role("searchbox").fill("ta thuong")
    expect(page.get_by_role("listitem").first).to_be_visible()
    yield "search/found"
    page.get_by_role("searchbox").fill("không có gì như thế")
    expect(page.get_by_role("listitem")).to_have_count(0)
    yield "search/nothing"
    go(one, "regimes")
    expect(page.get_by_role("article")).to_be_visible()
    yield "regimes/today"
    page.get_by_label("Ngày tiếp nhận").fill("")
    expect(page.get_by_role("alert")).to_be_visible()
    yield "regimes/no day"
    for screen in ("", "form", "record", "sync"):
        go(one, f"help/{screen}")
        expect(page.get_by_role("listitem").first).to_be_visible()
        yield f"help/{screen or 'home'}"
    one.home()


def prepare(world: World) -> str:
    """Make a plan, a script, a standing schedule, a banner that has hung for long. Returns the script's id."""
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        campaign = session.get_one(Campaign, world.campaign)
        asked = {"banners": 3, "airings": 12, "rallies": 1, "scripts": 2}
        campaign.expected = [{"figure": figure, "amount": amount} for figure, amount in asked.items()]
        with NamedTemporaryFile() as file:
            Path(file.name).write_text(SCRIPT, "utf-8")
            new = NewFile("script", "Bài tuyên truyền số 1", Path(file.name))
            given = files.add(session, installed(world.app).blobs, campaign, new).id
    two = Colleague(world, "xa2")
    two.banner(quantity=1, put_up_on=day(-40), hamlet="Thôn Tạ Trung")
    schedule = {"from": day(-9), "to": day(5), "times_a_day": 2}
    two.phone.create("broadcast", script="Bản tin sáng", schedule=schedule, minutes=15, standing=True)
    two.phone.sync()
    return given
