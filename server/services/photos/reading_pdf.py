"""Read a PDF and say whether it is a document and nothing else. A script for a process of its own (documents.py).

    python -I reading_pdf.py FILE CPU_S      ends with 0, or with 3 and a code on stdout

A file may be made to cost much: a few kilobytes that unpack to gigabytes, or tables that run in circles. Here that
meets a limit of memory and processor time, and ends this process alone. It imports nothing of ours.

It is read twice, because programs differ in what they make of a damaged file: its objects, as the library reads them,
and its text outside of streams, where a name is found also in what the library passes over.
"""

from __future__ import annotations

import logging
import re
import resource
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

MEMORY: Final = 1024**3
CPU_S: Final = 20
"""Seconds of the processor: twice what a tagged report of 4 MB takes on two slow cores."""
MOST_OBJECTS: Final = 1_000_000
"""Dictionaries and arrays. A tagged report of 4 MB has some 100,000."""
REFUSED: Final = 3
UNREADABLE, LOCKED, ACTIVE = "document_unreadable", "document_locked", "document_active"
CODES: Final = (UNREADABLE, LOCKED, ACTIVE)
_RUNS: Final = frozenset(
    f"/{name}"
    for name in (
        *("JavaScript", "Launch", "SubmitForm", "ImportData", "Rendition", "RichMediaExecute"),
        *("Movie", "Sound", "GoToE", "GoTo3DView"),
    )
)
"""Actions that do more than lead to another place in the document or on the web (ISO 32000-1, table 198)."""
_HOLDS: Final = frozenset(
    ("/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/XFA", "/RichMediaContent", "/OnInstantiate")
)
"""Entries that hold a script, another file, or a form that is a program."""
_FILE: Final = "/EmbeddedFile"

_SPACE: Final = rb"(?:[\s\0]|%[^\r\n]*[\r\n])*"
_ENDS: Final = rb"(?=[\s\0()<>\[\]{}/%]|$)"
_NAME: Final = re.compile(rb"/[^\s\0()<>\[\]{}/%]+")
_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_REGULAR: Final = re.compile(rb"[!-~]")


def _any(names: frozenset[str]) -> bytes:
    return b"/(?:" + "|".join(sorted(name[1:] for name in names)).encode() + b")" + _ENDS


_NAMED: Final = re.compile(
    # The value of an entry, or an object by itself. Not where a link's address has the word.
    rb"(?:(?<=[\s\0\[\]<>])|(?<=obj)|(?<=/S)|(?<=/Type)|(?<=/Subtype))"
    + _any(_RUNS | {_FILE})
    # An entry with a value. Two letters alone are found in any large picture.
    + rb"|"
    + _any(_HOLDS)
    + _SPACE
    + rb"(?:[(<\[]|\d+\s+\d+\s+R)"
)
_LEAST_STREAM: Final = 64
"""Bytes of a stream that is left out of the text. The place of a shorter one is not sure, and it costs nothing."""
_PARTIAL: Final = ("%(exception)r", "%(exception)s", "Invalid stream (index")
"""How the library's warnings begin that it returns only a part of an object. The others tell of what it mended."""


class TooMuchError(Exception):
    """It has more objects than any document of its size."""


