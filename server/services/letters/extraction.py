"""The text of an uploaded letter: which file it is by its bytes, and what it says.

Its name decides nothing but this: bytes that are not what the name says are refused, because what a person opens under
that name is not what was read.

Word and PDF files are read in a confined process (server/decoding/). Each refusal is a code of sync/errors.json.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from server.core.problem_details import refuse_if, required
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
    refuse_if(is_marked_secret(Path(name).stem), "letter_secret")
    size = path.stat().st_size
    refuse_if(size > FILE_BYTES, "letter_too_large")
    data = path.read_bytes()
    refuse_if(not data.strip(b"\0 \t\r\n"), "letter_empty")
    return checked(_raw(path, data, Path(name).suffix.lower()))


def checked(text: str) -> str:
    """Return pasted or extracted text in its plain form. Raises Problem if it is empty, too long, or marked secret."""
    refuse_if(len(text) > 4 * MOST_CHARS, "letter_too_long")  # before any work on it
    made = plain(repaired(text))
    refuse_if(not any(char.isalpha() for char in made), "letter_empty")
    refuse_if(len(made) > MOST_CHARS, "letter_too_long")
    refuse_if(is_marked_secret(made), "letter_secret")
    return made


def _raw(path: Path, data: bytes, ending: str) -> str:
    if data.startswith(b"PK\x03\x04"):
        return str(decode(Decoding.LETTER_WORD, [path]))
    if b"%PDF-" in data[:1024]:
        return str(decode(Decoding.LETTER_PDF, [path]))
    refuse_if(data.startswith(_OLE), "letter_encrypted" if _ENCRYPTED in data else "letter_old_word")
    refuse_if(data.startswith(_PICTURES), "letter_scan")
    text = required(None if data.startswith(b"{\\rtf") else decoded(data), "letter_unknown_file")
    refuse_if(ending in (".docx", ".doc", ".pdf"), "letter_named_wrong")
    return text
