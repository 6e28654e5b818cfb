"""Whether the hints of a stream are up to date, and what makes them anew.

Hints of a stream follow from its writes, the days of its campaign, and from other things, whose changes are counted
(`HintChange`). Hints are stored with the position and the count that were read before they were made. They are stale
as soon as one of these differs, whenever the change came.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from server.core.bulk import merge_all
from server.models import Campaign, HintChange, HintedStream, Stream


def stale() -> Select[str]:
    """Select the ids of the streams whose hints are to be made."""
    joined = select(Stream.id).join(Campaign, Campaign.id == Stream.campaign_id)
    joined = joined.outerjoin(HintedStream, HintedStream.stream_id == Stream.id)
    joined = joined.outerjoin(HintChange, HintChange.stream_id == Stream.id)
    return joined.where(Stream.written > 0, or_(_all_anew(), HintedStream.written != Stream.written))


def outdate(session: Session, stream_ids: Iterable[str]) -> None:
    """Have the hints of these streams made anew.

    Lock order, after the streams' own locks: rows of `hint_change` by id, so that nobody waits for another who waits
    for him.
    """
    rows = [{"stream_id": id_, "changes": 1} for id_ in sorted(set(stream_ids))]
    merge_all(session, HintChange, rows, added=("changes",))


def _all_anew() -> ColumnElement[bool]:
    """Condition: something changed on which each record's hints may depend."""
    counted: Any = func.coalesce(HintChange.changes, 0)
    return or_(
        HintedStream.stream_id.is_(None),
        HintedStream.written < 0,
        HintedStream.changes != counted,
        HintedStream.starts_on != Campaign.starts_on,
        HintedStream.ends_on != Campaign.ends_on,
    )
