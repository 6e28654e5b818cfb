"""An uploaded Excel file as a grid: which file it is by its bytes, read by a process of its own (opening.py)."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Final

from server.core.problem_details import RETRY_AFTER_S, Problem
from server.services.comparison import opening
from server.services.comparison.grid import CellGrid

FILE_BYTES: Final = 10 * 1024**2
"""Most bytes of a file."""
SECONDS: Final = 60
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_CODES: Final = frozenset(
    ("prior_empty", "prior_not_excel", "prior_too_complex", "prior_macros", "prior_too_many_rows")
)
"""What opening.py may say."""
_turns = threading.BoundedSemaphore(2)
"""Files that one process has read at a time: each may take a processor and 1 GB."""


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
    found = _opened(path, *(("formulas",) if formulas_named else ()))
    rows = [[(cell[0], cell[1]) if cell else None for cell in row] for row in found["rows"]]
    merged = [(each[0], each[1], each[2], each[3]) for each in found["merged"]]
    return CellGrid(rows, merged, str(found["name"])[:100], int(found["others"]))


def _opened(path: Path, *asked: str) -> dict[str, Any]:
    """Run the script on the file. Raises Problem `unavailable` while others are being read."""
    if not _turns.acquire(timeout=SECONDS):
        raise Problem("unavailable", retry_after_s=RETRY_AFTER_S)
    try:
        command = [sys.executable, "-I", opening.__file__, str(path), *asked]
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603  # our own script
    except subprocess.TimeoutExpired as error:
        raise Problem("prior_too_complex") from error
    finally:
        _turns.release()
    if done.returncode == 0:
        found: dict[str, Any] = json.loads(done.stdout)
        return found
    said = done.stderr.decode("utf-8", "replace").rpartition("\n")[2]
    # Killed by a limit, it says nothing.
    raise Problem(said if done.returncode == opening.CANNOT and said in _CODES else "prior_too_complex")
