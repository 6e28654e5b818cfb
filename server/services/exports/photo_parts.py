"""The photos of a selection in parts, each a ZIP file of its own.

A part is the photos from one record to another in the order of the selection. So it can be left and begun again by its
address: what was added or decided meanwhile moves nothing from one part to another.

Names of photos in a ZIP file, as people read them: `BR-12 Xã Chính Nghĩa 2021-07-20 (1).jpg`.

Names of units are typed by people: what Windows forbids in a name is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.core.clock import local
from server.core.file_names import part_of_name
from server.models import Photo, PhotoRef, Record, Stream, WriteRow
from server.services.exports.rows import AT_ONCE
from server.services.exports.selection import RecordPlace, Selection
from server.services.records.stored import THUMB, as_write, writes_of
from sync.protocol import DOCUMENT_TYPE
from sync.record import State
from sync.text import fold

_ASCII: Final = re.compile("[a-z0-9]+")
ENDINGS: Final = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", DOCUMENT_TYPE: "pdf"}


def part(of: str, number: int, *, stamped: bool) -> str:
    """Return the name of a ZIP file in ASCII letters. `of`: its unit or campaign; `number`: of the part, or 0."""
    words = _ASCII.findall(fold(of))[:12]
    parts = ["anh", *(["dong-dau"] if stamped else []), *words, *([f"phan-{number}"] if number else [])]
    return f"{'-'.join(parts)}.zip"


def folder(above: str, unit: str) -> str:
    """Return the folder of a unit's photos, within that of the unit above it."""
    return "/".join(part_of_name(name) for name in (above, unit) if name)


class PhotoNames:
    """Names within one ZIP file; none is given twice, also where letters differ in their case alone."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def name(self, place: str, record: str, unit: str, at_ms: int, nth: int, type_: str) -> str:
        """Return the name of a record's photo, `nth` from 1; `at_ms`: when it was taken. `place`: its folder."""
        head = part_of_name(f"{record} {unit} {_day(at_ms)}")
        ending = ENDINGS.get(type_, "jpg")
        again = 0
        while True:
            more = f" ({nth})" if not again else f" ({nth}) {again + 1}"
            found = f"{place}/{head}{more}.{ending}"
            if found.casefold() not in self._given:
                self._given.add(found.casefold())
                return found
            again += 1


def _day(at_ms: int) -> str:
    try:
        return f"{local(at_ms):%Y-%m-%d}"
    except (ValueError, OverflowError, OSError):  # a phone's clock may say anything
        return ""


PHOTOS: Final = 500
BYTES: Final = 300 * 1000 * 1000
"""Most photos, and about most bytes, of a part: a quarter of an hour on a slow line."""


@dataclass(frozen=True, slots=True)
class PhotoPart:
    """A part: its first and its last record, and how many photos and bytes were there when it was counted."""

    first: str
    last: str
    photos: int
    size_bytes: int


def parts(session: Session, selection: Selection) -> list[PhotoPart]:
    """Return the parts, in order. Records without a photo that can be read are left out."""
    held = _held(session, selection.conditions)
    found: list[PhotoPart] = []
    for place in selection.places():
        photos, size = held.get(place.record_id, (0, 0))
        if not photos:
            continue
        last = found[-1] if found else None
        if last is None or last.photos + photos > PHOTOS or last.size_bytes + size > BYTES:
            found.append(PhotoPart(place.record_id, place.record_id, photos, size))
        else:
            found[-1] = PhotoPart(last.first, place.record_id, last.photos + photos, last.size_bytes + size)
    return found


def between(selection: Selection, first: str, last: str) -> Sequence[RecordPlace]:
    """Return the places of the records of a part. Raises Problem `not_found` for records that are not to be seen."""
    low, high = selection.place_of(first).key, selection.place_of(last).key
    return [place for place in selection.places() if low <= place.key <= high]


def amount(session: Session, selection: Selection, places: Sequence[RecordPlace]) -> int:
    """Return how many photos and documents the ZIP file of these records holds."""
    these = one_of(Record.id, [place.record_id for place in places])
    held = _held(session, [*selection.conditions, these])  # the others of a long list are not read for each part
    return sum(held[place.record_id][0] for place in places if place.record_id in held)


def _held(session: Session, conditions: Sequence[ColumnElement[bool]]) -> dict[str, tuple[int, int]]:
    """Return number and bytes of each record's files that came; without those that were taken off it since."""
    query = select(PhotoRef.record_id, PhotoRef.sha256, Photo.size_bytes)
    query = query.join(Record, Record.id == PhotoRef.record_id).join(Stream, Stream.id == Record.stream_id)
    query = query.join(Photo, Photo.sha256 == PhotoRef.sha256).where(
        *conditions, PhotoRef.role != THUMB, PhotoRef.held, Photo.state == "verified"
    )
    rows = session.execute(query).all()
    named = _named(session, conditions)
    found: dict[str, tuple[int, int]] = {}
    for record, sha256, size in rows:
        if record not in named or sha256 in named[record]:
            count, total = found.get(record, (0, 0))
            found[record] = count + 1, total + int(size or 0)
    return found


def _named(session: Session, conditions: Sequence[ColumnElement[bool]]) -> dict[str, set[str]]:
    """Return the files that records name now. Of a record with one write these are all that it ever named."""
    query = select(WriteRow.record_id).join(Record, Record.id == WriteRow.record_id)
    query = query.join(Stream, Stream.id == Record.stream_id).where(*conditions)
    named = exists().where(PhotoRef.record_id == Record.id)
    ids = list(session.scalars(query.where(named).group_by(WriteRow.record_id).having(func.count() > 1)))
    found = {}
    for start in range(0, len(ids), AT_ONCE):
        for record, writes in writes_of(session, ids[start : start + AT_ONCE]).items():
            state = State.of(as_write(row) for row in writes)
            files = (*state.photos.values(), *state.documents.values())
            found[record] = {str(value["sha256"]) for value in files}
    return found
