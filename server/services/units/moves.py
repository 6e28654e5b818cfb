"""Units that have other ones above them since a unit was split (SPEC L-54). Mergers are in the units' own rows."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import Record, Stream, UnitSplit


@dataclass(frozen=True, slots=True)
class UnitMove:
    """`unit` went from below `before` to below `to`. `at`: when, milliseconds; `until`: when it went back, or None."""

    unit: str
    before: str
    to: str
    at: int
    until: int | None

    def differs_since(self, then: int) -> bool:
        """True if the unit was elsewhere at that moment than it is since the move, or since it went back."""
        return (then < self.at) != (self.until is not None and then < self.until)


def moves(session: Session) -> list[UnitMove]:
    """Return all moves of units, oldest first. Splits are few: some in a year."""
    rows = session.scalars(select(UnitSplit).order_by(UnitSplit.at, UnitSplit.id))
    return [UnitMove(*move, row.at, row.taken_back_at) for row in rows for move in row.units_moved]


def never_were(session: Session) -> list[str]:
    """Return the units that came into being by splits that were taken back, but for those with a record.

    A phone that had not heard of it may have recorded for one.
    """
    undone = session.scalars(select(UnitSplit).where(UnitSplit.taken_back_at.is_not(None)))
    ids = [unit for row in undone for unit in row.new_ids]
    if not ids:
        return []
    held = select(Stream.unit_id).join(Record, Record.stream_id == Stream.id).where(Stream.unit_id.in_(ids))
    return sorted(set(ids) - set(session.scalars(held.distinct())))
