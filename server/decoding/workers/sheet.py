"""Read the first sheet of an Excel file.

It follows no link and computes no formula: of a formula it takes the value stored with it.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, BinaryIO, Final

import openpyxl

from server.decoding.limits import Unfit

UNPACKED: Final = 192 * 1024**2
PARTS: Final = 2000
MOST_ROWS: Final = 12_000
MOST_COLUMNS: Final = 100
MOST_CELLS: Final = 300_000
"""12,000 units with 25 columns."""
MOST_MERGED: Final = 2000
MOST_OUT: Final = 16 * 1024**2
"""Characters of the answer: a few long texts may be named by very many cells."""
CELL_LENGTH: Final = 400
_CELL: Final = re.compile(rb"<(?:\w+:)?c[\s>]")
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s>/]")
_BOOK: Final = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_OUTSIDE: Final = re.compile(r"\[\d+\]|\[[^\]]*\.xl\w*\]|\||https?:|file:|\\\\", re.IGNORECASE)
"""In a formula: another workbook, a program (DDE), an address."""
_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell[^>]*\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')


def read(file: BinaryIO, *, formulas_named: bool) -> dict[str, Any]:
    """Return rows of cells, merged ranges, the sheet's name and the number of the others.

    `formulas_named`: a formula is a cell of kind `f` and has no value.
    """
    _check(file)
    try:
        formulas = openpyxl.load_workbook(file, read_only=True, keep_links=False)
        sheets = [sheet for sheet in formulas.worksheets if sheet.sheet_state == "visible"]
        sheet = sheets[0]  # Excel writes no workbook without one
        written = _written(file, str(sheet._worksheet_path))  # type: ignore[attr-defined]  # noqa: SLF001
        stored = None
        if _FORMULA.search(written) and not formulas_named:
            stored = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)[sheet.title]
        rows = list(_rows(sheet, stored, named=formulas_named))
        merged = list(_merged(written))
    except (MemoryError, Unfit):
        raise
    except Exception as error:  # whatever the library makes of a damaged file
        raise Unfit("sheet_not_excel") from error
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        raise Unfit("sheet_empty")
    found = {"rows": rows, "merged": merged, "name": sheet.title, "others": len(sheets) - 1}
    if len(json.dumps(found)) > MOST_OUT:
        raise Unfit("sheet_too_complex")
    return found


def _written(file: BinaryIO, part: str) -> bytes:
    """Return the sheet as it is written, if it has no more cells than are read."""
    with zipfile.ZipFile(file) as archive:
        data = archive.read(part.lstrip("/"))
    if sum(1 for _ in _CELL.finditer(data)) > MOST_CELLS:
        raise Unfit("sheet_too_complex")
    return data


def _check(file: BinaryIO) -> None:
    """Refuse what is no workbook, has macros, or unpacks to too much, before anything is unpacked."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            size = sum(part.file_size for part in parts)
            types = b"" if size > UNPACKED else archive.read("[Content_Types].xml")
    except MemoryError:
        raise
    except Exception as error:  # zlib.error, EOFError, KeyError and more
        raise Unfit("sheet_not_excel") from error
    if len(parts) > PARTS or size > UNPACKED:
        raise Unfit("sheet_too_complex")
    if b"macroEnabled" in types or any(part.filename.endswith("vbaProject.bin") for part in parts):
        raise Unfit("sheet_macros")
    if _BOOK not in types:
        raise Unfit("sheet_not_excel")


def _rows(sheet: Any, stored: Any, *, named: bool) -> Iterator[list[Any]]:
    """Yield rows of cells. `stored`: the sheet with the values of its formulas; None where no formula has one."""
    limits = {"max_row": MOST_ROWS + 1, "max_col": MOST_COLUMNS}
    sheet.reset_dimensions()  # what the file says of its size may be wrong
    values: Iterator[Any] = iter(())
    if stored is not None:
        stored.reset_dimensions()
        values = stored.iter_rows(**limits, values_only=True)
    for number, cells in enumerate(sheet.iter_rows(**limits)):
        if number >= MOST_ROWS:
            raise Unfit("sheet_too_many_rows")
        known = next(values, ())
        read = (
            _cell(cell, known[place] if place < len(known) else None, named=named) for place, cell in enumerate(cells)
        )
        found = [(cell[0], cell[1][:CELL_LENGTH]) if cell else None for cell in read]
        while found and found[-1] is None:
            found.pop()
        yield found


def _cell(cell: Any, stored: Any, *, named: bool) -> tuple[str, str] | None:
    if cell.value is None:
        return None
    if cell.data_type == "f":
        formula = str(getattr(cell.value, "text", cell.value))
        if named or stored is None or _OUTSIDE.search(formula):
            return "x" if _OUTSIDE.search(formula) else "f" if named else "u", formula
        return _value(stored)
    if cell.data_type == "e":
        return "e", str(cell.value)
    return _value(cell.value)


def _value(value: Any) -> tuple[str, str] | None:
    if isinstance(value, (bool, date, datetime, time)):
        return "o", str(value)
    if isinstance(value, (int, float)):
        return "n", repr(value)
    text = str(value)
    if not text.strip():
        return None
    return ("e" if text.startswith("#") and text.endswith(("!", "?", "A")) else "s"), text


def _merged(written: bytes) -> Iterator[tuple[int, int, int, int]]:
    for count, (left, top, right, bottom) in enumerate(match.groups() for match in _MERGED.finditer(written)):
        if count >= MOST_MERGED:
            raise Unfit("sheet_too_complex")
        yield int(top) - 1, _column(left), int(bottom) - 1, _column(right)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1
