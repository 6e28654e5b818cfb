"""Rebuild all figures, counts and lists from the records, after an update that changes which kinds feed them.

Projections are never the truth, so they may be thrown away: only writes and decisions in force are read. Stop the
service first: streams are not locked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.models import (
    Census,
    DecisionRow,
    Meta,
    Record,
    RecordListing,
    Stream,
    StreamWord,
    SummedCampaign,
    Tally,
    TallyKey,
    Unit,
)
from server.models.installation import lock_catalog
from server.models.units import by_name_text
from server.services.records import projection, readiness
from server.services.records.projection import Listing, Share, Totals
from server.services.records.readiness import Readiness
from server.services.records.stored import as_write, writes_of
from sync.record import PURGED, InForce, State
from sync.registry import KINDS

BATCH: Final = 500
MUST: Final = "must_recount"
"""The row of `meta` by which a migration says that what is kept beside the records is to be made anew."""


def is_due(session: Session) -> bool:
    """Return True if a migration wants a recount that was not made yet."""
    return session.get(Meta, MUST) is not None


def if_due(session: Session) -> int | None:
    """Recount if a migration wants it; None if none does."""
    return recount(session) if is_due(session) else None


def recount(session: Session) -> int:
    """Rebuild every record of every stream, and the order of units; returns the number of records."""
    lock_catalog(session)
    for table in (Tally, TallyKey, Census, RecordListing, StreamWord, SummedCampaign):
        session.execute(delete(table))
    for unit in session.scalars(select(Unit)):
        unit.sort_key = by_name_text(unit.short_name)
    session.execute(delete(Meta).where(Meta.key == MUST))
    counted, last = 0, ""
    every = select(Record).where(Record.state != PURGED).order_by(Record.id).limit(BATCH)
    while records := list(session.scalars(every.where(Record.id > last))):
        _batch(session, records)
        counted, last = counted + len(records), records[-1].id
        session.flush()
        session.expunge_all()
    return counted


def _batch(session: Session, records: list[Record]) -> None:
    writes = writes_of(session, [record.id for record in records])
    ids = [record.decision_id for record in records if record.decision_id]
    rows = session.scalars(select(DecisionRow).where(DecisionRow.id.in_(ids)))
    forces = {row.id: InForce(row.verdict, row.sides) for row in rows}
    projection.recount(session, {record: writes[record.id] for record in records})
    homes = select(Stream.id, Stream.campaign_id).where(Stream.id.in_({record.stream_id for record in records}))
    campaigns = {row.id: row.campaign_id for row in session.execute(homes)}
    totals, listing = Totals(), Listing()
    states = {record: State.of(as_write(row) for row in writes[record.id]) for record in records}
    files = {file for record, state in states.items() for file in readiness.files_of(record.stream_id, state)}
    came = readiness.here(session, files)
    for record, state in states.items():
        shift = projection.update(record, state, forces.get(record.decision_id or ""))
        totals.move(record.stream_id, replace(shift, old=Share(None, {}), was=None))  # nothing is counted yet
        listing.put(record, campaigns[record.stream_id], state, new=True)
        record.lacks = readiness.lacking(KINDS.get(record.kind), record.stream_id, state, came)
        readiness.renew(record, flagged=record.readiness == Readiness.FLAGGED)
    totals.save(session)
    listing.save(session)
