"""The camera: four taps, banner after banner, and what may go wrong while it is open."""

from __future__ import annotations

import os
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from support.browsers.camera import KEPT, reload_with, shoot
from support.browsers.officer import MakeOfficer
from support.waiting import until

pytestmark = pytest.mark.slow
SLOGAN = "Chung tay phòng, chống nạn mua bán người"
ROOM = 300_000
"""Enough for a form's changes, not for a photo."""
TAKEN_AT = datetime(2021, 7, 30, 14, 5, 9, tzinfo=timezone(timedelta(hours=7))).timestamp()
TAPS = "window.taps = 0; addEventListener('pointerdown', () => { window.taps += 1 }, true);"
STREAMS = """
    window.streams = 0;
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (wish) => { window.streams += 1; return open(wish); };
"""
DENIED = """
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotAllowedError"));
"""
ASKED_FIRST = """
    window.streams = 0;
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    const allowed = new Promise((resolve) => { window.allow = resolve; });
    navigator.mediaDevices.getUserMedia = async (wish) => {
        window.streams += 1;
        await allowed;
        return open(wish);
    };
"""
LEFT_AND_ALLOWED = """async (button) => {
    button.click();
    while (!document.querySelector(".viewfinder")) await null;
    document.dispatchEvent(new Event("visibilitychange"));  // before the viewfinder that is there now asked for it
    await new Promise((done) => { setTimeout(done, 200); });
    window.allow();
}"""
TOPS = """() => {
    window.tops = new Set();
    const slogans = document.querySelector("fieldset");
    const photo = "[aria-label='Ảnh'] :is(img, [role=status])";
    new MutationObserver(() => {
        if (document.querySelector(photo)) tops.add(slogans.getBoundingClientRect().top);
    }).observe(document, { childList: true, subtree: true });
}"""
"""Where the slogans stand from the moment a photo is on its way."""
NO_WORKER = """
    window.Worker = class extends Worker { constructor(_, how) { super("/app/gone.js", how); } };
"""


def test_a_banner_takes_four_taps_without_a_signal(officer: MakeOfficer) -> None:
    one = officer("xa1")
    reload_with(one, TAPS)
    one.offline()
    one.banner(SLOGAN)
    assert one.page.evaluate("window.taps") == 4
    expect(one.item(SLOGAN)).to_be_visible()


@pytest.mark.costly
def test_killed_behind_the_camera_it_goes_on_where_it_was(officer: MakeOfficer) -> None:
    """Every keystroke is on the disk within 300 ms, and what is missing is said."""
    one = officer("xa1")
    one.page.get_by_role("button", name="Băng rôn").click()
    expect(one.page.get_by_role("dialog", name="Máy ảnh")).to_be_visible()
    one.page.wait_for_timeout(300)
    one.kill()
    one.open()
    expect(one.page.get_by_text("Ứng dụng bị đóng khi đang ghi dở.")).to_be_visible()
    expect(one.page.get_by_text("Còn thiếu: Ảnh, Khẩu hiệu.")).to_be_visible()
    one.page.get_by_role("button", name="Chụp ảnh").click()
    shoot(one.page)
    one.page.get_by_label("Thôn, tổ dân phố").press_sequentially("Thôn Tạ Hạ")
    one.page.wait_for_timeout(300)
    one.kill()
    one.open()
    expect(one.page.get_by_text("Còn thiếu: Khẩu hiệu.")).to_be_visible()
    expect(one.page.get_by_label("Thôn, tổ dân phố")).to_have_value("Thôn Tạ Hạ")
    expect(one.page.get_by_role("region", name="Ảnh").get_by_role("img", name="Ảnh", exact=True)).to_be_visible()
    one.page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
    one.save()
    one.page.reload()
    expect(one.item(SLOGAN)).to_be_visible()
    one.page.get_by_role("button", name="Băng rôn").click()
    one.page.get_by_role("button", name="Đóng").first.click()
    one.page.get_by_role("button", name="Lấy lại vị trí").or_(
        one.page.get_by_role("button", name="Lấy vị trí")
    ).wait_for()
    # A village once typed is one tap away where there is no fix.
    expect(one.page.get_by_role("button", name="Thôn Tạ Hạ")).to_be_visible()


