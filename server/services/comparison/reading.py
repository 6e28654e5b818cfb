"""A grid as units with figures: which row has the heads, which column the names, and what each cell says.

Nothing is guessed: a cell that is no amount is a fault that names the cell, and a table with faults is not taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from server.core.problem_details import refuse_if
from server.services.comparison import numerals
from server.services.comparison.grid import Cell, CellGrid, place
from sync.registry import KINDS, Figure
from sync.text import fold, normal

HEAD_ROWS: Final = 30
"""Rows in which the heads are looked for."""
NAME_ROWS: Final = 300
"""Rows read to find the column of names: enough to find it, and a full table costs much more."""
MOST_FAULTS: Final = 50
NAME_LENGTH: Final = 200
FAULTS: Final = frozenset(
    ("external", "uncomputed", "error", "number", "negative", "large", "other", "merged", "no_name", "two_columns")
)
"""Codes of what may be wrong with a cell; each has a sentence in the desk's catalogues."""
_NUMBERED: Final = re.compile(r"^\s*(?:[ivxlc]+|\d+(?:\.\d+)*|[-+*•])\s*[.)]?\s+", re.IGNORECASE)
_TOTALS: Final = ("tong", "cong", "tong cong", "tong so", "toan tinh", "toan huyen", "toan xa", "toan phuong")
_IN_BRACKETS: Final = re.compile(r"\s*\([^)]*\)\s*$")
_VIETNAMESE: Final = str.maketrans(",.", ".,")
_KINDS: Final = {"x": "external", "u": "uncomputed", "e": "error", "o": "other"}


