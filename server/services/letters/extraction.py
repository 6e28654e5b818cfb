"""The text of an uploaded letter: which file it is by its bytes, and what it says.

Its name decides nothing but this: bytes that are not what the name says are refused, because what a person opens under
that name is not what was read.

Word and PDF files are read in a confined process (server/decoding/). Each refusal is a code of sync/errors.json.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from server.core.problem_details import Problem
from server.core.secrecy import is_marked_secret
from server.decoding.limits import Decoding
from server.decoding.service import decode
from server.services.letters.legacy import decoded, repaired
from server.services.letters.plain import plain

FILE_BYTES: Final = 10 * 1024**2
"""Most bytes of a letter's file."""
MOST_CHARS: Final = 60_000
"""Most characters of its text: about 25 pages."""
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
"""A Word file with a password is an OLE file that holds a stream of this name."""
_PICTURES: Final = (b"\xff\xd8\xff", b"\x89PNG", b"II*\0", b"MM\0*", b"GIF8", b"BM", b"RIFF")


def text_of(path: Path, name: str = "") -> str:
    """Return the plain text of a letter's file. `name`: as it was handed in. Raises Problem with the reason."""
    if is_marked_secret(Path(name).stem):
        raise Problem("letter_secret")
    size = path.stat().st_size
    if size > FILE_BYTES:
        raise Problem("letter_too_large")
    data = path.read_bytes()
    if not data.strip(b"\0 \t\r\n"):
        raise Problem("letter_empty")
    return checked(_raw(path, data, Path(name).suffix.lower()))


def checked(text: str) -> str:
    """Return pasted or extracted text in its plain form. Raises Problem if it is empty, too long, or marked secret."""
    if len(text) > 4 * MOST_CHARS:  # before any work on it
        raise Problem("letter_too_long")
    made = plain(repaired(text))
    if not any(char.isalpha() for char in made):
        raise Problem("letter_empty")
    if len(made) > MOST_CHARS:
        raise Problem("letter_too_long")
    if is_marked_secret(made):
        raise Problem("letter_secret")
    return made


def _raw(path: Path, data: bytes, ending: str) -> str:
    if data.startswith(b"PK\x03\x04"):
        return str(decode(Decoding.LETTER_WORD, [path]))
    if b"%PDF-" in data[:1024]:
        return str(decode(Decoding.LETTER_PDF, [path]))
    if data.startswith(_OLE):
        raise Problem("letter_encrypted" if _ENCRYPTED in data else "letter_old_word")
    if data.startswith(_PICTURES):
        raise Problem("letter_scan")
    text = None if data.startswith(b"{\\rtf") else decoded(data)
    if text is None:
        raise Problem("letter_unknown_file")
    if ending in (".docx", ".doc", ".pdf"):
        raise Problem("letter_named_wrong")
    return text