@pytest.mark.costly
def test_banner_after_banner_with_one_camera(officer: MakeOfficer) -> None:
    one = officer("xa1")
    page = reload_with(one, STREAMS)
    one.offline()
    page.get_by_role("button", name="Băng rôn").click()
    shoot(page)
    page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
    page.get_by_label("Thôn, tổ dân phố").fill("Thôn Tạ Trung")
    page.get_by_label("Số lượng").fill("3")
    for _ in range(2):
        page.get_by_role("button", name="Lưu & chụp tiếp").click()
        shoot(page)
        expect(page.get_by_label("Thôn, tổ dân phố")).to_have_value("Thôn Tạ Trung")
        expect(page.get_by_label("Số lượng")).to_have_value("3")
        expect(page.get_by_role("radio", name=SLOGAN)).to_be_checked()
    one.save()
    expect(page.get_by_role("listitem").filter(has_text="Băng rôn BR-")).to_have_count(3)
    assert page.evaluate("window.streams") == 1


@pytest.mark.costly(
    soak=True, kept_by="tests/e2e/test_poor_phones.py::test_full_storage_is_told_and_nothing_is_half_kept"
)
def test_no_room_at_the_shutter_is_said_and_nothing_is_half_kept(officer: MakeOfficer, tmp_path: Path) -> None:
    one = officer("xa1")
    one.page.get_by_role("button", name="Băng rôn").click()
    expect(one.page.get_by_role("button", name="Chụp", exact=True)).to_be_visible()
    used = one.page.evaluate("async () => (await navigator.storage.estimate()).usage")
    # The browser remembers for a while how much room there was: it is started anew, and the form comes back.
    one.close()
    one.context = one.browser.profile(one.folder)
    system = one.context.new_cdp_session(one.page)
    origin = {"origin": one.url}
    system.send("Storage.overrideQuotaForOrigin", origin | {"quotaSize": used + ROOM})
    one.page.goto(f"{one.url}/app/")
    # Noise, which no JPEG makes small: 1.5 MB.
    Image.effect_noise((1600, 1200), 90).save(tmp_path / "large.jpg", quality=95)
    one.page.get_by_label("Máy ảnh của điện thoại").set_input_files(tmp_path / "large.jpg")
    expect(one.page.get_by_text(re.compile("Máy đã hết chỗ chứa"))).to_be_visible()
    assert one.page.evaluate(KEPT)["names"] == []
    expect(one.page.get_by_role("heading", name="Băng rôn")).to_be_visible()
    system.send("Storage.overrideQuotaForOrigin", origin)
    one.page.get_by_role("button", name="Chụp ảnh").click()
    shoot(one.page)
    one.page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
    one.save()
    one.expect_status("1 đã gửi đủ")


@pytest.mark.costly
def test_a_denied_camera_has_a_way_back_and_another_way(officer: MakeOfficer, tmp_path: Path) -> None:
    one = officer("xa1")
    page = reload_with(one, DENIED)
    page.get_by_role("button", name="Băng rôn").click()
    camera = page.get_by_role("dialog", name="Máy ảnh")
    expect(camera.get_by_role("alert")).to_contain_text("Không mở được máy ảnh")
    expect(camera).to_contain_text("Để cho phép lại")
    assert camera.locator("img").evaluate("async (image) => { await image.decode(); return image.width }") > 0
    dated = Image.Exif()
    dated.get_ifd(0x8769)[0x9003] = "2021:07:29 08:15:00"  # beside a file of the day after
    Image.open(banner(tmp_path / "own.jpg")).save(tmp_path / "own.jpg", exif=dated)
    camera.get_by_label("Máy ảnh của điện thoại").set_input_files(tmp_path / "own.jpg")
    page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
    one.save()
    one.open_record(SLOGAN)
    page.get_by_text("Lịch sử").click()
    expect(page.get_by_text(re.compile("Chụp bằng máy ảnh của điện thoại 29/07/2021 08:15"))).to_be_visible()


@pytest.mark.costly
def test_what_is_no_photo_is_told_and_what_lies_on_its_side_is_put_upright(
    officer: MakeOfficer, tmp_path: Path
) -> None:
    one = officer("xa1")
    page = one.page
    page.get_by_role("button", name="Băng rôn").click()
    page.get_by_role("button", name="Đóng").first.click()
    picker = page.get_by_label("Chọn ảnh từ máy")
    for form, content, said in (
        ("image/heic", b"\0\0\0\x18ftypheic" + bytes(200), "không đọc được ảnh HEIC"),
        ("application/pdf", b"%PDF-1.7" + bytes(200), "Đây là tệp PDF, không phải ảnh"),
        ("image/jpeg", banner(tmp_path / "cut.jpg").read_bytes()[:900], "quá lớn hoặc bị hỏng"),
    ):
        picker.set_input_files({"name": "a", "mimeType": form, "buffer": content})
        expect(page.get_by_role("status").filter(has_text=said)).to_be_visible()
    assert page.evaluate(KEPT)["names"] == []
    lying = Image.open(banner(tmp_path / "lying.jpg")).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees to see it
    lying.save(tmp_path / "lying.jpg", exif=exif)
    picker.set_input_files(tmp_path / "lying.jpg")
    expect(page.get_by_role("region", name="Ảnh").get_by_role("img", name="Ảnh", exact=True)).to_be_visible()
    (photo,) = photos(page)
    assert (photo["width"], photo["height"], photo["source"]) == (1600, 1200, "gallery")
    one.close_notice()
    page.get_by_role("button", name="Bỏ ảnh này").click()
    night = Image.new("RGB", (1200, 900), (12, 12, 20))
    night.save(tmp_path / "night.jpg")
    page.evaluate(TOPS)
    picker.set_input_files(tmp_path / "night.jpg")
    expect(page.get_by_text("Ảnh hơi tối")).to_be_visible()
    assert page.evaluate("() => tops.size") == 1, "the slogans moved under the thumb when the photo was there"
    page.get_by_role("button", name="Chụp lại").click()
    shoot(page)
    until(lambda: [each["source"] for each in photos(page)] == ["camera"])


