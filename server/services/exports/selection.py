"""The records that a filter selects, in the order of their units, kinds and numbers.

It is the list of the desk, by the same conditions: acts and whatever is not the officer's to see are in neither. The
filter is that of results, so whoever narrowed the gallery by days takes just that along.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.core.problem_details import Problem, refuse_if
from server.models import Campaign, Record, RecordListing, Stream
from server.services.audit.acts import Value
from server.services.review import queue_query, results_filter
from server.services.review.queue_query import QueueQuery
from server.services.review.results_filter import ResultFilter
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

    def __init__(self, session: Session, scope: Scope, campaign: Campaign, asked: ResultFilter) -> None:
        self._session, self._scope, self._campaign = session, scope, campaign
        self._cut = QueueQuery(session, scope, campaign, asked.cut)
        self._own = results_filter.own(asked)
        self._is_broad = False
        if asked.text:
            self._own += self._of_text(asked)
        self.conditions = self._cut.conditions()
        """On records joined with their streams."""
        if self._own:
            listed = select(RecordListing.record_id).where(RecordListing.campaign_id == campaign.id, *self._own)
            self.conditions.append(Record.id.in_(listed))

    def count(self) -> int:
        """Return the number of records: that of the list, from the kept counts where they know it."""
        if not self._own:
            return sum(self._cut.by_unit().values())
        return self._session.scalar(select(func.count()).select_from(self._joined(Record.id).subquery())) or 0

    @property
    def is_too_large(self) -> bool:
        """True for more than MOST records, and for words that are in so many that not all of them were searched."""
        return self._is_broad or self.count() > MOST

    def places(self) -> list[RecordPlace]:
        """Return the places of all records, sorted. Raises Problem `export_too_large`."""
        query = self._joined(Record.kind, Record.number, Record.id, Stream.unit_id).limit(MOST + 1)
        rows = self._session.execute(query).all()
        refuse_if(self._is_broad or len(rows) > MOST, "export_too_large")
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

    def _of_text(self, asked: ResultFilter) -> list[ColumnElement[bool]]:
        whole = not asked.cut.unit and self._scope.may_see(self._campaign.unit_id)
        streams = None if whole else list(self._session.scalars(select(Stream.id).where(self._cut.streams)))
        within = [RecordListing.campaign_id == self._campaign.id]
        within += [] if streams is None else [one_of(RecordListing.stream_id, streams)]
        found = results_filter.sought(self._session, self._scope, self._campaign, asked.text, streams, within)
        self._is_broad = found.broad
        return found.conditions()

    def _ranks(self) -> dict[str, int]:
        ordered = unit_search.ordered(self._session, self._scope.highest())
        return {unit: rank for rank, unit in enumerate(ordered)}

    def _joined(self, *columns: Any) -> Select[Any]:
        query: Select[Any] = select(*columns).select_from(Record).join(Stream, Stream.id == Record.stream_id)
        return query.where(*self.conditions)


def one_unit(scope: Scope, asked: ResultFilter) -> str:
    """Return the unit that the whole selection is of or below.

    Raises Problem `export_unit` if that is none: a person with roles in several places names one.
    """
    unit = queue_query.unit_of(scope, asked.cut)
    refuse_if(not unit, "export_unit")
    return unit


def logged(scope: Scope, asked: ResultFilter) -> dict[str, Value]:
    """Return what was selected for the audit log; never a text."""
    more: dict[str, Value] = {"from": asked.since, "to": asked.until, "officer": asked.officer}
    return {**queue_query.values(scope, asked.cut), **{name: value for name, value in more.items() if value}}
