"""The Excel file to fill in: the heads, two example rows on a sheet of their own, lists to choose from."""

from __future__ import annotations

from typing import Final

from server.core.sheets import Sheets, made
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
    return made(lambda book: _fill(book, kind))


def _fill(book: Sheets, kind: str) -> None:
    head = book.look(bold=True, bg_color="#E8EEF7", text_wrap=True, valign="vcenter")
    text = book.look(num_format="@")
    for name, rows in ((SHEETS[kind], ()), ("Ví dụ", EXAMPLES[kind])):
        page = book.page(name)
        page.set_column(0, len(COLUMNS[kind]) - 1, _WIDTH, text)
        book.table(page, 0, [column.heads[0] for column in COLUMNS[kind]], rows, head, text)
        if rows:
            continue
        for place, column in enumerate(COLUMNS[kind]):
            for number in range(1, MOST_ROWS + 1):
                page.write_blank(number, place, None, text)
            if column.name in _CHOICES:
                listed = {"validate": "list", "source": _CHOICES[column.name]}
                page.data_validation(1, place, MOST_ROWS, place, listed)
