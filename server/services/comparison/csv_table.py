"""An uploaded CSV file as a grid: any encoding that spreadsheets here write, separated by semicolons, commas or tabs.

Excel writes "CSV UTF-8" with a byte order mark, "Unicode text" in UTF-16 with tabs, and plain "CSV" in windows-1258
with the separator of the machine's language. Older programs wrote TCVN3 or VNI (letters/legacy.py).
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path
from typing import Final

from server.core.problem_details import Problem, refuse_if, required
from server.services.comparison.grid import CellGrid, Lines, of_lines, split
from server.services.letters import legacy

FILE_BYTES: Final = 4 * 1024**2
"""Most bytes: 12,000 rows of a dozen columns have 1 MB."""
SEPARATORS: Final = "\t;,"
_NAMED: Final = re.compile(r"sep=([\t;,])\r?\n", re.IGNORECASE)
"""A first line `sep=;` sets the separator for Excel; it is no row."""
_SIGNATURES: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff", b"<")
"""What other kinds of files begin with."""
_LOST: Final = re.compile(r"[^\W\d_]\?|\?[^\W\d_]|\ufffd")
MOST_LOST: Final = 3
"""So many cells with a question mark within a word: the letters were lost when the file was written."""


def may_be(path: Path) -> bool:
    """Return True unless the file begins like one of another kind."""
    with path.open("rb") as file:
        return not file.read(8).startswith(_SIGNATURES)


def read(path: Path) -> CellGrid:
    """Return the cells. Raises Problem with the reason."""
    refuse_if(path.stat().st_size > FILE_BYTES, "sheet_too_large")
    text = required(legacy.decoded(path.read_bytes()), "sheet_not_table")
    named = _NAMED.match(text)
    lines = _lines(text[named.end() :], named[1]) if named else _separated(text)
    refuse_if(sum(bool(_LOST.search(cell)) for line in lines for cell in line) >= MOST_LOST, "sheet_lost_letters")
    return of_lines([[], *lines] if named and lines else lines)  # rows are counted from the file's first line


def _separated(text: str) -> Lines:
    """Return the cells by the separator that gives most rows the same number of columns, and the most columns."""
    found: list[tuple[tuple[float, int], Lines]] = []
    for separator in SEPARATORS:
        try:
            lines = _lines(text, separator)
        except Problem:
            continue
        widths = Counter(len(line) for line in lines if any(cell.strip() for cell in line))
        width, rows = max(widths.items(), key=lambda each: each[::-1], default=(0, 0))
        found.append(((rows / max(1, widths.total()) if width > 1 else 0, width), lines))
    refuse_if(not found, "sheet_quotes")
    return max(found, key=lambda each: each[0])[1]


def _lines(text: str, separator: str) -> Lines:
    try:
        return split(text, separator)
    except csv.Error as error:  # a quote that is never closed would swallow the rows after it
        raise Problem("sheet_quotes") from error
