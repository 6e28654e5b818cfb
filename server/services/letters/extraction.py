"""The text of an uploaded letter: which file it is by its bytes, never by its name, and what it says.

Word and PDF files are read by a process of its own (extracting.py), so that a file made to take all memory or all time
takes neither from the server. Each refusal is a code with a sentence in sync/errors.json.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

from server.core.problem_details import RETRY_AFTER_S, Problem
from server.services.letters import extracting
from server.services.letters.legacy import decoded, repaired
from server.services.letters.plain import plain

FILE_BYTES: Final = 10 * 1024**2
"""Most bytes of a letter's file."""
MOST_CHARS: Final = 60_000
"""Most characters of its text: about 25 pages."""
SECONDS: Final = 30
AT_ONCE: Final = 2
"""Files that one process has read at a time: each may take a processor and 1 GB."""
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
"""A Word file with a password is an OLE file that holds a stream of this name."""
_PICTURES: Final = (b"\xff\xd8\xff", b"\x89PNG", b"II*\0", b"MM\0*", b"GIF8", b"BM", b"RIFF")
_CODES: Final = frozenset(
    (
        "letter_not_docx", "letter_macros", "letter_too_complex", "letter_encrypted", "letter_too_long",
        "letter_not_pdf", "letter_scan",
    )
)  # fmt: skip
"""What extracting.py may say."""
_turns = threading.BoundedSemaphore(AT_ONCE)


def text_of(path: Path) -> str:
    """Return the plain text of a letter's file. Raises Problem with the reason."""
    size = path.stat().st_size
    if size > FILE_BYTES:
        raise Problem("letter_too_large")
    data = path.read_bytes()
    if not data.strip(b"\0 \t\r\n"):
        raise Problem("letter_empty")
    return checked(_raw(path, data))


def checked(text: str) -> str:
    """Return pasted or extracted text in its plain form. Raises Problem if it is empty or too long."""
    if len(text) > 4 * MOST_CHARS:  # before any work on it
        raise Problem("letter_too_long")
    made = plain(repaired(text))
    if not any(char.isalpha() for char in made):
        raise Problem("letter_empty")
    if len(made) > MOST_CHARS:
        raise Problem("letter_too_long")
    return made


def _raw(path: Path, data: bytes) -> str:
    if data.startswith(b"PK\x03\x04"):
        return _extracted("docx", path)
    if b"%PDF-" in data[:1024]:
        return _extracted("pdf", path)
    if data.startswith(_OLE):
        raise Problem("letter_encrypted" if _ENCRYPTED in data else "letter_old_word")
    if data.startswith(_PICTURES):
        raise Problem("letter_scan")
    text = None if data.startswith(b"{\\rtf") else decoded(data)
    if text is None:
        raise Problem("letter_unknown_file")
    return text


def _extracted(kind: str, path: Path) -> str:
    """Run the script on the file. Raises Problem `unavailable` while others are being read."""
    if not _turns.acquire(timeout=SECONDS):
        raise Problem("unavailable", retry_after_s=RETRY_AFTER_S)
    try:
        command = [sys.executable, "-I", extracting.__file__, kind, str(path)]
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603  # our own script
    except subprocess.TimeoutExpired as error:
        raise Problem("letter_too_complex") from error
    finally:
        _turns.release()
    if done.returncode == 0:
        return done.stdout.decode("utf-8")
    said = done.stderr.decode("utf-8", "replace").rpartition("\n")[2]
    # Killed by a limit, it says nothing.
    raise Problem(said if done.returncode == extracting.CANNOT and said in _CODES else "letter_too_complex")
