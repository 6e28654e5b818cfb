"""What of a frozen report a purge can remove: its photos, and its lists of displays and broadcasts."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import FreezeLine
from server.services.locks import listed
from server.services.locks.freezes import FrozenFigures
from server.services.reports import Report, ReportPhoto, padded, plain, text


def with_evidence(session: Session, found: FrozenFigures, made: Report) -> Report:
    """Copy a report of a freeze with its lists, and with the photos that are left on its last annex."""
    made = listed.with_lists(session, found, made)
    photos = sorted(_photos(session, found.row.id), key=lambda pair: pair[0])
    gone = int(found.head["photos"]["n"]) - len(photos)
    return plain.with_photos(
        made, (photo for _, photo in photos), text("photos_erased", n=padded(gone)) if gone else ""
    )


def _photos(session: Session, freeze_id: str) -> Iterator[tuple[int, ReportPhoto]]:
    """Each photo that is left, with its place on the sheet."""
    contents = select(FreezeLine.record_id, FreezeLine.content).where(FreezeLine.freeze_id == freeze_id)
    for record, content in session.execute(contents.where(FreezeLine.content != "")):
        for photo in json.loads(content)["photos"]:
            yield photo["place"], ReportPhoto(record, photo["key"], photo["caption"], tuple(photo["blobs"]))
