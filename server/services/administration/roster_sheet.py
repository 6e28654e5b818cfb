"""A spreadsheet of units or people as rows of cells, each under the column that its head names.

Cells stay as they were written until the dry run judges them (unit_rows.py, people_rows.py), so that each fault names
its row and column. A formula is never computed: its value in the file may be anybody's.

The words of a list of units or people: its columns, roles and levels, as people write them in a spreadsheet.

The Excel file to fill in: the heads, two example rows on a sheet of their own, lists to choose from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from server.core.problem_details import Problem, refuse_if
from server.core.sheets import Sheets, made
from server.services.comparison import grid
from server.services.comparison.grid import Cell, CellGrid
from server.services.units.scope import ADMIN, CONFIDENTIAL, COORDINATOR, OFFICER, REVIEWER
from sync.text import fold, normal

UNITS, PEOPLE = "units", "people"
KINDS: Final = (UNITS, PEOPLE)


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column. `heads`: how it may be headed, the first one in the template. `most`: characters of a value."""

    name: str
    heads: tuple[str, ...]
    most: int
    required: bool = True


COLUMNS: Final[dict[str, tuple[SheetColumn, ...]]] = {
    UNITS: (
        SheetColumn("code", ("Mã đơn vị", "Mã"), 16),
        SheetColumn("name", ("Tên đầy đủ", "Tên đơn vị", "Tên"), 200),
        SheetColumn("short_name", ("Tên gọi", "Tên ngắn"), 100, required=False),
        SheetColumn("level", ("Cấp",), 40),
        SheetColumn("parent", ("Mã đơn vị cấp trên", "Mã cấp trên"), 16),
    ),
    PEOPLE: (
        SheetColumn("name", ("Họ và tên", "Họ tên"), 200),
        SheetColumn("username", ("Tên đăng nhập", "Tài khoản"), 64),
        SheetColumn("unit", ("Mã đơn vị", "Mã"), 16),
        SheetColumn("role", ("Vai trò",), 60),
        SheetColumn("phone", ("Số điện thoại", "Điện thoại"), 30, required=False),
    ),
}
ROLE_WORDS: Final = {
    OFFICER: ("Cán bộ nhập liệu", "Nhập liệu", "Cán bộ"),
    REVIEWER: ("Người duyệt", "Duyệt"),
    COORDINATOR: ("Cán bộ tổng hợp", "Tổng hợp"),
    ADMIN: ("Quản trị",),
    CONFIDENTIAL: ("Cán bộ phụ trách nạn nhân",),
}
LEVELS: Final = ("province", "district", "commune")
"""From the top: a unit is below one of a level before its own."""
LEVEL_WORDS: Final = {
    "province": ("Tỉnh", "Thành phố trực thuộc trung ương"),
    "district": ("Huyện", "Thị xã", "Quận", "Thành phố"),
    "commune": ("Xã", "Phường", "Thị trấn", "Đặc khu"),
}
_ROLES: Final = {fold(word): role for role, words in ROLE_WORDS.items() for word in (*words, role)}
_LEVELS: Final = {fold(word): level for level, words in LEVEL_WORDS.items() for word in (*words, level)}
_ROMAN: Final = re.compile(r"[IVX]+")
_KINDS_OF_UNIT: Final = sorted((word for words in LEVEL_WORDS.values() for word in words), key=len, reverse=True)


def role(text: str) -> str | None:
    """Return the role of this word; None for any other."""
    return _ROLES.get(fold(text))


def level(text: str) -> str | None:
    """Return the level of this word; None for any other."""
    return _LEVELS.get(fold(text).removeprefix("cap "))


def short(name: str) -> str:
    """Return a unit's name without the word for its kind; a number alone is no name, so its word stays.

    >>> short("Xã Chính Nghĩa"), short("Thị xã Mỹ Hào"), short("Phường 1")
    ('Chính Nghĩa', 'Mỹ Hào', 'Phường 1')
    """
    for word in _KINDS_OF_UNIT:
        if name.casefold().startswith(f"{word.casefold()} "):
            rest = name[len(word) + 1 :].strip()
            return rest if any(map(str.isalpha, rest)) and not _ROMAN.fullmatch(rest) else name
    return name


MOST_ROWS: Final = 2000
"""Rows of a list: a province's communes, or its people in a few files."""
HEAD_WITHIN: Final = 20
"""The heads stand in one of the first rows; above it may be a title."""
MERGED: Final[Cell] = ("m", "")
"""A cell that is merged with one before it."""


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One line: its number in the sheet, from 1, and its cells in the order of the columns."""

    number: int
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class ReadRoster:
    """A list that was read. `letters`: of each column in the sheet; empty for one that is not there."""

    letters: tuple[str, ...]
    rows: tuple[RosterRow, ...]


def read(path: Path, kind: str) -> ReadRoster:
    """Read the first sheet of a file. Raises Problem with the reason."""
    return from_grid(grid.read(path, formulas_named=True), kind)


def from_grid(cells: CellGrid, kind: str) -> ReadRoster:
    """Find the heads and take the rows below. Raises Problem `roster_heads`, `roster_empty`, `roster_too_many_rows`."""
    columns = COLUMNS[kind]
    at, places = _heads(cells, columns)
    found, joined = [], _joined(cells)
    for number, row in enumerate(cells.rows[at + 1 :], start=at + 2):
        values = tuple(row[place] if place is not None and place < len(row) else None for place in places)
        if any(values):
            marked = (
                MERGED if (number - 1, place) in joined else cell for place, cell in zip(places, values, strict=True)
            )
            found.append(RosterRow(number, tuple(marked)))
    refuse_if(not found, "roster_empty")
    refuse_if(len(found) > MOST_ROWS, "roster_too_many_rows")
    return ReadRoster(tuple("" if place is None else grid.letters(place) for place in places), tuple(found))


def _joined(cells: CellGrid) -> set[tuple[int, int | None]]:
    """Return the cells, from 0, that are merged with one before them: they are empty, and look as if they were not."""
    found: set[tuple[int, int | None]] = set()
    for top, left, bottom, right in cells.merged:
        last = min(bottom, len(cells.rows) - 1), min(right, grid.MOST_COLUMNS)
        found |= {(row, column) for row in range(top, last[0] + 1) for column in range(left, last[1] + 1)} - {
            (top, left)
        }
    return found


def _heads(cells: CellGrid, columns: Sequence[SheetColumn]) -> tuple[int, list[int | None]]:
    for number, row in enumerate(cells.rows[:HEAD_WITHIN]):
        heads = {fold(cell[1]): place for place, cell in reversed(list(enumerate(row))) if cell is not None}
        places = [next((heads[fold(head)] for head in each.heads if fold(head) in heads), None) for each in columns]
        if all(place is not None or not each.required for each, place in zip(columns, places, strict=True)):
            return number, places
    raise Problem("roster_heads")


def text(cell: Cell | None) -> str:
    """Return a cell's text in one line; a whole number without its decimals."""
    if cell is None:
        return ""
    value = cell[1].removesuffix(".0") if cell[0] == "n" else cell[1]
    return normal(" ".join(value.split()))


def plain(read_: ReadRoster) -> list[Any]:
    """Return the rows as JSON."""
    return [[row.number, [list(cell) if cell else None for cell in row.cells]] for row in read_.rows]


def from_plain(letters: Sequence[str], rows: Sequence[Any]) -> ReadRoster:
    """Return the rows that `plain` wrote."""
    found = (RosterRow(number, tuple((cell[0], cell[1]) if cell else None for cell in cells)) for number, cells in rows)
    return ReadRoster(tuple(letters), tuple(found))


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