class _Warnings(logging.Handler):
    """Notes whether an object that is in use could be read only in part."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.listening, self.partial = True, False

    def emit(self, record: logging.LogRecord) -> None:
        self.partial |= self.listening and str(record.msg).startswith(_PARTIAL)


def check(path: Path) -> str:
    """Return the code of what is wrong, or nothing."""
    import pypdf  # noqa: PLC0415  # behind the limits

    heard = _Warnings()
    logging.basicConfig(handlers=[heard], force=True)  # never written: it quotes the file
    reader = pypdf.PdfReader(path)
    if reader.is_encrypted:
        return LOCKED
    if not len(reader.pages):
        return UNREADABLE
    text = bytearray(path.read_bytes())
    for one in _objects(reader, heard):
        type_ = _name(one, "/Type")
        if type_ == _FILE or _name(one, "/S") in _RUNS or not _HOLDS.isdisjoint(one):
            return ACTIVE
        if type_ == "/ObjStm" and _names(one.get_data()):
            return ACTIVE
        _leave_out(reader, one, text)
    if _names(bytes(text)):
        return ACTIVE
    return UNREADABLE if heard.partial else ""


def _name(entry: Any, key: str) -> str:
    """Return the name that an entry has, also where it is an object by itself; empty for anything else."""
    found = entry[key] if key in entry else None  # noqa: SIM401  # `get` would not follow a reference
    return found if isinstance(found, str) else ""


def _names(text: bytes) -> bool:
    """True if something forbidden is named, also in a spelling with #xx (ISO 32000-1, 7.3.5)."""
    return _NAMED.search(_NAME.sub(_plain, text) if b"#" in text else text) is not None


def _plain(name: re.Match[bytes]) -> bytes:
    def letter(code: re.Match[bytes]) -> bytes:
        made = bytes.fromhex(code[1].decode())
        return made if _REGULAR.match(made) and made not in b"()<>[]{}/%" else b"_"

    return _ESCAPE.sub(letter, name[0])


def _leave_out(reader: Any, one: Any, text: bytearray) -> None:
    """Blank the bytes of a stream, whose place the table tells: by chance a picture has every short name."""
    data, of = getattr(one, "_data", b""), getattr(one, "indirect_reference", None)
    start = reader.xref.get(of.generation, {}).get(of.idnum) if of is not None else None
    if start is None or len(data) < _LEAST_STREAM:
        return
    at = text.find(data, start)
    if at >= 0 and re.match(rb"\s*endstream", text[at + len(data) : at + len(data) + 32]):
        text[at : at + len(data)] = b" " * len(data)


def _objects(reader: Any, heard: _Warnings) -> Iterator[Any]:
    """Yield every dictionary of the file, first what the trailer leads to, then what nothing leads to.

    A fault in the first is one of the document; of the others programs leave behind what they like.
    """
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject  # noqa: PLC0415

    many = (DictionaryObject, ArrayObject, IndirectObject)
    rest = [(id_, gen) for gen, table in reader.xref.items() for id_ in table]
    rest += [(id_, 0) for id_ in reader.xref_objStm]
    done: set[tuple[int, int]] = set()
    waiting: list[Any] = [reader.trailer]
    seen = 0
    while waiting or rest:
        if not waiting:
            heard.listening = False
            waiting.append(IndirectObject(*rest.pop(), reader))
        one = waiting.pop()
        if isinstance(one, IndirectObject):
            if (key := (one.idnum, one.generation)) in done:
                continue
            done.add(key)
            one = _object(reader, one, in_use=heard.listening)
        if not isinstance(one, (DictionaryObject, ArrayObject)):
            continue
        seen += 1
        if seen > MOST_OBJECTS:
            raise TooMuchError
        if isinstance(one, DictionaryObject):
            yield one
            waiting += [each for each in dict.values(one) if isinstance(each, many)]
        else:
            waiting += [each for each in list.__iter__(one) if isinstance(each, many)]


def _object(reader: Any, reference: Any, *, in_use: bool) -> Any:
    """Return an object of the table; None for an entry that leads nowhere, as old programs leave behind."""
    try:
        return reader.get_object(reference)
    except (MemoryError, RecursionError):
        raise
    except Exception:  # whatever the library makes of it
        if in_use:
            raise
        return None


def main(path: str, cpu_s: int) -> int:
    """Say the code of what is wrong."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    # At the first limit Linux sends SIGXCPU, which says why it ended; at the second SIGKILL, which does not.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 2))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")
    try:
        code = check(Path(path))
    except ImportError:
        raise  # not the file's fault
    except Exception:  # noqa: BLE001  # whatever the library makes of a damaged file, memory and depth among it
        code = UNREADABLE
    sys.stdout.write(code)
    return REFUSED if code else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
