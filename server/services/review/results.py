"""The records of one filter, by the day of the activity: a page behind a record, their number, their places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.models import Campaign, Record, RecordListing, Stream, Unit
from server.services.hints.reading import ANY, matching
from server.services.hints.rules import LOOK
from server.services.review import queue_bound, results_filter
from server.services.review.queue_filter import ALL, QueueFilter
from server.services.review.queue_query import query_of
from server.services.review.results_filter import (
    COUNTED,
    PAGE,
    ResultCursor,
    ResultFilter,
    ResultLine,
    ResultPage,
)
from server.services.units.scope import Scope

POINTS: Final = 5_000
"""Points of a map at most: the newest."""
_NAMED: Final = 3_000
"""Streams that are listed one by one; beyond, a subquery."""
_FEW: Final = 20_000
"""Records of so few streams are read by stream; more of them by day."""
_DEGREE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class MapPoint:
    """A record's place in degrees."""

    record_id: str
    kind: str
    number: int
    unit: str
    state: str
    place: tuple[float, float]


class Results:
    """One filter, for one officer. Raises Problem `not_found` for a unit outside the scope."""

    def __init__(self, session: Session, scope: Scope, campaign: Campaign, asked: ResultFilter) -> None:
        self._session, self._scope, self._campaign, self._asked = session, scope, campaign, asked
        self._cut = query_of(session, scope, campaign, asked.cut)
        self._is_counted = queue_bound.is_counted(asked.cut.hint)
        self._counted = None if asked.cut.figure else self._cut.by_unit()
        self._streams = self._streams_of_the_list()
        self._sought = results_filter.sought(session, scope, campaign, asked.text, self._streams, self._within())
        self._conditions = [*self._within(), *self._cut.marks(), *self._own(), *self._sought.conditions()]

    def page(self, cursor: ResultCursor | None = None) -> ResultPage:
        """Return the page behind the cursor, or the first one."""
        back = cursor is not None and cursor.back
        query = self._ordered(back=back)
        if cursor is not None:
            place = tuple_(*self._order_columns())
            here = tuple_(cursor.day, cursor.record_id)
            query = query.where(place > here if back else place < here)
        rows = self._rows(query.limit(PAGE + 1))
        more, rows = len(rows) > PAGE, rows[:PAGE]
        if back:
            rows.reverse()
        results = self._results(rows)
        first, last = (_place(results[at]) if results else None for at in (0, -1))
        before = ResultCursor(*first, back=True) if first and (more if back else cursor is not None) else None
        after = ResultCursor(*last) if last and (more or back) else None
        total = len(results) if cursor is None and after is None else self._total()
        found = self._sought
        return ResultPage(results, total, before, after, found.units, found.broad, self._cut.ends_with)

    def only(self) -> Record | None:
        """Return the record if there is exactly one."""
        rows = self._rows(self._ordered().limit(2))
        return rows[0][0] if len(rows) == 1 else None

    def unanswered(self, most: int) -> Sequence[Any]:
        """Return (record, its stream, its `answer`) of so many records at most, read anew, by stream."""
        query = self._from(select(Record, Stream, RecordListing.answer)).order_by(Record.stream_id, Record.id)
        query = query.limit(most).execution_options(populate_existing=True)
        visible = set(self._scope.visible())
        return [row for row in self._session.execute(query) if row.Stream.unit_id in visible]

    def points(self) -> tuple[list[MapPoint], bool]:
        """Return the places of the newest records that have one, and whether there are more."""
        columns = (RecordListing.record_id, RecordListing.kind, RecordListing.number, Stream.unit_id, Record.state)
        query = self._from(select(*columns, RecordListing.lat_e6, RecordListing.lon_e6))
        query = query.where(RecordListing.lat_e6.is_not(None)).order_by(*self._order()).limit(POINTS + 1)
        visible = set(self._scope.visible())
        rows = [row for row in self._session.execute(query) if row.unit_id in visible]
        points = [
            MapPoint(
                row.record_id,
                row.kind,
                row.number,
                row.unit_id,
                row.state,
                (row.lat_e6 / _DEGREE, row.lon_e6 / _DEGREE),
            )
            for row in rows[:POINTS]
        ]
        return points, len(rows) > POINTS

    def _total(self) -> int | None:
        asked = replace(self._asked, hint="") if self._asked.hint == self._asked.cut.hint else self._asked
        if self._counted is not None and not asked.is_narrowed:  # they know the filter of hints, too
            return sum(self._counted.values())
        if self._is_text_alone() and len(self._sought.ids) > COUNTED:
            return None
        found = self._from(select(RecordListing.record_id))
        if self._is_counted:
            found = found.limit(COUNTED + 1)
        count = self._session.scalar(select(func.count()).select_from(found.subquery())) or 0
        return count if count <= COUNTED or not self._is_counted else None

    def _is_text_alone(self) -> bool:
        """Nothing else narrows the records that were found by their words."""
        alone = ResultFilter(cut=QueueFilter(campaign=self._asked.cut.campaign, state=ALL), text=self._asked.text)
        return self._asked == alone and not self._sought.kind and self._sought.number is None

    def _ordered(self, *, back: bool = False) -> Select[Any]:
        columns = (Record, RecordListing.day, Stream.unit_id, RecordListing.lat_e6, RecordListing.lon_e6)
        return self._from(select(*columns)).order_by(*self._order(back=back))

    def _order(self, *, back: bool = False) -> list[ColumnElement[Any]]:
        return [column.asc() if back else column.desc() for column in self._order_columns()]

    def _order_columns(self) -> list[Any]:
        """The newest day first.

        A filter by one rule of hints sorts by an expression, so that PostgreSQL cannot use the index on the day. It
        would read that index from the newest day until it had found enough, which is most of the index where the hits
        are old. One stream is short either way.
        """
        columns = [RecordListing.day, RecordListing.record_id]
        short = self._streams is not None and len(self._streams) == 1
        return columns if self._is_counted or short else [column + "" for column in columns]

    def _from(self, selected: Any) -> Select[Any]:
        query: Select[Any] = selected.select_from(RecordListing).join(Record, Record.id == RecordListing.record_id)
        return query.join(Stream, Stream.id == RecordListing.stream_id).where(*self._conditions)

    def _rows(self, query: Select[Any]) -> list[Any]:
        """Rows of units that the officer may see. A unit that moved out of the campaign's own may not be."""
        visible = set(self._scope.visible())
        return [row for row in self._session.execute(query) if row.unit_id in visible]

    def _results(self, rows: Sequence[Any]) -> list[ResultLine]:
        query = select(Unit).where(Unit.id.in_({row.unit_id for row in rows}))
        units = {unit.id: unit for unit in self._session.scalars(query)}
        return [ResultLine(row[0], row.day, units[row.unit_id], _degrees(row.lat_e6, row.lon_e6)) for row in rows]

    def _streams_of_the_list(self) -> list[str] | None:
        """Ids of the streams to look in; None for all of the campaign.

        If the kept counts know of few records only, the streams that have them.
        """
        counted = self._counted
        whole = not self._asked.cut.unit and self._scope.may_see(self._campaign.unit_id)
        if counted is not None and len(counted) <= _NAMED and sum(counted.values()) <= _FEW:
            query = select(Stream.id).where(Stream.campaign_id == self._campaign.id, one_of(Stream.unit_id, counted))
            return list(self._session.scalars(query))
        return None if whole else list(self._session.scalars(select(Stream.id).where(self._cut.streams)))

    def _within(self) -> list[ColumnElement[bool]]:
        return [RecordListing.campaign_id == self._campaign.id, self._of_streams(RecordListing.stream_id)]

    def _of_streams(self, stream_id: Any) -> ColumnElement[bool]:
        """Condition: it is the id of a stream of the list. A unit that moved out of the campaign's may not be seen."""
        if self._streams is not None and len(self._streams) <= _NAMED:
            one = len(self._streams) == 1
            return stream_id == self._streams[0] if one else one_of(stream_id, self._streams)
        return stream_id.in_(select(Stream.id).where(self._cut.streams))  # type: ignore[no-any-return]

    def _own(self) -> list[ColumnElement[bool]]:
        """The conditions that the queue does not have."""
        asked, found = self._asked, list[ColumnElement[bool]]()
        if asked.cut.kind:  # said of the list's own row too, so that an index of it serves
            found.append(RecordListing.kind == asked.cut.kind)
        if asked.cut.hint in (LOOK, ANY):
            found.append(matching(asked.cut.hint, RecordListing))
        return [*found, *results_filter.own(asked)]


def _place(result: ResultLine) -> tuple[str, str]:
    return result.day, result.record.id


def _degrees(lat_e6: int | None, lon_e6: int | None) -> tuple[float, float] | None:
    return None if lat_e6 is None or lon_e6 is None else (lat_e6 / _DEGREE, lon_e6 / _DEGREE)
