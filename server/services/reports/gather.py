"""The figures of a unit with everything below it, level by level."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from server.models import Campaign, Census, Stream, Unit
from server.services.figures import levels
from server.services.figures.matrix import MatrixRow, Table
from server.services.records.record_counts import records_in
from server.services.units.scope import Scope
from server.services.units.tree import subtree

WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Gathered:
    """A unit's table, and the tables of those below it that have units themselves."""

    table: Table
    below: dict[str, Gathered] = field(default_factory=dict)

    @property
    def children(self) -> list[MatrixRow]:
        """The rows right below, in Vietnamese order."""
        return [row for row in self.table.rows if not row.own]

    def leaves(self) -> Iterator[tuple[Unit, MatrixRow]]:
        """Every unit without units below, with the unit above it; for a unit that stands alone, itself."""
        if not self.children:
            yield self.table.unit, self.table.own
        for row in self.children:
            if row.unit.id in self.below:
                yield from self.below[row.unit.id].leaves()
            else:
                yield self.table.unit, row

    def owns(self) -> Iterator[MatrixRow]:
        """The own activities of units that have units below."""
        if self.children:
            yield self.table.own
        for each in self.below.values():
            yield from each.owns()


def gather(session: Session, scope: Scope, campaign: Campaign, unit_id: str) -> Gathered:
    """Gather all tables. Raises Problem `not_found` for a unit that the officer may not see."""
    return _gathered(levels.tables(session, scope, campaign, unit_id), unit_id)


def _gathered(tables: Mapping[str, Table], unit_id: str) -> Gathered:
    table = tables[unit_id]
    parents = [row.unit.id for row in table.rows if not row.own and row.unit.id in tables]
    return Gathered(table, {child: _gathered(tables, child) for child in parents})


def waiting(session: Session, campaign: Campaign, unit_id: str) -> int:
    """Number of records of the unit and those below that wait for a decision: no counted figure includes them yet."""
    places = Stream.campaign_id == campaign.id, Stream.unit_id.in_(subtree(session, [unit_id]))
    found = session.execute(records_in(Census.bucket).where(*places, Census.bucket == WAITING)).first()
    return int(found[1]) if found else 0
