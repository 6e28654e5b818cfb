"""A record's photos are handed on as copies with their details, or kept on the phone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from server.core.clock import new_id
from support.browsers.camera import KEPT, reload_with, shoot
from support.browsers.officer import MakeOfficer
from support.clients.client import Client
from support.installation.old_file import held
from support.world.province import Province

pytestmark = pytest.mark.slow
SLOGAN = "Chung tay phòng, chống nạn mua bán người"
SHARE = """
    window.shared = [];
    navigator.canShare = () => true;
    navigator.share = async (what) => { window.shared.push(what); };
"""
UNSHARED = """
    window.asked = 0;
    navigator.canShare = () => true;
    navigator.share = async () => { window.asked += 1; throw new DOMException("", window.says); };
"""
COPY = """async () => {
    const [{ files, text }] = window.shared;
    const pixels = async (blob) => {
        const picture = await createImageBitmap(blob);
        const { width, height } = picture;
        const canvas = new OffscreenCanvas(width, height);
        canvas.getContext("2d").drawImage(picture, 0, 0);
        const at = (y) => [...canvas.getContext("2d").getImageData(0, y, width, 1).data];
        return { size: [width, height], top: at(5), foot: at(height - 12) };
    };
    const shown = document.querySelector("article img");
    return { text, name: files[0].name, copy: await pixels(files[0]), photo: await pixels(shown) };
}"""


@pytest.mark.costly
def test_a_copy_with_details_is_handed_on_and_the_photo_stays_what_it_is(officer: MakeOfficer) -> None:
    one = officer("xa1")
    page = reload_with(one, SHARE)
    page.get_by_role("button", name="Băng rôn").click()
    shoot(page)
    page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
    page.get_by_label("Thôn, tổ dân phố").fill("Thôn Tạ Trung")
    one.save()
    page.get_by_role("button", name="Gửi ảnh qua Zalo…").click()
    page.wait_for_function("() => window.shared.length === 1")
    one.open_record(SLOGAN)
    expect(page.get_by_role("article").get_by_role("img", name="Ảnh", exact=True)).to_be_visible()
    told = page.evaluate(COPY)
    assert told["text"].splitlines()[0] == SLOGAN
    assert "Xã Chính Nghĩa" in told["text"]
    assert "Thôn Tạ Trung" in told["text"]
    assert re.fullmatch(r"BR-.+-1\.jpg", told["name"])
    assert told["copy"]["size"] == told["photo"]["size"]
    assert differs(told, "top") < 12
    assert differs(told, "foot") > 15
    kept = page.evaluate(KEPT)
    assert kept["names"] == kept["hashes"]
    page.get_by_role("button", name="Gửi ảnh qua Zalo…").click()
    page.wait_for_function("() => window.shared.length === 2")


@pytest.mark.costly
def test_what_cannot_be_shared_is_kept_unless_the_officer_thought_better_of_it(officer: MakeOfficer) -> None:
    one = officer("xa1")
    page = reload_with(one, UNSHARED)
    one.banner(SLOGAN)
    said = page.get_by_text("Đã lưu ảnh kèm thông tin vào máy.")
    page.evaluate("window.says = 'AbortError'")
    page.get_by_role("button", name="Gửi ảnh qua Zalo…").click()
    page.wait_for_function("() => window.asked === 1")
    page.evaluate("() => new Promise((done) => setTimeout(done, 100))")
    assert said.count() == 0
    one.open_record(SLOGAN)
    page.evaluate("window.says = 'InvalidStateError'")
    page.get_by_role("button", name="Gửi ảnh qua Zalo…").click()
    page.wait_for_function("() => window.asked === 2")
    page.evaluate("() => new Promise((done) => setTimeout(done, 100))")
    assert said.count() == 0
    page.evaluate("window.says = 'DataError'")
    with page.expect_download() as kept:
        page.get_by_role("button", name="Gửi ảnh qua Zalo…").click()
    assert re.fullmatch(r"BR-.+-1\.jpg", kept.value.suggested_filename)
    expect(said).to_be_visible()


@pytest.mark.costly
def test_a_caption_has_no_empty_line_where_two_say_different_slogans(province: Province, officer: MakeOfficer) -> None:
    one = officer("xa1")
    page = reload_with(one, SHARE)
    one.banner(SLOGAN)
    one.expect_status("1 đã gửi đủ")
    (record,) = held(province)
    other = {"id": new_id(), "at": 1, "record": record, "set": {"slogan": "khau-hieu-khac"}}
    server = Client(province.world.app.test_client(), province.world.token("xa2"))
    assert [each["result"] for each in server.sync(other)["results"]] == ["stored"]
    one.send()
    one.open_record("Băng rôn BR-1")
    page.get_by_role("button", name="Gửi ảnh qua Zalo…").click()
    page.wait_for_function("() => window.shared.length === 1")
    lines = page.evaluate("window.shared[0].text").splitlines()
    assert lines[0].startswith("Băng rôn BR-1 · ")
    assert all(lines)


def differs(told: dict[str, Any], row: str) -> float:
    """Mean difference of a row of points, of 255."""
    pairs = list(zip(told["copy"][row], told["photo"][row], strict=True))
    found: float = sum(abs(one - other) for one, other in pairs) / len(pairs)
    return found
