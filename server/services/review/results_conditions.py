"""What the filter of results asks beside the queue's, as conditions on a record's row of lists."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from server.models import Campaign, RecordListing, WriteRow
from server.services.review import searching
from server.services.review.results_filter import HINTS, OPEN, ResultFilter
from server.services.review.searching import Sought
from server.services.units.scope import Scope


def own(asked: ResultFilter) -> list[ColumnElement[bool]]:
    """Return the conditions that the queue does not have, without those of the text."""
    found = list[ColumnElement[bool]]()
    if asked.since:
        found.append(RecordListing.day >= asked.since)
    if asked.until:
        found.append(RecordListing.day <= asked.until)
    if asked.slogan:
        found.append(RecordListing.slogan == asked.slogan)
    if asked.officer:
        wrote = select(WriteRow.record_id).where(WriteRow.officer_id == asked.officer)
        found.append(RecordListing.record_id.in_(wrote))
    if asked.photo:
        found.append(RecordListing.photos.is_(asked.photo == "with"))
    if asked.place:
        there = RecordListing.lat_e6.is_not(None)
        found.append(there if asked.place == "with" else RecordListing.lat_e6.is_(None))
    if asked.answer:
        any_ = asked.answer == OPEN
        found.append(RecordListing.answer.is_not(None) if any_ else RecordListing.answer == asked.answer)
    hints = dict(HINTS.named())
    if asked.hint in hints and asked.hint != asked.cut.hint:
        found.append(hints[asked.hint](asked.hint))
    return found


def sought(
    session: Session,
    scope: Scope,
    campaign: Campaign,
    text: str,
    streams: Collection[str] | None,
    within: Sequence[ColumnElement[bool]],
) -> Sought:
    """Return what the text means. `streams`: of the list, None for all of the campaign; `within`: they as conditions.

    A word that is a kind's name is read as a word of texts if the kind finds nothing.
    """
    if not text:
        return Sought()
    found = searching.read(session, scope, campaign, text, streams)
    if found.by_kind and not _any(session, [*within, *found.conditions()]):
        return searching.read(session, scope, campaign, text, streams, kinds=False)
    return found


def _any(session: Session, conditions: Sequence[ColumnElement[bool]]) -> bool:
    return session.scalar(select(RecordListing.record_id).where(*conditions).limit(1)) is not None
