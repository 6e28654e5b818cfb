"""A part of the photos as a ZIP file that is sent while it is made: nothing of it is kept here.

Before each photo is sent, rights and record are looked at again. A photo that was purged meanwhile is left out, and the
manifest, which comes last, names it as gone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, Final

from sqlalchemy.orm import Session
from zipstream import ZIP_DEFLATED, ZIP_STORED, ZipStream

from server.blobs import Blobs
from server.core.clock import local
from server.core.db import reading
from server.core.problem_details import Problem
from server.services.exports import photo_names, rows, stamping
from server.services.exports.manifest import SUMS, PhotoLine, PhotoManifest
from server.services.exports.rows import ExportRow
from server.services.exports.selection import RecordPlace
from server.services.exports.words import say
from server.services.photos import photo_index
from server.services.records.streams import number_text
from server.services.units.scope import Scope
from sync.protocol import PHOTO_KEY_LENGTH
from sync.values import Value

_PIECE: Final = 256 * 1024
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
    """Yield the ZIP file. Raises OSError if the store of photos does not answer: the file is then cut short."""
    made = ZipStream(compress_type=ZIP_STORED)  # photos are packed already
    manifest, names = PhotoManifest(), photo_names.PhotoNames()
    for part in rows.batches(order.places, AT_ONCE):
        with reading() as session:
            found = rows.read(session, part)
            manifest.lines += _purged(session, part, found)
        for row in found:
            for nth, value in enumerate(row.photos, 1):
                yield from _photo(made, manifest, names, order, row, nth, value)
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


def _photo(
    made: ZipStream,
    manifest: PhotoManifest,
    names: photo_names.PhotoNames,
    order: PhotoOrder,
    row: ExportRow,
    nth: int,
    value: Mapping[str, Value],
) -> Iterator[bytes]:
    original = str(value["sha256"])
    opened = _opened(order, row.record_id, original)
    if opened is None:
        return  # its bytes never came, or were refused: the record's page says so
    file, type_ = opened
    at = value.get("taken_at")
    at_ms = at if isinstance(at, int) else row.created_at
    place = photo_names.folder(row.above, row.unit)
    name = names.name(place, row.number, row.unit, at_ms, nth, "image/jpeg" if order.stamped else type_)
    line = PhotoLine(name, row.number, row.unit, at_ms, original)
    if file is None:
        manifest.lines.append(replace(line, note=say("gone")))
        return
    with file:
        sent = _Sent(_stamped(file, row, at_ms) if order.stamped else None, file)
        made.add(sent.pieces(), name)
        yield from made.file()
    note = say("unstamped") if order.stamped and not sent.changed else ""
    if not sent.changed and sent.sha256 != original:
        note = say("damaged")
    manifest.lines.append(replace(line, sha256=sent.sha256, size_bytes=sent.size_bytes, note=note))


def _opened(order: PhotoOrder, record_id: str, sha256: str) -> tuple[BinaryIO | None, str] | None:
    """Open the bytes, with their media type. None for bytes that never came; no file for those that are gone."""
    with reading() as session:
        scope = Scope(session, order.officer_id)
        try:
            found = photo_index.find(session, scope, record_id, sha256[:PHOTO_KEY_LENGTH], "full")
        except Problem:  # purged, or no longer this person's to see
            return None, ""
    if not found:
        return None
    return order.blobs.open(found[0].key), found[0].type


def _stamped(file: BinaryIO, row: ExportRow, at_ms: int) -> bytes | None:
    """Return the copy; None if it cannot be drawn, and the file is at its beginning again."""
    unit = ", ".join(name for name in (row.unit, row.above) if name)
    try:
        return stamping.stamped(file, (unit, f"{row.number} · {local(at_ms):%d/%m/%Y %H:%M}"))
    except (OSError, ValueError, OverflowError, SyntaxError):  # decoders raise all of these
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
