"""A photo goes to the hub with the write that says it, and is verified only where it is (P-3 to P-6, H-1, H-2)."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, Route, expect
from sqlalchemy import select

from server.core.db import reading
from server.models import PhotoRef
from support.browsers.kept import rows
from support.browsers.officer import MakeOfficer, Officer
from support.network.answers import SYNC, asked
from support.waiting import until
from support.world.changes import status
from support.world.province import Province

pytestmark = pytest.mark.slow
UPLOADS = "**/api/v1/uploads**"
SLOGAN = "Chung tay phòng, chống nạn mua bán người"
# What a card that wears out does: a bit of every photo is another.
_WORN = """async () => {
    const { name } = (await indexedDB.databases()).find(({ name }) => name !== "loa");
    const opening = indexedDB.open(name);
    await new Promise((done) => { opening.onsuccess = done; });
    const tx = opening.result.transaction("bytes", "readwrite");
    tx.objectStore("bytes").openCursor().onsuccess = ({ target: { result } }) => {
        if (!result) return;
        const bytes = new Uint8Array(result.value);
        bytes[bytes.length >> 1] ^= 1;
        result.update(bytes.buffer);
        result.continue();
    };
    await new Promise((done) => { tx.oncomplete = done; });
    opening.result.close();
}"""


def jpeg() -> bytes:
    made = io.BytesIO()
    Image.effect_noise((800, 600), 90).convert("RGB").save(made, "JPEG")
    return made.getvalue()


def pick(page: Page, photo: bytes) -> None:
    files: FilePayload = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo}
    page.get_by_label("Chọn ảnh từ máy").first.set_input_files(files)


def banner(one: Officer, photo: bytes) -> None:
    one.page.get_by_role("button", name="Băng rôn").click()
    pick(one.page, photo)
    one.page.get_by_role("group", name="Khẩu hiệu").locator("label").first.click()
    one.save()


def states(one: Officer, store: str) -> list[str]:
    return sorted(row["state"] for row in rows(one.page, store))


def at_hub(province: Province) -> list[tuple[str, bool]]:
    """Each photo that a record at the hub names, and whether its bytes are there for it."""
    with province.world.app.app_context(), reading() as session:
        return sorted((role, held) for role, held in session.execute(select(PhotoRef.role, PhotoRef.held)))


def sent(page: Page) -> list[int]:
    """The bytes of each request about a photo, from here on."""
    sizes: list[int] = []
    page.on("request", lambda asks: sizes.append(len(asks.post_data_buffer or b"")) if "/uploads" in asks.url else None)
    return sizes


@pytest.mark.costly(soak=True, kept_by="pwa/src/exchange/apply.test.ts::P-8, P-6")
def test_the_same_photo_in_another_stream_is_not_verified_with_the_first(
    province: Province, officer: MakeOfficer
) -> None:
    """P-6, H-1: the hub's answer is about the photo that it was asked for; the other still waits for its write."""
    one = officer("xa1")
    photo = jpeg()
    first: list[Route] = []

    def hold(route: Route) -> None:
        if asked(route.request).get("photos") and not first:
            first.append(route)
        else:
            route.continue_()

    one.page.route(SYNC, hold)
    banner(one, photo)
    until(lambda: first, one.page)
    one.page.get_by_role("combobox", name="Đợt hoạt động").select_option(index=1)
    banner(one, photo)
    first[0].continue_()
    one.expect_status("2 đã gửi đủ")
    assert at_hub(province) == [("original", True)] * 2 + [("thumb", True)] * 2


