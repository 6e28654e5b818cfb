"""Read the first sheet of an Excel file. A script that runs in a process of its own, under limits (workbook.py).

    python -I opening.py FILE            prints JSON; ends with 3 and a code on stderr if it cannot
    python -I opening.py FILE formulas   names each formula instead of taking its value

A file may be made to cost much, so it meets limits of memory and processor time here, and ends this process alone. It
follows no link and computes no formula: of a formula it takes the value stored with it. It imports nothing of ours.
"""

from __future__ import annotations

import io
import json
import re
import resource
import sys
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

MEMORY: Final = 1024**3
CPU_S: Final = 40
UNPACKED: Final = 192 * 1024**2
PARTS: Final = 2000
CANNOT: Final = 3
MOST_ROWS: Final = 12_000
MOST_COLUMNS: Final = 100
MOST_MERGED: Final = 2000
MOST_OUT: Final = 16 * 1024**2
"""Characters of the answer: a few long texts may be named by very many cells."""
CELL_LENGTH: Final = 400
_BOOK: Final = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_OUTSIDE: Final = re.compile(r"\[\d+\]|\[[^\]]*\.xl\w*\]|\||https?:|file:|\\\\", re.IGNORECASE)
"""In a formula: another workbook, a program (DDE), an address."""
_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell[^>]*\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')


class TableError(Exception):
    """The file gives no table; the message is a code of sync/errors.json."""


def read(path: Path, *, formulas_named: bool = False) -> dict[str, Any]:
    """Return rows of cells, merged ranges, the sheet's name and the number of the others."""
    import openpyxl  # noqa: PLC0415  # after the limits are set

    _check(path)
    data = path.read_bytes()  # by its bytes: the library judges a path by its ending
    try:
        formulas = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        values = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheets = [sheet for sheet in formulas.worksheets if sheet.sheet_state == "visible"]
        sheet = sheets[0]  # Excel writes no workbook without one
        rows = list(_rows(sheet, values[sheet.title], formulas_named=formulas_named))
        merged = list(_merged(path, str(sheet._worksheet_path)))  # type: ignore[attr-defined]  # noqa: SLF001
    except (MemoryError, TableError):
        raise
    except Exception as error:  # whatever the library makes of a damaged file
        raise TableError("prior_not_excel") from error
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        raise TableError("prior_empty")
    return {"rows": rows, "merged": merged, "name": sheet.title, "others": len(sheets) - 1}


def _check(path: Path) -> None:
    """Refuse what is no workbook, has macros, or unpacks to too much, before anything is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            size = sum(part.file_size for part in parts)
            types = b"" if size > UNPACKED else archive.read("[Content_Types].xml")
    except MemoryError:
        raise
    except Exception as error:  # zlib.error, EOFError, KeyError and more
        raise TableError("prior_not_excel") from error
    if len(parts) > PARTS or size > UNPACKED:
        raise TableError("prior_too_complex")
    if b"macroEnabled" in types or any(part.filename.endswith("vbaProject.bin") for part in parts):
        raise TableError("prior_macros")
    if _BOOK not in types:
        raise TableError("prior_not_excel")


def _rows(formulas: Any, values: Any, *, formulas_named: bool) -> Iterator[list[Any]]:
    limits = {"max_row": MOST_ROWS + 1, "max_col": MOST_COLUMNS}
    for sheet in (formulas, values):
        sheet.reset_dimensions()  # what the file says of its size may be wrong
    pairs = zip(formulas.iter_rows(**limits), values.iter_rows(**limits, values_only=True), strict=False)
    for number, (cells, stored) in enumerate(pairs):
        if number >= MOST_ROWS:
            raise TableError("prior_too_many_rows")
        read = (_cell(cell, value, formulas_named) for cell, value in zip(cells, stored, strict=False))
        found = [(cell[0], cell[1][:CELL_LENGTH]) if cell else None for cell in read]
        while found and found[-1] is None:
            found.pop()
        yield found


def _cell(cell: Any, stored: Any, formulas_named: Any) -> tuple[str, str] | None:
    if cell.value is None:
        return None
    if cell.data_type == "f" or not isinstance(cell.value, (str, int, float, bool, date, datetime, time)):
        formula = str(getattr(cell.value, "text", cell.value))
        if formulas_named or stored is None or _OUTSIDE.search(formula):
            return "x" if _OUTSIDE.search(formula) else "f" if formulas_named else "u", formula
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


def _merged(path: Path, part: str) -> Iterator[tuple[int, int, int, int]]:
    with zipfile.ZipFile(path) as archive:
        data = archive.read(part.lstrip("/"))
    for count, (left, top, right, bottom) in enumerate(match.groups() for match in _MERGED.finditer(data)):
        if count >= MOST_MERGED:
            raise TableError("prior_too_complex")
        yield int(top) - 1, _column(left), int(bottom) - 1, _column(right)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1


def main(path: str, *asked: str) -> int:
    """Print the table, or the code of the fault."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")
    code, said = "", ""
    try:
        said = json.dumps(read(Path(path), formulas_named="formulas" in asked))
        code = "prior_too_complex" if len(said) > MOST_OUT else ""
    except TableError as error:
        code = str(error)
    except (MemoryError, RecursionError):
        code = "prior_too_complex"
    if code:
        sys.stderr.write(f"\n{code}")
        return CANNOT
    sys.stdout.write(said)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
