"""Coverage of a part of the tree: how many of its lowest units have figures, and how many sent them.

A unit that was merged counts as its successor (SPEC L-6).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from server.models import Census, Stream, Tally, Unit
from server.services.figures import sums
from server.services.records.projection import BUCKETS, NIL, records_in
from server.services.totals.standing import declares
from server.services.units.tree import subtree


@dataclass(frozen=True, slots=True)
class Coverage:
    """Counts of units at the end of the tree, of one level or (`level` empty) of several."""

    level: str
    units: int
    reporting: int
    """Units that submitted something, stated or confirmed a total, or said that there is nothing to report."""
    sealed: int

    @property
    def silent(self) -> int:
        """The others."""
        return self.units - self.reporting


def waiting(session: Session, campaign_id: str, unit_id: str) -> int:
    """Number of records of the unit and those below that wait for a decision: no counted figure includes them yet."""
    places = Stream.campaign_id == campaign_id, Stream.unit_id.in_(subtree(session, [unit_id]))
    found = session.execute(records_in(Census.bucket).where(*places, Census.bucket == BUCKETS[1])).first()
    return int(found[1]) if found else 0


def coverage(session: Session, unit_id: str, campaign_id: str) -> Coverage:
    """Coverage of the units in this one's subtree that have none below them; of itself, if it has none."""
    streams = sums.streams(unit_id, campaign_id)
    submitted = and_(Census.stream_id == streams.c.id, Census.bucket != "", Census.records > 0)
    said = and_(Tally.stream_id == streams.c.id, Tally.bucket == NIL, Tally.amount > 0)
    stated = declares(streams.c.id)
    has = or_(select(literal(1)).where(submitted).exists(), select(literal(1)).where(said).exists(), stated)
    each = (
        select(
            streams.c.living.label("unit"),
            func.max(case((has, 1), else_=0)).label("has"),
            func.min(case((Stream.sealed.is_(None), 0), else_=1)).label("sealed"),
        )
        .join(Stream, Stream.id == streams.c.id)
        .group_by(streams.c.living)
        .subquery()
    )
    above = select(Unit.parent_id).where(Unit.parent_id.is_not(None), Unit.merged_at.is_(None))
    lowest = (
        select(Unit.level, func.count(), func.sum(each.c.has), func.sum(each.c.sealed))
        .join(each, each.c.unit == Unit.id)
        .where(Unit.id.not_in(above))
        .group_by(Unit.level)
    )
    rows = [(level, int(units), int(has), int(sealed)) for level, units, has, sealed in session.execute(lowest)]
    units, reporting, sealed = (sum(row[at] for row in rows) for at in (1, 2, 3))
    return Coverage(rows[0][0] if len(rows) == 1 else "", units, reporting, sealed)