@pytest.mark.costly(soak=True, kept_by="pwa/src/outbox/refused.test.ts::H-3: a refused edit")
def test_a_photo_whose_removal_was_refused_is_still_sent(province: Province, officer: MakeOfficer) -> None:
    """H-2: the record at the hub has it, whatever this phone would have made of it."""
    one = officer("xa1")
    one.page.route(UPLOADS, lambda route: route.abort())
    banner(one, jpeg())
    until(lambda: states(one, "writes") == ["landed"])
    one.offline()
    one.page.get_by_role("link").filter(has_text=SLOGAN).first.click()
    one.page.get_by_role("button", name="Sửa", exact=True).click()
    one.page.get_by_role("button", name="Bỏ ảnh này").click()
    pick(one.page, jpeg())
    one.save()
    status(province.world, "archived")
    one.offline(on=False)
    until(lambda: states(one, "writes") == ["landed", "refused"])
    status(province.world, "open")
    one.open_record(SLOGAN)
    name = "Bỏ phần chưa nhận được"
    one.page.get_by_role("button", name=name).click()
    one.page.get_by_role("dialog", name=name).get_by_role("button", name=name).click()
    one.page.unroute(UPLOADS)
    one.send()
    one.expect_status("1 đã gửi đủ")
    assert at_hub(province) == [("original", True), ("thumb", True)]
    assert states(one, "uploads") == ["verified"] * 2


@pytest.mark.costly(soak=True, kept_by="pwa/src/photos/upload.test.ts::one that was taken off its record")
def test_a_photo_that_was_taken_off_before_it_was_sent_never_is(officer: MakeOfficer) -> None:
    one = officer("xa1")
    one.page.route(UPLOADS, lambda route: route.abort())
    banner(one, jpeg())
    until(lambda: states(one, "writes") == ["landed"])
    one.page.get_by_role("link").filter(has_text=SLOGAN).first.click()
    one.page.get_by_role("button", name="Sửa", exact=True).click()
    one.page.get_by_role("button", name="Bỏ ảnh này").click()
    pick(one.page, jpeg())
    one.save()
    one.page.unroute(UPLOADS)
    one.send()
    one.expect_status("1 đã gửi đủ")
    assert states(one, "uploads") == ["verified"] * 2


@pytest.mark.costly(soak=True, kept_by="pwa/src/outbox/refused.test.ts::X-3")
def test_photos_of_a_refused_record_cost_nothing_until_it_is_taken(province: Province, officer: MakeOfficer) -> None:
    """P-3, H-3: no byte goes for what the hub does not take, and nobody is told that something still waits."""
    one = officer("xa1")
    one.offline()
    banner(one, jpeg())
    status(province.world, "archived")
    sizes = sent(one.page)
    one.offline(on=False)
    one.expect_status("1 chưa nhận được")
    one.send()  # it says that all is done
    assert sizes == []
    status(province.world, "open")
    one.page.goto(f"{one.url}/app/#/record/{rows(one.page, 'records')[0]['record']}")
    one.page.get_by_role("button", name="Gửi lại", exact=True).click()
    one.home()
    one.expect_status("1 đã gửi đủ")
    assert at_hub(province) == [("original", True), ("thumb", True)]


@pytest.mark.costly(soak=True, kept_by="pwa/src/photos/upload.test.ts::P-4")
def test_a_damaged_photo_is_not_sent(officer: MakeOfficer) -> None:
    """P-4: the hub would drop it at its end, each time."""
    one = officer("xa1")
    one.offline()
    banner(one, jpeg())
    one.page.evaluate(_WORN)
    sizes = sent(one.page)
    one.offline(on=False)
    one.expect_status("1 chưa nhận được")
    assert sizes == []
    one.open_record(SLOGAN)
    expect(one.page.get_by_text("Ảnh, tệp không còn trong máy này")).to_be_visible()


@pytest.mark.costly
def test_a_photo_that_the_hub_finds_damaged_is_told_and_sent_when_a_person_says_so(officer: MakeOfficer) -> None:
    """P-4, 460: it is not sent for ever."""
    one = officer("xa1")
    problem: dict[str, Any] = {"code": "hash_mismatch"}
    one.page.route(UPLOADS, lambda route: route.fulfill(status=460, body=json.dumps(problem)))
    banner(one, jpeg())
    one.expect_status("1 chưa nhận được")
    one.open_record(SLOGAN)
    expect(one.page.get_by_text(re.compile("bị hỏng trên đường truyền")).first).to_be_visible()
    one.page.unroute(UPLOADS)
    one.page.get_by_role("button", name="Gửi lại", exact=True).click()
    one.home()
    one.expect_status("1 đã gửi đủ")
