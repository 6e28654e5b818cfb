"""Tombstones: placeholders for purged records that an older database never held (SPEC B-9).

Such a record was made after the backup, so no row is left to clear. But the phone that made it keeps a copy for 30 days
and would bring it back. So the revocations file also keeps the record's place, and an empty record is set up there.
Whatever comes for it is answered as for any purged record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from server.core.bulk_insert import merge_all
from server.core.clock import now_ms
from server.models import Counter, Record, Stream
from server.services.records import projection, streams


def place(record: Record, stream: Stream) -> dict[str, Any]:
    """What a purge keeps of a record (L-11), besides its id."""
    return {
        "unit": stream.unit_id,
        "campaign": stream.campaign_id,
        "kind": record.kind,
        "number": record.number,
    }


def home(line: Mapping[str, Any]) -> streams.Place | None:
    """The stream that a line names; None if the line is too old to name one."""
    unit, campaign = line.get("unit"), line.get("campaign")
    return (unit, campaign) if isinstance(unit, str) and isinstance(campaign, str) else None


def set_up(session: Session, line: Mapping[str, Any]) -> Record | None:
    """Make an empty record from this line; None if it is too old to name a place, or the stream is missing."""
    where, kind, number = home(line), line.get("kind"), line.get("number")
    if where is None or not isinstance(kind, str) or not isinstance(number, int):
        return None
    found = list(streams.lock(session, places=[where]).values())
    if not found:
        return None
    stream = found[0].stream
    number = _free(session, stream, kind, number)
    position, now = streams.next_position(stream), now_ms()
    record = Record(id=line["id"], stream_id=stream.id, kind=kind, number=number, created_at=now, changed_at=now)
    record.received_at = 0  # that write is not here
    record.first_position = record.last_position = position
    projection.blank(record)
    session.add(record)
    session.flush()
    merge_all(session, Counter, [{"stream_id": stream.id, "kind": kind, "last": number}], most=("last",))
    return record


def _free(session: Session, stream: Stream, kind: str, number: int) -> int:
    """The number, unless another record has it: it was assigned again before the restore was noticed (B-15).

    People know the living record by it, so the tombstone, which nobody sees, takes the stream's next one.
    """
    here = (Record.stream_id == stream.id, Record.kind == kind)
    if not session.scalar(select(exists().where(*here, Record.number == number))):
        return number
    return streams.Numbers(session, [stream.id]).next(stream, kind)
