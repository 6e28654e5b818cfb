"""Read a PDF and say whether it is a document and nothing else: nothing in it runs, and nothing outside is fetched.

It is read twice, because programs differ in what they make of a damaged file: its objects, as the library reads them,
and its text outside of streams, where a name is found also in what the library passes over.
"""

from __future__ import annotations

import logging
import re
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import pypdf
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    StreamObject,
    TextStringObject,
)

MOST_OBJECTS: Final = 1_000_000
"""Dictionaries and arrays. A tagged report of 4 MB has some 100,000."""
UNREADABLE, LOCKED, ACTIVE = "document_unreadable", "document_locked", "document_active"
_RUNS: Final = frozenset(
    f"/{name}"
    for name in (
        *("JavaScript", "Launch", "SubmitForm", "ImportData", "Rendition", "RichMediaExecute"),
        *("Movie", "Sound", "GoToE", "GoToR", "GoTo3DView"),
    )
)
"""Actions that do more than lead to another place in the document or on the web (ISO 32000-1, table 198).

GoToR opens another file: one on a network path sends the reader's name and a hash of the password there.
"""
_HOLDS: Final = frozenset(
    f"/{name}"
    for name in (
        *("JS", "JavaScript", "EmbeddedFiles", "EF", "XFA", "RichMediaContent", "OnInstantiate"),
        *("AA", "FFilter", "UF"),
    )
)
"""Entries that hold a script, another file or its name, a form that is a program, or acts that nobody has to click."""
_GOES_OUT: Final = re.compile(r"\s*(?:file:|smb:|\\\\|//)", re.IGNORECASE)
"""A link that leads into the reader's own network."""
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
    # What a reader program does by itself: an act other than a place in the document.
    + rb"|/OpenAction"
    + _SPACE
    + rb"<<(?![^>]{0,400}/S"
    + _SPACE
    + rb"/GoTo"
    + _ENDS
    + rb")"
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


class _Warnings(logging.Handler):
    """Notes whether an object that is in use could be read only in part."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.listening, self.partial = True, False

    def emit(self, record: logging.LogRecord) -> None:
        self.partial |= self.listening and str(record.msg).startswith(_PARTIAL)


def check(file: BinaryIO, *, with_password: bool) -> dict[str, Any]:
    """Return the code of what is wrong, or none. `with_password`: a document that all may read may be sealed."""
    try:
        return {"code": _fault(file, with_password) or None}
    except Exception:  # noqa: BLE001  # whatever the library makes of a damaged file, memory and depth among it
        return {"code": UNREADABLE}


def _fault(file: BinaryIO, with_password: bool) -> str:  # noqa: FBT001  # as above
    if zipfile.is_zipfile(file):  # an archive is read from its end, so it may stand behind a PDF, or in it
        return ACTIVE
    heard = _Warnings()
    logging.basicConfig(handlers=[heard], force=True)  # never written: it quotes the file
    reader = pypdf.PdfReader(file)
    if reader.is_encrypted and not (with_password and reader.decrypt("")):
        return LOCKED
    if not len(reader.pages):
        return UNREADABLE
    if _runs(reader, file, heard):
        return ACTIVE
    return UNREADABLE if heard.partial else ""


def _runs(reader: Any, file: BinaryIO, heard: _Warnings) -> bool:
    """True if anything in it runs, begins by itself, is another file, or is fetched from outside."""
    file.seek(0)
    text = bytearray(file.read())
    for one in _objects(reader, heard):
        if _acts(one) or (_name(one, "/Type") == "/ObjStm" and _names(one.get_data())):
            return True
        _leave_out(reader, one, text)
    return _names(bytes(text))


def _acts(one: DictionaryObject) -> bool:
    """True for an object that runs, begins by itself, holds another file, or names one outside."""
    if (
        _starts(one.get("/OpenAction"))
        or _name(one, "/Type") == _FILE
        or _name(one, "/S") in _RUNS
        or not _HOLDS.isdisjoint(one)
    ):
        return True
    named = one.get("/F")
    named = named.get_object() if isinstance(named, IndirectObject) else named
    if isinstance(one, StreamObject) and named is not None:  # its bytes are in another file
        return True
    if _name(one, "/FS") == "/URL" or isinstance(named, (TextStringObject, ByteStringObject)):
        return True
    link = one.get("/URI")
    link = link.get_object() if isinstance(link, IndirectObject) else link
    text = link.decode("latin-1") if isinstance(link, bytes) else link
    return isinstance(text, str) and _GOES_OUT.match(text) is not None


def _starts(found: Any) -> bool:
    """True for an act that a reader program does by itself. A place in the document to begin at is none."""
    found = found.get_object() if isinstance(found, IndirectObject) else found
    if not isinstance(found, DictionaryObject):
        return False
    return (_name(found, "/S") != "/GoTo" and "/D" not in found) or "/Next" in found


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
            raise ValueError(seen)
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
