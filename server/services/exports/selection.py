"""The records that a filter selects, in the order of their units, kinds and numbers.

It is the list of the desk, by the same conditions: acts and whatever is not the officer's to see are in neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.models import Campaign, Record, Stream
from server.services.review.queue import QueueFilter
from server.services.review.queue_cut import QueueCut
from server.services.units import unit_search
from server.services.units.scope import Scope
from sync.registry import KINDS

MOST: Final = 100_000
"""Most records of one file: a province's whole campaign has 30,000."""


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """Where a record is. `rank`: its unit's place in the list of units."""

    rank: int
    kind: str
    number: int
    record_id: str
    unit_id: str

    @property
    def key(self) -> tuple[int, int, str, int, str]:
        """Return what the records of an export are sorted by."""
        known = KINDS.get(self.kind)
        return self.rank, known.order if known else 0, self.kind, self.number, self.record_id


class Selection:
    """What one filter selects for one officer. Raises Problem `not_found` for a unit outside the scope."""

    def __init__(self, session: Session, scope: Scope, campaign: Campaign, asked: QueueFilter) -> None:
        self._session, self._scope = session, scope
        self._cut = QueueCut(session, scope, campaign, asked)
        self.conditions = self._cut.conditions()
        """On records joined with their streams."""

    def count(self) -> int:
        """Return the number of records: that of the list, from the kept counts."""
        return sum(self._cut.by_unit().values())

    def places(self) -> list[RecordPlace]:
        """Return the places of all records, sorted. Raises Problem `export_too_large`."""
        query = self._joined(Record.kind, Record.number, Record.id, Stream.unit_id).limit(MOST + 1)
        rows = self._session.execute(query).all()
        if len(rows) > MOST:
            raise Problem("export_too_large")
        ranks = self._ranks()
        found = (RecordPlace(ranks.get(row.unit_id, -1), *row) for row in rows)
        return sorted(found, key=lambda place: place.key)

    def place_of(self, record_id: str) -> RecordPlace:
        """Return the place of a record, whether it is selected or not. Raises Problem `not_found`."""
        query = select(Record.kind, Record.number, Record.id, Stream.unit_id)
        row = self._session.execute(
            query.join(Stream, Stream.id == Record.stream_id).where(Record.id == record_id)
        ).first()
        rank = self._ranks().get(row.unit_id) if row else None
        if row is None or rank is None:
            raise Problem("not_found")
        return RecordPlace(rank, *row)

    def _ranks(self) -> dict[str, int]:
        ordered = unit_search.ordered(self._session, self._scope.highest())
        return {unit: rank for rank, unit in enumerate(ordered)}

    def _joined(self, *columns: Any) -> Select[Any]:
        query: Select[Any] = select(*columns).select_from(Record).join(Stream, Stream.id == Record.stream_id)
        return query.where(*self.conditions)


def one_unit(scope: Scope, asked: QueueFilter) -> str:
    """Return the unit that the whole selection is of or below.

    Raises Problem `export_unit` if that is none: a person with roles in several places names one.
    """
    if asked.unit:
        return asked.unit
    tops: Sequence[str] = scope.highest()
    if len(tops) != 1:
        raise Problem("export_unit")
    return tops[0]
