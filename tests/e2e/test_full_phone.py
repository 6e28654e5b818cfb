"""A phone that is full, as Chromium says it: it sends, makes room, and drops no shot (SPEC X-46, P-25)."""

from __future__ import annotations

import io
import random
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import func, select

from server.core.db import reading
from server.models import WriteRow
from support.browsers.kept import keyed, rows
from support.browsers.officer import MakeOfficer, Officer
from support.waiting import until
from support.world.province import Province

pytestmark = pytest.mark.slow
SLOGAN = "Chung tay phòng, chống nạn mua bán người"
USED = "async () => (await navigator.storage.estimate()).usage"
UNKEPT = "Máy chưa lưu được ảnh này"


GRACE_MS = 4_000
"""Chromium keeps an IndexedDB that nobody has open for two seconds, and with it the room that it reckoned."""


class Room:
    """What this phone's browser gives the app. It is asked anew only where no page has the database open."""

    def __init__(self, one: Officer) -> None:
        assert one.context is not None
        self._one = one
        self._devtools = one.context.new_cdp_session(one.page)

    def give(self, more: int | None) -> None:
        """So many bytes more than are used; None: as many as there are. The app begins anew."""
        one = self._one
        quota = {} if more is None else {"quotaSize": max(1, one.page.evaluate(USED) + more)}
        address = one.page.url
        one.page.goto("about:blank")
        one.page.wait_for_timeout(GRACE_MS)
        self._devtools.send("Storage.overrideQuotaForOrigin", {"origin": one.url, **quota})
        one.page.goto(address)


def originals(one: Officer) -> set[str]:
    held = keyed(one.page, "bytes")
    return {row["sha256"] for row in rows(one.page, "uploads") if row["role"] == "full" and row["sha256"] in held}


def stored(province: Province) -> int:
    with province.world.app.app_context(), reading() as session:
        return session.scalar(select(func.count()).select_from(WriteRow)) or 0


def large(one: Officer, seed: int) -> int:
    """A banner with a photo as large as a phone makes it: the room of smaller ones comes back later."""
    noise = Image.frombytes("L", (400, 300), random.Random(seed).randbytes(400 * 300)).resize((1600, 1200))
    content = io.BytesIO()
    noise.save(content, "JPEG", quality=90)
    one.page.get_by_role("button", name="Băng rôn").click()
    one.page.get_by_label("Chọn ảnh từ máy").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": content.getvalue()}
    )
    one.page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
    one.save()
    return content.tell()


def shoot(one: Officer) -> None:
    one.page.get_by_role("button", name="Băng rôn").click()
    one.page.get_by_role("button", name="Chụp", exact=True).click()


def test_a_shot_takes_the_place_of_the_oldest_that_the_server_verified(officer: MakeOfficer) -> None:
    one = officer("xa1")
    came = 0
    for nth in (1, 2):
        came = large(one, nth)
        one.expect_status(f"{nth} đã gửi đủ")
    first = min((row for row in rows(one.page, "uploads") if row["role"] == "full"), key=lambda row: row["verified_at"])
    before = originals(one)
    Room(one).give(came + 10_000)  # for the new one as it comes
    one.offline()
    large(one, 3)
    after = originals(one)
    assert first["sha256"] in before - after
    assert len(after - before) == 1  # the one of now
    one.offline(on=False)
    one.send()
    one.expect_status("3 đã gửi đủ")


def test_a_shot_without_room_stays_on_the_screen_until_it_is_safe(officer: MakeOfficer, tmp_path: Path) -> None:
    """Nothing is verified, so nothing may go; it leaves as a file, and is taken in once there is room."""
    one = officer("xa1")
    one.offline()
    one.banner(SLOGAN)
    room = Room(one)
    room.give(3_000)
    shoot(one)
    told = one.page.get_by_role("alert").filter(has_text=UNKEPT)
    expect(told).to_be_visible()
    expect(one.page.locator("[aria-busy=true]")).to_have_count(0)
    one.home()  # it waits with its form
    one.page.get_by_role("region", name="Đang ghi dở").get_by_role("link").click()
    expect(told).to_be_visible()
    with one.page.expect_download() as download:
        one.page.get_by_role("button", name="Lưu ra tệp").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.read_bytes()[:2] == b"\xff\xd8"
    expect(told).to_have_count(0)
    one.page.get_by_role("button", name="Thử lại").click()  # still none: it stays
    expect(one.page.get_by_text("Ảnh đã ở trong tệp")).to_be_visible()


def test_a_shot_on_a_phone_that_can_keep_nothing_at_all_is_on_the_screen(officer: MakeOfficer) -> None:
    """Not even its form can be stored: both wait in the page."""
    one = officer("xa1")
    one.offline()
    Room(one).give(-1_000_000)
    shoot(one)
    told = one.page.get_by_role("alert").filter(has_text=UNKEPT)
    expect(told).to_be_visible()
    one.home()
    expect(told).to_be_visible()  # on home, too
    with one.page.expect_download() as download:
        one.page.get_by_role("button", name="Lưu ra tệp").click()
    assert download.value.path().read_bytes()[:2] == b"\xff\xd8"
    expect(told).to_have_count(0)
    one.page.get_by_role("region", name="Đang ghi dở").get_by_role("link").click()
    expect(one.page.get_by_text("Ảnh đã ở trong tệp")).to_be_visible()


def test_a_phone_that_can_keep_nothing_says_so_and_nothing_is_uncaught(officer: MakeOfficer) -> None:
    one = officer("xa1")
    one.offline()
    one.record("Tờ rơi", {"Tên tài liệu": "Gọi 111", "Số lượng đã phát": "200"})
    Room(one).give(-1_000_000)
    uncaught: list[str] = []
    one.page.on("pageerror", lambda error: uncaught.append(str(error)))
    one.open_record("Gọi 111")
    one.page.get_by_role("button", name="Xóa bản ghi").click()
    expect(one.page.get_by_text("Máy đã hết chỗ chứa nên chưa lưu được.")).to_be_visible()
    assert uncaught == []


def test_what_waits_on_a_phone_that_can_keep_nothing_reaches_the_server(
    province: Province, officer: MakeOfficer
) -> None:
    one = officer("xa1")
    one.offline()
    one.banner(SLOGAN)
    one.broadcast("Tin số 1", "2021-07-21", "2021-07-30", 2, 15)
    one.save()
    one.expect_status(re.compile("2 chờ gửi"))
    room = Room(one)
    room.give(-1_000_000)
    one.offline(on=False)
    until(lambda: stored(province) == 2)
    room.give(None)
    one.send()
    one.expect_status("2 đã gửi đủ")
    assert stored(province) == 2
