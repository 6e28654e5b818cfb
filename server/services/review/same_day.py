"""A unit's other records of the same day: a reviewer sees at once whether a record is there twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import local, start_of
from server.models import Record
from server.services.records.projection import is_activity

MOST: Final = 12


def same_day(session: Session, record: Record) -> list[Record]:
    """Return at most `MOST` other records that the unit began on that day in Việt Nam, the oldest first."""
    day = local(record.created_at).date()
    first, end = start_of(day), start_of(day + timedelta(days=1))
    query = select(Record).where(Record.stream_id == record.stream_id, Record.id != record.id, is_activity())
    query = query.where(Record.created_at >= first, Record.created_at < end, Record.state.not_in(("draft", "deleted")))
    return list(session.scalars(query.order_by(Record.created_at, Record.id).limit(MOST)))
