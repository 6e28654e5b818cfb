"""The Excel file to fill in: the heads, two example rows on a sheet of their own, lists to choose from."""

from __future__ import annotations

import io
from typing import Final, cast

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from server.services.administration.roster_sheet import MOST_ROWS
from server.services.administration.roster_words import COLUMNS, LEVEL_WORDS, PEOPLE, ROLE_WORDS, UNITS

SHEETS: Final = {UNITS: "Đơn vị", PEOPLE: "Cán bộ"}
EXAMPLES: Final = {
    UNITS: (
        ("12304", "Xã Chính Nghĩa", "Chính Nghĩa", "Xã", "331"),
        ("12307", "Xã Nhân La", "Nhân La", "Xã", "331"),
    ),
    PEOPLE: (
        ("Nguyễn Thị Hoa", "hoa.chinhnghia", "12304", "Cán bộ nhập liệu", "0912 345 678"),
        ("Trần Văn Bình", "binh.kimdong", "331", "Người duyệt", "0987 654 321"),
    ),
}
_CHOICES: Final = {
    "level": [words[0] for words in LEVEL_WORDS.values()],
    "role": [words[0] for words in ROLE_WORDS.values()],
}
_WIDTH: Final = 26
_HEAD: Final = PatternFill("solid", fgColor="FFE8EEF7")


def template(kind: str) -> bytes:
    """Return the file for `units` or `people`. Its cells are text, so that codes and numbers keep their zeros."""
    book = Workbook()
    sheet = cast("Worksheet", book.active)
    sheet.title = SHEETS[kind]
    _heads(sheet, kind)
    for place, column in enumerate(COLUMNS[kind], start=1):
        letter = get_column_letter(place)
        for number in range(2, MOST_ROWS + 2):
            sheet[f"{letter}{number}"].number_format = "@"
        if column.name in _CHOICES:
            listed = DataValidation(type="list", formula1='"' + ",".join(_CHOICES[column.name]) + '"', allow_blank=True)
            sheet.add_data_validation(listed)
            listed.add(f"{letter}2:{letter}{MOST_ROWS + 1}")
    examples = book.create_sheet("Ví dụ")
    _heads(examples, kind)
    for row in EXAMPLES[kind]:
        examples.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _heads(sheet: Worksheet, kind: str) -> None:
    sheet.append([column.heads[0] for column in COLUMNS[kind]])
    for place, cell in enumerate(sheet[1], start=1):
        cell.font, cell.fill = Font(bold=True), _HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        sheet.column_dimensions[get_column_letter(place)].width = _WIDTH
    sheet.freeze_panes = "A2"