@pytest.mark.costly
def test_taken_again_the_old_photo_goes_when_the_new_one_is_there(officer: MakeOfficer) -> None:
    """And one that is taken off is there again by one tap, until the notice goes."""
    one = officer("xa1")
    page = one.page
    page.get_by_role("button", name="Băng rôn").click()
    shoot(page)
    removes = page.get_by_role("button", name="Bỏ ảnh này")
    expect(removes).to_have_count(1)
    [first] = photos(page)
    page.get_by_role("button", name="Chụp lại").click()
    page.get_by_role("button", name="Đóng").first.click()
    assert photos(page) == [first]
    page.get_by_role("button", name="Chụp lại").click()
    shoot(page)
    until(lambda: photos(page) != [first])
    until(lambda: len(photos(page)) == 1)
    [second] = photos(page)
    expect(removes).to_have_count(1)
    removes.click()
    expect(removes).to_have_count(0)
    page.get_by_role("button", name="Hoàn tác").click()
    expect(removes).to_have_count(1)
    assert photos(page) == [second]


@pytest.mark.costly(soak=True, kept_by="pwa/src/photos/camera.test.ts::a form that was left")
def test_the_phone_is_asked_for_one_camera_however_often_it_is_opened_meanwhile(officer: MakeOfficer) -> None:
    """It asks the officer, who may take long: the camera is closed, opened again, and the page left and looked at."""
    one = officer("xa1")
    page = reload_with(one, ASKED_FIRST)
    page.get_by_role("button", name="Băng rôn").click()
    page.get_by_role("button", name="Đóng").first.click()
    page.get_by_role("button", name="Chụp ảnh").evaluate(LEFT_AND_ALLOWED)
    shoot(page)
    assert page.evaluate("window.streams") == 1


@pytest.mark.costly(
    soak=True, kept_by="tests/e2e/test_poor_phones.py::test_an_old_browser_makes_photos_small_on_the_page"
)
def test_a_photo_whose_worker_does_not_come_is_made_on_the_page(officer: MakeOfficer) -> None:
    one = officer("xa1")
    page = reload_with(one, NO_WORKER)
    page.get_by_role("button", name="Băng rôn").click()
    shoot(page)
    assert [each["source"] for each in photos(page)] == ["camera"]


@pytest.mark.costly
def test_a_delete_is_taken_back_right_where_it_is_said(officer: MakeOfficer) -> None:
    one = officer("xa1")
    one.broadcast("Tin số 1", "2021-07-21", "2021-07-30", 2, 15)
    one.save()
    one.open_record("Tin số 1")
    one.page.get_by_role("button", name="Xóa bản ghi").click()
    one.page.get_by_role("button", name="Hoàn tác").click()
    expect(one.page.get_by_role("button", name="Xóa bản ghi")).to_be_visible()
    one.home()
    expect(one.item("Tin số 1")).to_be_visible()


def banner(path: Path) -> Path:
    """A banner before a wall, as a phone's own camera keeps it."""
    image = Image.new("RGB", (1600, 1200), (190, 185, 170))
    pen = ImageDraw.Draw(image)
    pen.rectangle((100, 400, 1500, 800), fill=(170, 20, 30))
    for x in range(200, 1400, 60):
        pen.rectangle((x, 500, x + 25, 700), fill="white")
    image.save(path, "JPEG")
    os.utime(path, (TAKEN_AT, TAKEN_AT))
    return path


def photos(page: Page) -> list[dict[str, Any]]:
    """The registers of the one draft."""
    page.wait_for_timeout(100)
    (draft,) = page.evaluate(KEPT)["drafts"]
    return [value for name, value in draft["now"].items() if name.startswith("photos/")]
