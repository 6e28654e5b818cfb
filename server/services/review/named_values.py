"""Whether the slogan and the person that a filter names are there at all. The list says whether they have records.

A slogan that a campaign no longer has, or that only another campaign has, is known while it or a record names it.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import Campaign, Officer, RecordListing
from server.services.review.results_filter import ResultFilter


def unknown(session: Session, asked: ResultFilter) -> list[str]:
    """Return which of `officer` and `slogan` name nothing."""
    found = []
    if asked.officer and session.get(Officer, asked.officer) is None:
        found.append("officer")
    if asked.slogan and not _is_slogan(session, asked.slogan):
        found.append("slogan")
    return found


def _is_slogan(session: Session, slogan: str) -> bool:
    if any(each["id"] == slogan for slogans in session.scalars(select(Campaign.slogans)) for each in slogans):
        return True
    listed = select(RecordListing.record_id).where(RecordListing.slogan == slogan).limit(1)
    return session.scalar(listed) is not None