@dataclass(frozen=True, slots=True)
class CellFault:
    """A fault of a cell. `text`: the start of its content."""

    code: str
    cell: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row with a name. `cell`: where the name stands. `amounts`: by figure, with the decimals that it has."""

    number: int
    name: str
    cell: str
    amounts: Mapping[str, int]
    is_total: bool = False


@dataclass(slots=True)
class ReadSheet:
    """A table as it was read. `figures`: by code, the name of its column. `unknown`: heads that name no figure.

    `rounded`: (cell, as written, as taken). `sheet`: its name; `others`: number of sheets that were not read.
    """

    figures: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    rows: list[SheetRow] = field(default_factory=list)
    rounded: list[tuple[str, str, str]] = field(default_factory=list)
    faults: list[CellFault] = field(default_factory=list)
    sheet: str = ""
    others: int = 0

    @property
    def plain(self) -> dict[str, Any]:
        """Return it as data for JSON; without faults, which are never stored."""
        rows = [[row.number, row.name, row.cell, dict(row.amounts), row.is_total] for row in self.rows]
        return {
            "figures": self.figures,
            "unknown": self.unknown,
            "rows": rows,
            "rounded": [list(each) for each in self.rounded],
            "sheet": self.sheet,
            "others": self.others,
        }


def from_plain(data: Mapping[str, Any]) -> ReadSheet:
    """Return the sheet that `plain` made this of."""
    rows = [SheetRow(row[0], row[1], row[2], _amounts(row[3]), row[4]) for row in data["rows"]]
    rounded = [(each[0], each[1], str(each[2])) for each in data["rounded"]]
    return ReadSheet(dict(data["figures"]), data["unknown"], rows, rounded, [], data["sheet"], data["others"])


def _amounts(said: Mapping[str, int]) -> dict[str, int]:
    return {code: KINDS.amount(code, digits) for code, digits in said.items()}


def read(grid: CellGrid, figures: Sequence[Figure], is_unit: Callable[[str], bool]) -> ReadSheet:
    """Read a table of these figures. Raises Problem `prior_no_figures`, `prior_no_rows`."""
    by_head = {key: figure.code for figure in figures for key in _keys(figure)}
    top, columns = _heads(grid.rows, by_head)
    refuse_if(not columns, "prior_no_figures")
    made = ReadSheet(sheet=grid.name, others=grid.others)
    for column, code in columns.items():
        if code in made.figures:
            made.faults.append(CellFault("two_columns", place(top, column), _text(grid.rows[top], column)))
        else:
            made.figures[code] = _text(grid.rows[top], column)
    names = _name_column(grid.rows[top + 1 :], columns, grid.rows[top], is_unit)
    made.unknown = _unknown(grid.rows[top], {*columns, names})
    made.faults += _merged(grid, top, names, columns)
    made.faults += _without_name(grid.rows, top, names, columns)
    for number, row in enumerate(grid.rows[top + 1 :], top + 1):
        _take(made, row, number, names, columns)
    del made.faults[MOST_FAULTS:]
    refuse_if(not made.rows and not made.faults, "prior_no_rows")
    return made


def _keys(figure: Figure) -> Iterator[str]:
    yield fold(figure.code)
    for text in (*figure.label.values(), *figure.also):
        yield fold(text)


def _heads(rows: Sequence[Sequence[Cell | None]], by_head: Mapping[str, str]) -> tuple[int, dict[int, str]]:
    """Return the row that names most figures, and the figure of each column."""
    best: tuple[int, dict[int, str]] = (0, {})
    for number, row in enumerate(rows[:HEAD_ROWS]):
        found = {}
        for column, cell in enumerate(row):
            code = by_head.get(fold(_IN_BRACKETS.sub("", cell[1]))) if cell else None
            if code:
                found[column] = code
        if len(found) > len(best[1]):
            best = number, found
    return best


def _name_column(
    rows: Sequence[Sequence[Cell | None]],
    columns: Mapping[int, str],
    heads: Sequence[Cell | None],
    is_unit: Callable[[str], bool],
) -> int:
    """Return the column with most names of units; if there are none, the one whose head says so, or the first."""
    width = max([len(heads), *map(len, rows)])
    counts = dict.fromkeys((column for column in range(width) if column not in columns), 0)
    for row in rows[:NAME_ROWS]:
        for column in counts:
            text = _text(row, column)
            counts[column] += bool(text and not text.isdecimal() and is_unit(_name(text)))
    said = [column for column in counts if _says_unit(fold(_text(heads, column)))]
    best = max(counts, key=lambda column: (counts[column], column in said, -column), default=0)
    if counts.get(best):
        return best
    return said[0] if said else min(counts, default=0)


def _says_unit(head: str) -> bool:
    return "don vi" in head and "tinh" not in head  # "đơn vị tính" is the unit of measure


def _unknown(heads: Sequence[Cell | None], known: set[int]) -> list[str]:
    quiet = {"tt", "stt", "ghi chu", "so tt"}
    said = ((column, _text(heads, column)) for column in range(len(heads)) if column not in known)
    return [text[:NAME_LENGTH] for _, text in said if text and fold(text) not in quiet][:20]


def _merged(grid: CellGrid, top: int, names: int, columns: Mapping[int, str]) -> Iterator[CellFault]:
    """Merged cells below the heads: whose value would it be? Not a title across a row, which begins before figures."""
    for first, left, last, right in grid.merged:
        touches = any(left <= column <= right for column in (names, *columns))
        if first > top and touches and (last > first or left in columns):
            yield CellFault("merged", f"{place(first, left)}:{place(last, right)}")


def _without_name(
    rows: Sequence[Sequence[Cell | None]], top: int, names: int, columns: Iterable[int]
) -> Iterator[CellFault]:
    wanted = list(columns)
    for number, row in enumerate(rows[top + 1 :], top + 1):
        given = [column for column in wanted if column < len(row) and (cell := row[column]) and _is_amount(cell)]
        if given and not _text(row, names):
            yield CellFault("no_name", place(number, names), _text(row, given[0]))


def _is_amount(cell: Cell) -> bool:
    return cell[0] == "n" or isinstance(numerals.amount(cell[1]), Decimal)


def _take(made: ReadSheet, row: Sequence[Cell | None], number: int, names: int, columns: Mapping[int, str]) -> None:
    name = _name(_text(row, names))
    if not name:
        return
    amounts: dict[str, int] = {}
    faults: list[CellFault] = []
    for column, code in columns.items():
        cell = row[column] if column < len(row) else None
        if cell is None:
            continue
        found = _amount(cell)
        if isinstance(found, str):
            faults.append(CellFault(found, place(number, column), cell[1][:60]))
        elif found is not None:
            taken = numerals.rounded(found, KINDS.amount(code, 0).scale)
            amounts[code] = taken
            if taken.decimal != found:
                made.rounded.append((place(number, column), _written(found), taken.text(",", ".")))
    made.faults += faults
    if amounts:  # a title, a note or a signature has none
        made.rows.append(SheetRow(number, name, place(number, names), amounts, is_total=_is_total(name)))


def _amount(cell: Cell) -> Decimal | str | None:
    kind, text = cell
    if kind in _KINDS:
        return _KINDS[kind]
    return numerals.checked(Decimal(text)) if kind == "n" else numerals.amount(text)


def _written(value: Decimal) -> str:
    return f"{value.normalize():,f}".translate(_VIETNAMESE)


def _is_total(name: str) -> bool:
    said = fold(name)
    return said.rstrip(":") in _TOTALS or said.startswith(("tong cong", "tong so", "toan tinh ", "toan huyen "))


def _name(text: str) -> str:
    """Return a name without the number before it, blanks collapsed."""
    return normal(" ".join(_NUMBERED.sub("", text).split()))[:NAME_LENGTH]


def _text(row: Sequence[Cell | None], column: int) -> str:
    cell = row[column] if column < len(row) else None
    return cell[1].strip() if cell else ""
