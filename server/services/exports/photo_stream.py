"""A part of the photos and documents as a ZIP file that is sent while it is made: nothing of it is kept here.

Before each file is sent, rights and record are looked at again. One that was purged meanwhile is left out, and the
manifest, which comes last, names it as gone.

What is in a ZIP file of photos, and what is not: a table for people, and sums for `sha256sum -c`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO, Final

from sqlalchemy.orm import Session
from zipstream import ZIP_DEFLATED, ZIP_STORED, ZipStream

from server.blobs import Blobs
from server.core.clock import local
from server.core.db import reading
from server.core.problem_details import Problem
from server.core.spreadsheet import harmless
from server.decoding.limits import Unfit
from server.services.exports import photo_parts, rows
from server.services.exports.rows import ExportRow
from server.services.exports.selection import RecordPlace
from server.services.exports.words import say
from server.services.faces import marks, masking
from server.services.faces.marks import Part, PhotoAnswer, PhotoName
from server.services.photos import photo_index, record_documents
from server.services.photos.photo_index import PhotoKey
from server.services.records.streams import number_text
from server.services.units.scope import Scope
from sync.protocol import DOCUMENT_TYPE, PHOTO_KEY_LENGTH
from sync.values import Value

SUMS = "SHA256SUMS.txt"


@dataclass(frozen=True, slots=True)
class PhotoLine:
    """A photo. `sha256`: of the file that was sent, empty if none was. `original`: of the photo as it is kept."""

    name: str
    record: str
    unit: str
    taken_at: object
    original: str
    sha256: str = ""
    size_bytes: int = 0
    note: str = ""


@dataclass(slots=True)
class PhotoManifest:
    """The photos of one ZIP file, in their order."""

    lines: list[PhotoLine] = field(default_factory=list)

    def table(self) -> bytes:
        """Return the table as CSV for Excel; photos that were gone have a note in place of a hash."""
        out = io.StringIO()
        write = csv.writer(out, lineterminator="\r\n").writerow
        write([say(word) for word in ("file", "number", "unit", "taken", "sha256", "original", "bytes", "note")])
        for line in self.lines:
            cells = (line.name, line.record, line.unit, _moment(line.taken_at), line.sha256, line.original)
            write([harmless(cell) for cell in (*cells, line.size_bytes or "", line.note)])
        return b"\xef\xbb\xbf" + out.getvalue().encode()

    def sums(self) -> bytes:
        """Return the hashes of the files that were sent."""
        return "".join(f"{line.sha256}  {line.name}\n" for line in self.lines if line.sha256).encode()


def _moment(at_ms: object) -> str:
    try:
        return f"{local(int(str(at_ms))):%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError, OSError):
        return ""


_PIECE: Final = 256 * 1024
TRIES: Final = 3
PAUSE_S: Final = 1.0
"""A stamp that a busy machine could not draw is tried so often, with so much between."""
AT_ONCE: Final = 20
"""Records read together: what was read is at most this old."""


@dataclass(frozen=True, slots=True)
class PhotoOrder:
    """Whose rights hold, which records, and whether unit, number and time are drawn on copies."""

    officer_id: str
    places: Sequence[RecordPlace]
    stamped: bool
    blobs: Blobs


def stream(order: PhotoOrder) -> Iterator[bytes]:
    """Yield the ZIP file.

    Raises OSError if the store of photos does not answer, Problem `unavailable` if a stamp cannot be drawn now: the
    file is then cut short.
    """
    made = ZipStream(compress_type=ZIP_STORED)  # photos are packed already
    manifest, names = PhotoManifest(), photo_parts.PhotoNames()
    for part in rows.batches(order.places, AT_ONCE):
        with reading() as session:
            found = rows.read(session, part)
            manifest.lines += _purged(session, part, found)
            faces = _Faces.read(session, [row.record_id for row in found] if order.stamped else [])
        for row in found:
            for file in _files_of(row):
                parts = faces.parts(row.record_id, file) if order.stamped and not file.is_document else ()
                yield from _file(made, manifest, names, order, row, file, parts)
    made.add(manifest.table(), say("manifest"), compress_type=ZIP_DEFLATED)
    made.add(manifest.sums(), SUMS, compress_type=ZIP_DEFLATED)
    yield from made.finalize()


def _purged(session: Session, part: Sequence[RecordPlace], found: Sequence[ExportRow]) -> list[PhotoLine]:
    """Return a line for each record that was purged since it was looked up; how many photos it had is not known."""
    there = {row.record_id for row in found}
    gone = [place for place in part if place.record_id not in there]
    units = rows.unit_names(session, {place.unit_id for place in gone})
    return [
        PhotoLine("", number_text(place.kind, place.number), units[place.unit_id][0], None, "", note=say("gone"))
        for place in gone
    ]


@dataclass(frozen=True, slots=True)
class _File:
    """A photo or document of a record, the `nth` of its sort from 1.

    `at`: when a photo was taken or a document added, ms of a phone's clock; None if nothing says so (SPEC P-20).
    """

    nth: int
    sha256: str
    at: Value
    is_document: bool = False


def _files_of(row: ExportRow) -> Iterator[_File]:
    for nth, value in enumerate(row.photos, 1):
        yield _File(nth, str(value["sha256"]), None if value.get("undated") else value.get("taken_at"))
    for nth, value in enumerate(row.documents, 1):
        yield _File(nth, str(value["sha256"]), value.get("added_at"), is_document=True)


def _file(  # into what, of which record, and what is covered; None: it stays
    made: ZipStream,
    manifest: PhotoManifest,
    names: photo_parts.PhotoNames,
    order: PhotoOrder,
    row: ExportRow,
    of: _File,
    parts: Sequence[Part] | None,
) -> Iterator[bytes]:
    stamped = order.stamped and not of.is_document
    opened = _opened(order, row.record_id, of)
    if opened is None:
        return  # its bytes never came, or were refused: the record's page says so
    file, type_ = opened
    at_ms = of.at if isinstance(of.at, int) else row.created_at
    place = photo_parts.folder(row.above, row.unit)
    name = names.name(place, row.number, row.unit, at_ms, of.nth, "image/jpeg" if stamped else type_)
    line = PhotoLine(name, row.number, row.unit, of.at, of.sha256)
    if file is None:
        manifest.lines.append(replace(line, note=say("gone")))
        return
    with file:
        copy = _stamped(file, row, at_ms, parts) if stamped and parts is not None else None
        if parts is None or (parts and copy is None):  # what is to be covered never goes as it is
            manifest.lines.append(replace(line, name="", note=say("stays")))
            return
        sent = _Sent(copy, file)
        made.add(sent.pieces(), name)
        yield from made.file()
    note = say("unstamped") if stamped and not sent.changed else ""
    if not sent.changed and sent.sha256 != of.sha256:
        note = say("damaged")
    manifest.lines.append(replace(line, sha256=sent.sha256, size_bytes=sent.size_bytes, note=note))


def _opened(order: PhotoOrder, record_id: str, of: _File) -> tuple[BinaryIO | None, str] | None:
    """Open the bytes, with their media type. None for bytes that never came; no file for those that are gone."""
    key = of.sha256[:PHOTO_KEY_LENGTH]
    with reading() as session:
        scope = Scope(session, order.officer_id)
        try:
            if of.is_document:
                document = record_documents.find(session, scope, record_id, key)
                found = [] if document is None else [PhotoKey(document.key, DOCUMENT_TYPE)]
            else:
                found = photo_index.find(session, scope, record_id, key, "full")
        except Problem:  # purged, or no longer this person's to see
            return None, DOCUMENT_TYPE if of.is_document else ""
    if not found:
        return None
    return order.blobs.open(found[0].key), found[0].type


@dataclass(frozen=True, slots=True)
class _Faces:
    """What was said of the photos of a batch, and their rules: read before the bytes, for a purge forgets it."""

    said: Mapping[PhotoName, PhotoAnswer]
    rules: Mapping[str, str]

    @classmethod
    def read(cls, session: Session, record_ids: Sequence[str]) -> _Faces:
        """Read it, of these records."""
        return cls(marks.of(session, record_ids), marks.rules_of(session, record_ids))

    def parts(self, record_id: str, of: _File) -> Sequence[Part] | None:
        """Return what of a photo is covered in a copy that is handed on; None for one that stays in the review."""
        found = self.said.get((record_id, of.sha256[:PHOTO_KEY_LENGTH]), marks.NOTHING)
        return found.parts if marks.going(self.rules.get(record_id, marks.ASKED), found) else None


def _stamped(file: BinaryIO, row: ExportRow, at_ms: int, parts: Sequence[Part]) -> bytes | None:
    """Return the copy; None if it can never be drawn, and the file is at its beginning again.

    The photo itself and its hash stay as they are. Raises OSError, Problem `unavailable`: a photo that only a busy
    machine left without its stamp would be taken for one that has none.
    """
    unit = ", ".join(name for name in (row.unit, row.above) if name)
    try:
        moment = f"{local(at_ms):%d/%m/%Y %H:%M}"
    except (OSError, OverflowError, ValueError):  # far away
        return None
    for tries_left in reversed(range(TRIES)):
        try:
            return masking.stamped_copy(file, parts, (unit, f"{row.number} · {moment}"))
        except Unfit:  # a damaged photo
            break
        except Problem:
            if not tries_left:
                raise
            time.sleep(PAUSE_S)
    file.seek(0)
    return None


class _Sent:
    """The bytes of one photo as they are sent, with their hash and number once they were."""

    def __init__(self, copy: bytes | None, file: BinaryIO) -> None:
        self.changed = copy is not None
        self.sha256, self.size_bytes = "", 0
        self._copy, self._file = copy, file

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes."""
        digest: Any = hashlib.sha256()
        for piece in [self._copy] if self._copy is not None else iter(lambda: self._file.read(_PIECE), b""):
            digest.update(piece)
            self.size_bytes += len(piece)
            yield piece
        self.sha256 = digest.hexdigest()
