"""The Excel file to fill in: the heads, two example rows on a sheet of their own, lists to choose from."""

from __future__ import annotations

import io
from typing import Any, Final

from xlsxwriter import Workbook

from server.services.administration.roster_sheet import MOST_ROWS
from server.services.administration.roster_words import COLUMNS, LEVEL_WORDS, PEOPLE, ROLE_WORDS, UNITS

SHEETS: Final = {UNITS: "Đơn vị", PEOPLE: "Cán bộ"}
EXAMPLES: Final = {
    UNITS: (
        ("12304", "Xã Chính Nghĩa", "Chính Nghĩa", "Xã", "331"),
        ("12307", "Xã Nhân La", "Nhân La", "Xã", "331"),
    ),
    PEOPLE: (
        ("Cán bộ xã Chính Nghĩa", "xa.chinhnghia", "12304", "Cán bộ nhập liệu", "0912 345 678"),
        ("Người duyệt huyện Kim Động", "huyen.kimdong", "331", "Người duyệt", "0987 654 321"),
    ),
}
_CHOICES: Final = {
    "level": [words[0] for words in LEVEL_WORDS.values()],
    "role": [words[0] for words in ROLE_WORDS.values()],
}
_WIDTH: Final = 26


def template(kind: str) -> bytes:
    """Return the file for `units` or `people`. Its cells are text, so that codes and numbers keep their zeros."""
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        head = book.add_format({"bold": True, "bg_color": "#E8EEF7", "text_wrap": True, "valign": "vcenter"})
        text = book.add_format({"num_format": "@"})
        sheet = book.add_worksheet(SHEETS[kind])
        _heads(sheet, kind, head, text)
        for place, column in enumerate(COLUMNS[kind]):
            for number in range(1, MOST_ROWS + 1):
                sheet.write_blank(number, place, None, text)
            if column.name in _CHOICES:
                listed = {"validate": "list", "source": _CHOICES[column.name]}
                sheet.data_validation(1, place, MOST_ROWS, place, listed)
        examples = book.add_worksheet("Ví dụ")
        _heads(examples, kind, head, text)
        for number, row in enumerate(EXAMPLES[kind], start=1):
            for place, cell in enumerate(row):
                examples.write_string(number, place, cell, text)
    return out.getvalue()


def _heads(sheet: Any, kind: str, head: Any, text: Any) -> None:
    sheet.set_column(0, len(COLUMNS[kind]) - 1, _WIDTH, text)
    for place, column in enumerate(COLUMNS[kind]):
        sheet.write_string(0, place, column.heads[0], head)
    sheet.freeze_panes(1, 0)
