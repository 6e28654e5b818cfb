"""An uploaded Excel file as a grid: which file it is by its bytes, read in a confined process (server/decoding/)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from server.core.problem_details import Problem
from server.decoding.limits import Decoding
from server.decoding.service import decode
from server.services.comparison.grid import CellGrid

FILE_BYTES: Final = 10 * 1024**2
"""Most bytes of a file."""
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


def read(path: Path, *, formulas_named: bool = False) -> CellGrid:
    """Return the cells of its first sheet. Raises Problem with the reason.

    `formulas_named`: a formula is a cell of kind `f` and has no value.
    """
    if path.stat().st_size > FILE_BYTES:
        raise Problem("prior_too_large")
    data = path.read_bytes()
    if not data:
        raise Problem("prior_empty")
    if data.startswith(_OLE):
        raise Problem("prior_encrypted" if _ENCRYPTED in data else "prior_old_excel")
    if not data.startswith(b"PK\x03\x04"):
        raise Problem("prior_not_excel")
    found = decode(Decoding.SHEET, [path], formulas_named=formulas_named)
    rows = [[(cell[0], cell[1]) if cell else None for cell in row] for row in found["rows"]]
    merged = [(each[0], each[1], each[2], each[3]) for each in found["merged"]]
    return CellGrid(rows, merged, str(found["name"])[:100], int(found["others"]))
