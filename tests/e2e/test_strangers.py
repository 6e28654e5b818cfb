"""Three tasks as somebody new to the app does them, with the taps counted: five banners, a lost airing, an answer."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import Locator, expect

from support.browsers.kept import rows
from support.browsers.officer import MakeOfficer
from support.browsers.reviewer import Reviewer
from support.tour.colleagues import SLOGAN, Colleague, judge
from support.world.province import Province

pytestmark = pytest.mark.slow
WITHIN_MS = 3_000


class Thumb:
    """Counts its taps."""

    def __init__(self) -> None:
        self.taps = 0

    def tap(self, what: Locator) -> None:
        what.click()
        self.taps += 1

    def expect(self, most: int, task: str) -> None:
        """Print what the task took (`pytest -s`), and see that it was no more."""
        sys.stdout.write(f"{task}: {self.taps} taps\n")
        assert self.taps <= most


def day(ahead: int) -> str:
    return (datetime.now(UTC) + timedelta(days=ahead, hours=7)).date().isoformat()


@pytest.mark.costly
def test_five_banners_take_twelve_taps_on_the_smallest_screen(officer: MakeOfficer) -> None:
    """Four for the first, two for each further one: the slogan is kept and stands alone."""
    one, thumb = officer("xa1"), Thumb()
    page = one.page
    page.set_viewport_size({"width": 320, "height": 640})
    one.offline()
    shutter = page.get_by_role("button", name="Chụp", exact=True)
    thumb.tap(page.get_by_role("button", name="Băng rôn"))
    thumb.tap(shutter)
    thumb.tap(page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN))
    expect(page.get_by_role("group", name="Khẩu hiệu").get_by_role("radio")).to_have_count(1)
    for nth in range(1, 5):
        thumb.tap(page.get_by_role("button", name="Lưu & chụp tiếp"))
        thumb.tap(shutter)
        expect(page.get_by_text(f"Đã ghi liên tiếp {nth}. Giữ nguyên: khẩu hiệu")).to_be_visible()
    thumb.tap(page.get_by_role("button", name="Lưu", exact=True))
    one.expect_status("5 chờ gửi · 5 ảnh chờ gửi")
    thumb.expect(12, "five banners")


@pytest.mark.costly
def test_a_broadcast_again_takes_three_taps_and_a_lost_airing_four(officer: MakeOfficer) -> None:
    """As the last time, from today on; one of two airings lost by a power cut, said and taken back."""
    one, thumb = officer("xa1"), Thumb()
    page = one.page
    one.offline()
    one.broadcast("Bản tin sáng", day(-3), day(-1), 2, 15)
    expect(page.get_by_text("= 6 lượt, 90 phút")).to_be_visible()
    one.save()
    thumb.tap(page.get_by_role("button", name="Phát thanh"))
    thumb.tap(page.get_by_role("button", name="Ghi lại như lần trước"))
    expect(page.get_by_label("Tin, bài phát")).to_have_value("Bản tin sáng")
    expect(page.get_by_label("Từ ngày")).to_have_value(f"{date.fromisoformat(day(0)):%d/%m/%Y}")
    expect(page.get_by_label("Đến ngày")).to_have_value(f"{date.fromisoformat(day(2)):%d/%m/%Y}")
    expect(page.get_by_text("Dự kiến 6 lượt, 90 phút")).to_be_visible()
    thumb.tap(page.get_by_role("button", name="Lưu", exact=True))
    expect(page.get_by_text("Đã lưu trên máy này.")).to_be_visible()
    thumb.expect(3, "a broadcast as the last time")
    asked = page.get_by_role("region", name="Hôm nay đã phát?")
    expect(asked.get_by_role("listitem")).to_have_count(1)
    thumb.tap(asked.get_by_role("button", name="Khác"))
    # Of all that is asked there one is the main act: whatever else is tapped is an exception.
    expect(asked.get_by_role("group", name="Đã phát được mấy lượt?")).to_be_visible()
    expect(asked.locator("button.primary")).to_have_text(["Đã phát 2 lượt"])
    thumb.tap(asked.get_by_role("button", name="Mất điện"))
    expect(page.get_by_text("phát 1 trong 2 lượt, mất điện")).to_be_visible()
    expect(asked.get_by_role("listitem")).to_have_count(0)
    page.get_by_role("button", name="Hoàn tác").click()
    expect(asked.get_by_role("listitem")).to_have_count(1)
    thumb.expect(5, "with one of two airings lost")


@pytest.mark.costly
def test_a_return_is_answered_offline_and_read_at_the_desk(
    province: Province, officer: MakeOfficer, reviewer: Callable[[str], Reviewer]
) -> None:
    """D-13: three taps and the words; the record stays returned."""
    record = Colleague(province.world, "xa2").banner(quantity=2)
    one, thumb = officer("xa1"), Thumb()
    page = one.page
    judge(province.world, record, "returned", "Kính gửi đồng chí, ghi rõ treo ở thôn nào.")
    one.send()
    one.offline()
    thumb.tap(page.get_by_role("region", name="Đề nghị bổ sung").get_by_role("link"))
    thumb.tap(page.get_by_role("button", name="Trả lời bằng lời"))
    expect(page.get_by_text("Không ghi tên nạn nhân.")).to_be_visible()
    page.get_by_label("Trả lời cấp trên").fill("Treo ở cổng chợ, thôn Tạ Thượng")
    thumb.tap(page.get_by_role("button", name="Gửi trả lời"))
    expect(page.get_by_text("Chờ gửi", exact=True)).to_be_visible()
    thumb.expect(3, "a return answered, beside the words")
    one.home()
    expect(one.status).to_contain_text("1 câu hỏi, trả lời chờ gửi")
    one.offline(on=False)
    expect(one.status).not_to_contain_text("câu trả lời", timeout=20_000)
    district = reviewer("huyen")
    district.page.goto(f"{province.server.url}/desk/records/{record}")
    expect(district.page.get_by_text("Treo ở cổng chợ, thôn Tạ Thượng").first).to_be_visible()
    expect(district.page.get_by_role("heading", level=1)).to_contain_text("Đề nghị bổ sung")


@pytest.mark.costly
def test_a_broadcast_takes_four_taps(officer: MakeOfficer) -> None:
    """Today, a script of the campaign, times and minutes as the last time; another day is one tap and the day."""
    one, thumb = officer("xa1"), Thumb()
    page = one.page
    one.offline()
    one.broadcast("Bản tin sáng", day(0), day(0), 2, 15)
    one.save()
    thumb.tap(page.get_by_role("button", name="Phát thanh"))
    expect(page.get_by_label("Từ ngày")).to_have_value(f"{date.fromisoformat(day(0)):%d/%m/%Y}")
    expect(page.get_by_label("Số lượt mỗi ngày")).to_have_value("2")
    expect(page.get_by_label(re.compile("Thời lượng mỗi lượt"))).to_have_value("15")
    script = page.get_by_label("Tin, bài phát")
    if script.input_value() == "":
        thumb.tap(script)
        script.fill("Bản tin chiều")
    thumb.tap(page.get_by_role("button", name="Lưu", exact=True))
    expect(page.get_by_text("Đã lưu trên máy này.")).to_be_visible()
    thumb.expect(4, "a broadcast")


@pytest.mark.costly
def test_a_week_that_is_over_is_confirmed_in_its_form_by_one_tap(officer: MakeOfficer) -> None:
    """F-23: nothing is chosen beforehand; "Cả tuần đã phát", one exception, and all of it is one write."""
    one, thumb = officer("xa1"), Thumb()
    page = one.page
    one.offline()
    thumb.tap(page.get_by_role("button", name="Phát thanh"))
    page.get_by_label("Tin, bài phát").fill("Bản tin sáng")
    page.get_by_label("Từ ngày").fill(day(-7))
    page.get_by_label("Đến ngày").fill(day(2))
    page.get_by_label("Số lượt mỗi ngày").fill("2")
    page.get_by_label(re.compile("Thời lượng mỗi lượt")).fill("15")
    asked = page.get_by_role("group", name="Đã phát những ngày nào?")
    expect(asked).to_contain_text("Đến hôm nay lịch này có 7 ngày, dự kiến 14 lượt")
    expect(page.get_by_text("Dự kiến 20 lượt, 300 phút")).to_be_visible()
    thumb.tap(asked.get_by_role("button", name="Cả tuần đã phát"))
    expect(page.get_by_text("Đã phát 14 / dự kiến 20 lượt = 14 lượt, 210 phút")).to_be_visible()
    thumb.tap(asked.get_by_text("Ngày phát thiếu, không phát"))
    asked.get_by_label(f"{day(-3)[8:]}/{day(-3)[5:7]}/{day(-3)[:4]}").select_option("1 lượt")
    thumb.tap(page.get_by_role("button", name="Lưu", exact=True))
    expect(page.get_by_text("Đã lưu trên máy này.")).to_be_visible()
    thumb.expect(4, "a week that is over, with one exception")
    (write,) = rows(page, "writes")
    aired = {name: n for name, n in write["wire"]["set"].items() if name.startswith("aired/")}
    assert aired == {f"aired/{day(-nth).replace('-', '')}": 1 if nth == 3 else 2 for nth in range(1, 8)}
    assert write["wire"]["set"]["standing"] is True
    # Today and the days to come are left for the question of the day; plan and done stand apart.
    expect(page.get_by_role("region", name="Hôm nay đã phát?")).to_contain_text("Đã phát 13 / dự kiến 20 lượt")
    expect(one.item("Bản tin sáng").first).to_contain_text("Đã phát 13 / dự kiến 20 lượt")


@pytest.mark.costly
def test_the_exchange_begins_soon_after_the_network_is_back(officer: MakeOfficer) -> None:
    """From the event to the first byte that the server got, at most three seconds."""
    one = officer("xa1")
    one.send()
    for seconds in (4, 12):  # after one try that failed, and after several, whose pause has grown
        one.offline()
        one.record("Tờ rơi", {"Tên tài liệu": f"Gọi 111, sau {seconds} giây", "Số lượng đã phát": "20"})
        one.page.wait_for_timeout(seconds * 1_000)
        begun = time.monotonic()
        with one.page.expect_request("**/api/v1/sync", timeout=WITHIN_MS):
            one.offline(on=False)
        sys.stdout.write(f"reconnected after {seconds} s: asked after {(time.monotonic() - begun) * 1_000:.0f} ms\n")
        expect(one.status).not_to_contain_text("chờ gửi", timeout=20_000)


@pytest.mark.costly
def test_the_exchange_begins_soon_after_a_server_that_was_down_is_asked_again(
    province: Province, officer: MakeOfficer
) -> None:
    """No event says that a server is back: whoever looks at the app, or presses, does not wait for the pause to end."""
    one = officer("xa1")
    one.send()
    province.line.refuse()
    one.banner(SLOGAN)
    one.page.wait_for_timeout(8_000)
    province.line.restore()
    begun = time.monotonic()
    with one.page.expect_response(lambda answer: answer.url.endswith("/sync") and answer.ok, timeout=WITHIN_MS):
        one.page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    sys.stdout.write(f"the server is back: answered after {(time.monotonic() - begun) * 1_000:.0f} ms\n")
    expect(one.status).not_to_contain_text("chờ gửi", timeout=20_000)


@pytest.mark.costly(soak=True, kept_by="pwa/src/exchange/triggers.test.ts::X-64: while somebody looks")
def test_a_path_that_comes_back_without_an_event_is_found_while_somebody_looks(
    province: Province, officer: MakeOfficer
) -> None:
    """Bars and no route: nothing tells the phone, and the pause between its tries has grown to 10 and 20 s."""
    one = officer("xa1")
    one.send()
    for seconds in (8, 20):
        province.line.refuse()
        one.record("Tờ rơi", {"Tên tài liệu": f"Gọi 111, sau {seconds} giây", "Số lượng đã phát": "20"})
        one.page.wait_for_timeout(seconds * 1_000)
        with one.page.expect_response(lambda answer: answer.url.endswith("/sync") and answer.ok, timeout=WITHIN_MS):
            begun = time.monotonic()
            province.line.restore()
        sys.stdout.write(f"a path is back after {seconds} s: {(time.monotonic() - begun) * 1_000:.0f} ms\n")
        expect(one.status).not_to_contain_text("chờ gửi", timeout=20_000)
