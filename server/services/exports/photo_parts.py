"""The photos of a selection in parts, each a ZIP file of its own.

A part is the photos from one record to another in the order of the selection. So it can be left and begun again by its
address: what was added or decided meanwhile moves nothing from one part to another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.models import Photo, PhotoRef, Record, Stream
from server.services.exports.selection import RecordPlace, Selection
from server.services.records.photo_refs import THUMB

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
    held = _held(session, selection)
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


def _held(session: Session, selection: Selection) -> dict[str, tuple[int, int]]:
    """Return number and bytes of each record's photos; some of them may have been taken off it since."""
    query = select(PhotoRef.record_id, func.count(), func.sum(Photo.size_bytes))
    query = query.join(Record, Record.id == PhotoRef.record_id).join(Stream, Stream.id == Record.stream_id)
    query = query.join(Photo, Photo.sha256 == PhotoRef.sha256).where(
        *selection.conditions, PhotoRef.role != THUMB, PhotoRef.held, Photo.state == "verified"
    )
    rows = session.execute(query.group_by(PhotoRef.record_id))
    return {record: (int(count), int(size or 0)) for record, count, size in rows}
