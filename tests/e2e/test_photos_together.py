"""Photos from village heads: twenty at once, picked or handed over by another app, one record each or all of one."""

from __future__ import annotations

import io
import re
from base64 import b64encode
from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, expect

from support.officer import Officer

pytestmark = pytest.mark.browser
MakeOfficer = Callable[[str], Officer]
SLOGAN = "Chung tay phòng, chống nạn mua bán người"
HAND_OVER = """async (files) => {
    // What the phone does for another app: a form is sent to the manifest's share_target.
    const { share_target } = await (await fetch("/app/manifest.webmanifest")).json();
    const form = Object.assign(document.createElement("form"), { ...share_target, method: "post" });
    const input = Object.assign(document.createElement("input"), {
        type: "file", multiple: true, name: share_target.params.files[0].name,
    });
    const held = new DataTransfer();
    for (const { name, content } of files) {
        const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
        held.items.add(new File([bytes], name, { type: "image/jpeg" }));
    }
    input.files = held.files;
    form.append(input);
    document.body.append(form);
    form.submit();
}"""


def pictures(count: int) -> list[bytes]:
    made = []
    for number in range(count):
        image = Image.new("RGB", (640, 480), (200, 190, 10 * number))
        ImageDraw.Draw(image).text((40, 200), f"{number}" * 20, fill="black", font_size=40)
        content = io.BytesIO()
        image.save(content, "JPEG")
        made.append(content.getvalue())
    return made


def test_twenty_picked_become_twenty_banners_of_one_slogan(officer: MakeOfficer) -> None:
    one = officer("xa1")
    one.offline()
    page = one.page
    page.get_by_role("button", name="Băng rôn").click()
    files = [FilePayload(name=f"{at}.jpg", mimeType="image/jpeg", buffer=data) for at, data in enumerate(pictures(20))]
    page.get_by_label("Chọn ảnh từ máy").set_input_files(files)
    page.get_by_role("button", name="Mỗi ảnh một bản ghi (Băng rôn)").click()
    expect(page.get_by_role("button", name="Lưu & ảnh tiếp theo")).to_be_visible(timeout=30_000)
    page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
    page.get_by_label("Thôn, tổ dân phố").fill("Thôn Tạ Trung")
    page.get_by_role("button", name="Lưu & ảnh tiếp theo").click()
    expect(page.get_by_role("radio", name=SLOGAN)).to_be_checked()
    expect(page.get_by_label("Thôn, tổ dân phố")).to_have_value("Thôn Tạ Trung")
    one.home()
    expect(page.get_by_role("link", name="Ghi tiếp: Băng rôn")).to_have_count(19)
    expect(page.get_by_role("listitem").filter(has_text="Băng rôn BR-")).to_have_count(1)


def test_twenty_handed_over_survive_a_kill_and_are_of_one_place(
    officer: MakeOfficer,
) -> None:
    """The worker's only POST stays on the phone: it works without a network, as does the choice after a kill."""
    one = officer("xa1")
    one.offline()
    one.page.evaluate(HAND_OVER, [{"name": "a.jpg", "content": b64encode(each).decode()} for each in pictures(20)])
    expect(one.page.get_by_text(re.compile("^20 ảnh mới nhận"))).to_be_visible()
    one.kill()
    one.open()
    one.offline()
    expect(one.page.get_by_text(re.compile("^20 ảnh mới nhận"))).to_be_visible()
    one.page.get_by_role("button", name="Băng rôn").click()
    one.page.get_by_role("button", name=re.compile("Tất cả một nơi.*10 ảnh")).click()
    photos = one.page.get_by_role("region", name="Ảnh")
    expect(photos.get_by_role("button", name="Bỏ ảnh này")).to_have_count(10, timeout=30_000)
    expect(photos).to_contain_text("10 ảnh mới nhận")
    one.page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
    one.save()
    one.open_record(SLOGAN)
    one.page.get_by_text("Ai ghi, lúc nào").click()
    expect(one.page.get_by_text(re.compile("Trưởng thôn, tổ dân phố gửi"))).to_have_count(10)
