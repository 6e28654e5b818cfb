"""Whoever types a reason, a question or an answer reads beside the field that no victim is named."""

from __future__ import annotations

import json
import re
from pathlib import Path

import server.desk

DESK = Path(server.desk.__file__).parent
PHONE = DESK.parents[1] / "pwa" / "src"
FIELD = re.compile(r'<(?:textarea|input)[^>]*name="(?:reason[^"]*|despite|text\.[^"]*choice[^"]*|note|message)"')
SAYS = 't("decide.no_names")'
NEAR = 400
"""Characters before the field within which it is said; fields of one form share the sentence above them."""


def test_every_field_for_a_reason_says_it() -> None:
    found = 0
    for path in sorted((DESK / "templates").rglob("*.html")):
        text = path.read_text("utf-8")
        for field in FIELD.finditer(text):
            found += 1
            assert SAYS in text[max(0, field.start() - NEAR) : field.start()], f"{path.name}: {field[0]}"
    assert found >= 9, "the search finds the fields"


def test_the_phone_says_it_where_a_question_is_answered() -> None:
    text = (PHONE / "screens" / "record" / "words-box.tsx").read_text("utf-8")
    assert text.index('t("reply_no_names")') < text.index("<textarea")
    for lang, says in (("vi", "Không ghi tên nạn nhân."), ("en", "Name no victim.")):
        assert json.loads((PHONE / "i18n" / f"{lang}.json").read_text("utf-8"))["reply_no_names"] == says
        assert json.loads((DESK / "i18n" / f"{lang}.json").read_text("utf-8"))["decide.no_names"] == says
