"""Records a phone with all sorts of unsent work, and its server on each database, as this version has them.

    LOA_RECORD=app-3 .venv/bin/python -m pytest -q -p no:cacheprovider tests/e2e/record_release.py

writes to `recorded/app-3/`. It is no test: what it wrote once is never written again, because it
is out in the field.
`test_recorded_release.py` has each such phone hand in its work to today's server.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from e2e.released_work import (
    AGAIN,
    ANSWER,
    CHANGED,
    DIRECTIVE,
    DRAFT,
    DRAFT_DIRECTIVE,
    EDITED,
    HALF,
    REFUSED,
    RETURNED,
    SENT,
    UNSENT,
)
from PIL import Image
from playwright.sync_api import FilePayload, expect

from server.core.db import db
from support.browsers import carried
from support.browsers.kept import keyed, rows
from support.browsers.officer import Officer
from support.clients import pdfs
from support.installation import released
from support.network.answers import instead, untouched
from support.tour.colleagues import judge
from support.waiting import until
from support.world.province import Province

INTO = os.environ.get("LOA_RECORD", "")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not INTO, reason="records a release; LOA_RECORD names it")]
Make = Callable[[str], Officer]


def picture(seed: int, noise: int = 0) -> bytes:
    """A small photo, or one of noise, which no JPEG makes small."""
    made = io.BytesIO()
    image = Image.effect_noise((480, 360), noise) if noise else Image.new("L", (480, 360), 60 + seed * 12)
    image.convert("RGB").save(made, "JPEG", quality=90)
    return made.getvalue()


def pick(one: Officer, photo: bytes) -> None:
    file = FilePayload(name="a.jpg", mimeType="image/jpeg", buffer=photo)
    one.page.get_by_label("Chọn ảnh từ máy").set_input_files(file)
    expect(one.page.get_by_role("button", name="Bỏ ảnh này")).to_have_count(1)
    expect(one.page.locator("[aria-busy=true]")).to_have_count(0)


def broadcast(one: Officer, script: str, photo: bytes = b"") -> None:
    one.broadcast(script, "2021-07-21", "2021-07-30", 2, 15)
    if photo:
        pick(one, photo)


def directive(one: Officer, about: str, nth: int) -> None:
    one.kind("Tin bài").click()
    one.page.get_by_text("Văn bản chỉ đạo", exact=True).click()
    one.page.get_by_label("Tên bài hoặc trích yếu").fill(about)
    files: list[FilePayload] = [{"name": f"{about}.pdf", "mimeType": "application/pdf", "buffer": pdfs.pdf(nth).data}]
    one.page.get_by_label("Thêm tệp PDF").set_input_files(files)
    expect(one.page.get_by_role("button", name=f"Mở tệp {about}.pdf")).to_be_visible()


@pytest.mark.parametrize("province", ["sqlite", "postgresql"], indirect=True)
def test_record(province: Province, officer: Make, request: pytest.FixtureRequest) -> None:
    one, world = officer("xa1"), province.world
    page = one.page
    # At the server, whole; one of them returned, one to be edited.
    broadcast(one, SENT, picture(1))
    one.save()
    broadcast(one, EDITED)
    one.save()
    broadcast(one, RETURNED)
    one.save()
    one.send()
    one.expect_status("3 đã gửi đủ")
    [back] = [row["record"] for row in rows(page, "records") if row["view"]["fields"]["script"][0]["value"] == RETURNED]
    judge(world, back, "returned", "Đề nghị ghi rõ phát ở những thôn nào.", "script")
    one.send()
    until(lambda: any((row["decision"] or {}).get("verdict") == "returned" for row in rows(page, "records")), page)
    # Refused by the server's own word, though nothing is wrong with it: it goes when it is sent again.
    instead(page, lambda question: 400 if question.get("writes") else None, arrives=False)
    broadcast(one, REFUSED, picture(2))
    one.save()
    expect(one.status).to_contain_text("1 chưa nhận được")
    untouched(page)
    # The write is stored, the thumbnail too, of the photo the first chunk.
    page.route("**/api/v1/uploads/*", lambda route: route.abort())
    broadcast(one, HALF, picture(3, noise=40))
    one.save()
    until(lambda: any(0 < row["sent_bytes"] < row["size_bytes"] for row in rows(page, "uploads")), page)
    _work_without_a_network(one)
    engine = request.node.callspec.params["province"]
    folder = Path(__file__).parent / "recorded" / INTO / engine
    folder.mkdir(parents=True)
    carried.write(carried.read_out(page), folder / "phone.json.gz")
    one.close()
    province.server.stop()
    with world.app.app_context():
        url = str(db.engine.url.render_as_string(hide_password=False))
        db.session.remove()
        db.engine.dispose()
    released.keep(url, province.server.data_dir, folder)


def _work_without_a_network(one: Officer) -> None:
    page = one.page
    one.offline()
    one.open_record(RETURNED)
    page.get_by_role("button", name="Trả lời bằng lời").click()
    page.get_by_label("Trả lời cấp trên").fill(ANSWER)
    page.get_by_role("button", name="Gửi trả lời").click()
    until(lambda: keyed(page, "meta").get("replies"), page)
    one.home()
    broadcast(one, UNSENT, picture(4))
    one.save()
    directive(one, DIRECTIVE, 1)
    one.save()
    one.edit(EDITED, Thời_lượng_mỗi_lần=CHANGED)
    # Not saved: a form with a photo, one with a PDF, an edit, all behind them what another app handed over.
    broadcast(one, DRAFT, picture(6))
    one.home()
    directive(one, DRAFT_DIRECTIVE, 2)
    one.home()
    one.open_record(SENT)
    page.get_by_role("button", name="Sửa").click()
    one.fill("Tin, bài phát", AGAIN)
    until(lambda: len(rows(page, "drafts")) == 3, page)
    one.home()
    one.hand_over([picture(7), picture(8)])
    one.expect_home()
    one.hand_over_pdf("Kế hoạch.pdf", pdfs.pdf(3).data)
    one.expect_home()
    # The app was closed in the middle of this form.
    page.get_by_role("link", name="Ghi tiếp").first.click()
    until(lambda: keyed(page, "meta").get("form"), page)
