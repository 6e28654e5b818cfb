"""Check a PDF by its bytes, never by its name or its announced type (SPEC P-18).

It must be whole, open for everybody, and a document: nothing in it runs, and no other file is inside. What a reader
program makes of it is not ours to promise, so it is sent as a file to keep and never shown in a page (P-19).
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from typing import Final

from server.core.problem_details import RETRY_AFTER_S, Problem
from server.services.photos import reading_pdf
from server.services.photos.images import Judged
from sync.protocol import DOCUMENT_TYPE

SECONDS: Final = 30
TURN_S: Final = 2
"""Seconds that a request waits for its turn; then it is refused for now, and the client tries again."""
AT_ONCE: Final = 2
"""Files that one process has read at a time: each may take a processor and 1 GB."""
_HEAD: Final = b"%PDF-"
_TAIL: Final = 1024
"""Bytes at the end in which the marks of the end must be."""
_ENCRYPT: Final = re.compile(rb"/Encrypt\s*(?:\d+\s+\d+\s+R\b|<<)")
"""Stands in the trailer, which no PDF compresses."""
turns: Final = threading.BoundedSemaphore(AT_ONCE)


def is_pdf(path: Path) -> bool:
    """True for a file that begins as a PDF: nothing may stand before, so that by its beginning it is nothing else."""
    with path.open("rb") as file:
        return file.read(len(_HEAD)) == _HEAD


def judge(path: Path, cpu_s: int = reading_pdf.CPU_S) -> Judged:
    """Judge a file that begins as a PDF; `cpu_s`: most seconds of a processor that it may take.

    Raises Problem `unavailable` where it could not be read for a reason that is not the file's, for a refusal would be
    final; OSError for a disk fault.
    """
    data = path.read_bytes()
    code = _fault(data) or _second_file(path) or _read(path, cpu_s)
    return Judged(len(data), type="" if code else DOCUMENT_TYPE, code=code)


def _fault(data: bytes) -> str | None:
    """The refusal that the bytes alone give; pwa/src/core/pdf.ts finds the same before anything is saved."""
    if b"%%EOF" not in data[-_TAIL:] or b"startxref" not in data[-_TAIL:]:
        return "document_cut"
    return "document_locked" if _ENCRYPT.search(data) else None


def _second_file(path: Path) -> str | None:
    """Refuse what is an archive as well: one is read from its end, so that it may stand behind a PDF, or in it."""
    return "document_active" if zipfile.is_zipfile(path) else None


def _read(path: Path, cpu_s: int) -> str | None:
    """Read it by a process of its own, under limits of memory and time. Returns the code of a refusal."""
    if not turns.acquire(timeout=TURN_S):
        raise Problem("unavailable", retry_after_s=RETRY_AFTER_S)
    try:
        command = [sys.executable, "-I", reading_pdf.__file__, str(path), str(cpu_s)]
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603  # our own script
    except subprocess.TimeoutExpired as error:
        raise Problem("unavailable", retry_after_s=RETRY_AFTER_S) from error
    finally:
        turns.release()
    if done.returncode == 0:
        return None
    if done.returncode == -signal.SIGXCPU:  # it takes more time than any document of this size
        return "document_unreadable"
    said = done.stdout.decode("ascii", "replace")
    if done.returncode == reading_pdf.REFUSED and said in reading_pdf.CODES:
        return said
    raise Problem("unavailable", retry_after_s=RETRY_AFTER_S)  # killed by the system, or our own fault
