"""The checklist for a victim who came back: chosen by category and date, printed, and nothing about a person."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import func, select

from server.core.db import db
from support.clients.desk import MakeDesk
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def chosen(desk: MakeDesk, category: str, received: str, username: str = "xa1") -> Any:
    one = desk(username)
    one.get("/desk/checklist")
    one.post(one.form("/desk/checklist"), category=category, received=received)
    return one


def test_both_laws(desk: MakeDesk) -> None:
    old = chosen(desk, "victim", "2021-07-15")
    assert old.status == 200
    assert "66/2011/QH12" in old.text
    assert "người số 53/2024/QH15" not in old.text, "only its rule of transition is named"
    assert "trong 05 ngày làm việc" in old.text
    assert "Ngày tiếp nhận 15/07/2021" in old.text
    assert "Xem xét" in old.text
    article = re.search(r"<article.*</article>", old.html, re.DOTALL)
    assert article is not None
    assert "Được hưởng" not in article[0]
    new = chosen(desk, "identified_abroad", "2025-07-01")
    assert "53/2024/QH15, Điều 37 khoản 1 điểm d, Điều 41 khoản 1 (đã xem văn bản)" in new.text
    assert "điểm đ" not in new.text
    sheet = re.search(r"<article.*</article>", new.html, re.DOTALL)
    assert sheet is not None
    assert sheet[0].count(">*</abbr>") == 4 * 3 - 1, "what was not compared; the duties were"
    assert sheet[0].count("chưa đối chiếu với văn bản gốc;") == 1, "one note for the table"
    assert new.html.count('<td class="box">☐') == 4 + 3


@pytest.mark.parametrize(
    ("category", "received", "sentence"),
    [
        ("identified_here", "2021-07-15", "không quy định đối tượng đã chọn"),
        ("victim", "2001-01-01", "trước khi có luật"),
        ("victim", "hôm qua", "Ngày tiếp nhận chưa đúng"),
        ("victim", "2999-01-01", "Ngày tiếp nhận chưa tới"),
        ("<b>", "2025-07-01", "không quy định đối tượng đã chọn"),
    ],
)
def test_what_no_law_says_is_a_sentence(desk: MakeDesk, category: str, received: str, sentence: str) -> None:
    one = chosen(desk, category, received)
    assert one.status == 422
    assert sentence in one.text
    assert "<article" not in one.html


def test_there_is_no_field_about_a_person_and_no_trace(world: World, desk: MakeDesk) -> None:
    def rows() -> int:
        with world.app.app_context():
            return sum(
                db.session.scalar(select(func.count()).select_from(table)) or 0 for table in db.metadata.sorted_tables
            )

    one = desk("xa1")
    one.get("/desk/checklist")
    form = one.form("/desk/checklist")
    assert set(form.values) == {"csrf_token", "category", "received", "typed_day"}
    before = rows()
    answer = one.post(form, category="victim", received="2025-07-01")
    assert rows() == before
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Location" not in answer.headers
    assert not re.search(r"<textarea|type=\"text\"|type=\"file\"", one.html)
    assert (
        "2025" not in one.http.get("/desk/checklist?received=2025-07-01&category=victim").text.partition("<article")[2]
    )


def test_who_is_not_signed_in_signs_in_first(desk: MakeDesk) -> None:
    assert desk().http.get("/desk/checklist").status_code == 303


def test_the_sheet_is_vietnamese_on_an_english_page(desk: MakeDesk) -> None:
    one = desk("xa1")
    one.get("/desk/checklist")
    one.post(one.form("/desk/language"), language="en")
    one.get("/desk/checklist")
    assert "Person under identification, in Viet Nam" in one.text
    one.post(one.form("/desk/checklist"), category="victim", received="2025-07-01")
    assert "Trợ cấp khó khăn ban đầu, hỗ trợ vay vốn" in one.text
