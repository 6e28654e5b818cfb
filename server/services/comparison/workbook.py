"""An uploaded Excel file as a grid: which file it is by its bytes, read in a confined process (server/decoding/)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from server.core.problem_details import Problem
from server.decoding.limits import Decoding
from server.decoding.service import decode
from server.services.comparison.grid import Cell, CellGrid

FILE_BYTES: Final = 10 * 1024**2
"""Most bytes of a file."""
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


def read(path: Path, *, formulas_named: bool = False) -> CellGrid:
    """Return the cells of its first sheet. Raises Problem with the reason.

    `formulas_named`: a formula is a cell of kind `f` and has no value.
    """
    if path.stat().st_size > FILE_BYTES:
        raise Problem("sheet_too_large")
    data = path.read_bytes()
    if not data:
        raise Problem("sheet_empty")
    if data.startswith(_OLE):
        raise Problem("sheet_encrypted" if _ENCRYPTED in data else "sheet_old_excel")
    if not data.startswith(b"PK\x03\x04"):
        raise Problem("sheet_not_excel")
    found = decode(Decoding.SHEET, [path], formulas_named=formulas_named)
    try:
        rows = [[_cell(*cell) if cell else None for cell in row] for row in found["rows"]]
        merged = [_range(*each) for each in found["merged"]]
        return CellGrid(rows, merged, str(found["name"])[:100], int(found["others"]))
    except (TypeError, ValueError, KeyError):  # an answer of none of our workers
        raise Problem("sheet_too_complex") from None


def _cell(kind: object, value: object) -> Cell:
    return str(kind)[:1], str(value)


def _range(*ends: int) -> tuple[int, int, int, int]:
    top, left, bottom, right = (max(0, int(end)) for end in ends)
    return top, left, bottom, right
