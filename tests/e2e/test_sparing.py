"""What a phone spares and shows: an empty battery, mobile data, photos side by side, another app's window."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FilePayload, expect

from support.browsers.batches import pictures
from support.browsers.browser import Browser
from support.browsers.kept import rows
from support.browsers.officer import MakeOfficer, Officer
from support.waiting import until
from support.world.province import Province

pytestmark = pytest.mark.slow
SLOGAN = "Chung tay phòng, chống nạn mua bán người"
ANDROID = "Mozilla/5.0 (Linux; Android 13; SM-A135F) AppleWebKit/537.36 (KHTML, like Gecko)"
POWER = "(power) => { navigator.getBattery = async () => power; }"
NETWORK = """(network) => {
    Object.defineProperty(navigator, "connection", { configurable: true, value: network });
}"""


def waiting(one: Officer) -> set[str]:
    """Which sizes of photos wait on the phone."""
    return {row["role"] for row in rows(one.page, "uploads") if row["state"] == "waiting"}


@pytest.mark.costly
def test_on_an_empty_battery_text_and_thumbnails_go_and_it_says_so(officer: MakeOfficer) -> None:
    one = officer("xa1")
    page = one.page
    page.evaluate(POWER, {"charging": False, "level": 0.14})
    one.banner(SLOGAN)
    expect(one.status).to_contain_text("1 đã gửi, còn ảnh")
    one.status.get_by_role("link").click()
    told = page.get_by_role("status").filter(has_text="Pin dưới 15 %")
    expect(told).to_contain_text(re.compile(r"Còn \d+,\d MB ảnh"))
    until(lambda: waiting(one) == {"full"}, page)
    page.evaluate(POWER, {"charging": True, "level": 0.14})
    page.get_by_role("button", name="Gửi/nhận ngay").click()
    expect(told).to_have_count(0)
    one.home()
    one.expect_status("1 đã gửi đủ")


@pytest.mark.costly
def test_large_photos_wait_for_a_network_that_costs_nothing_if_the_officer_says_so(officer: MakeOfficer) -> None:
    one = officer("xa1")
    page = one.page
    page.get_by_role("link", name="Cài đặt").click()
    page.get_by_label("Chỉ gửi ảnh lớn, tệp PDF khi có Wi-Fi").check()
    page.evaluate(NETWORK, {"type": "cellular", "downlink": 0.4})
    one.home()
    one.banner(SLOGAN)
    expect(one.status).to_contain_text("1 đã gửi, còn ảnh")
    one.status.get_by_role("link").click()
    told = page.get_by_role("status").filter(has_text="Ảnh lớn, tệp PDF đang chờ Wi-Fi")
    expect(told).to_contain_text(re.compile(r"Còn \d+,\d MB ảnh, tệp, khoảng \d+ phút"))
    until(lambda: waiting(one) == {"full"}, page)
    page.evaluate(NETWORK, {"type": "wifi", "downlink": 10})
    page.get_by_role("button", name="Gửi/nhận ngay").click()
    one.home()
    one.expect_status("1 đã gửi đủ")


@pytest.mark.costly
def test_photos_of_a_record_are_swiped_and_brought_closer_wherever_they_stand(officer: MakeOfficer) -> None:
    """In the form, in the list and on the record: the same screen, one photo after the other."""
    one = officer("xa1")
    page = one.page
    one.offline()
    page.get_by_role("button", name="Băng rôn").click()
    files = [FilePayload(name=f"{at}.jpg", mimeType="image/jpeg", buffer=data) for at, data in enumerate(pictures(2))]
    page.get_by_label("Chọn ảnh từ máy").set_input_files(files)
    page.get_by_role("button", name=re.compile("^Tất cả một nơi")).click()
    look = page.get_by_role("button", name="Xem ảnh lớn")
    expect(look).to_have_count(2)
    swiped_and_close(one)
    page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
    one.save()
    swiped_and_close(one)
    one.open_record(SLOGAN)
    swiped_and_close(one)


def swiped_and_close(one: Officer) -> None:
    """Open the first photo, go to the second, bring it closer, and leave."""
    page = one.page
    page.get_by_role("button", name="Xem ảnh lớn").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("ảnh 1/2")).to_be_visible()
    dialog.locator(".slides").evaluate("(area) => area.scrollTo({ left: area.clientWidth, behavior: 'instant' })")
    expect(dialog.get_by_text("ảnh 2/2")).to_be_visible()
    dialog.get_by_role("button", name="Phóng to").last.click()
    dialog.get_by_role("button", name="Thu nhỏ").click()
    expect(dialog.get_by_text("ảnh 2/2")).to_be_visible()
    dialog.get_by_role("button", name="Đóng").click()
    expect(dialog).to_have_count(0)


@pytest.mark.costly
def test_in_zalo_on_android_one_tap_opens_chrome(province: Province, browser: Browser) -> None:
    with browser.phone(
        user_agent=f"{ANDROID} Version/4.0 Chrome/138.0.0.0 Mobile Safari/537.36 Zalo android/13050"
    ) as it:
        page = it.new_page()
        page.goto(f"{province.line.url}/app/")
        link = page.get_by_role("link", name="Mở bằng Chrome")
        expect(link).to_be_visible()
        address = link.get_attribute("href") or ""
        assert address.startswith("intent://")
        assert "package=com.android.chrome" in address
        assert "scheme=https" in address
