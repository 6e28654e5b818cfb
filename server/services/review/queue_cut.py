"""The conditions of one filter of the desk's lists, and what is read by them: records, counts, the next record.

Counts use the same conditions as the list, so they add up: the states of a filter sum to `all`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select, true, tuple_
from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.models import Campaign, Census, DecisionRow, Record, Stream, Unit
from server.services.figures.sums import INCLUDED
from server.services.hints import reading as hints
from server.services.records import late
from server.services.records.projection import BUCKETS, is_activity
from server.services.records.record_counts import records_in
from server.services.review import queue_groups, warning_rules
from server.services.review.queue_filter import ALL, BELOW, CONFLICT, PAGE, SAMPLE, TODO, QueueFilter, UnitGroup
from server.services.review.queue_groups import Groups
from server.services.review.queue_needs import QueueNeeds
from server.services.review.sampling import Sampling
from server.services.units import unit_search
from server.services.units.scope import Scope
from server.services.units.tree import among, subtree
from sync.decision import STATES
from sync.late import AFTER_DUE, LATE_MARKS
from sync.registry import Figure
from sync.unit_figures import every_figure

_FIRST = {"amended": 0, "waiting": 1, "returned": 2}
_BY_AGE = (Record.created_at, Record.id)


def _order() -> list[Any]:
    """The order within a unit: conflicts, then amended, waiting, returned, then the rest; the oldest first."""
    conflicts = case((Record.conflicted, 0), else_=1)
    return [conflicts, case(_FIRST, value=Record.state, else_=len(_FIRST)), *_BY_AGE]


def _place(record: Record) -> list[object]:
    """A record's sort key in that order."""
    return [0 if record.conflicted else 1, _FIRST.get(record.state, len(_FIRST)), record.created_at, record.id]


def units_of(session: Session, scope: Scope, asked: QueueFilter) -> list[str]:
    """The filter's units that the officer may see. Raises `not_found` for any other."""
    if not asked.unit:
        return scope.visible()
    if not scope.may_see(asked.unit):
        raise Problem("not_found")
    return [asked.unit] if asked.only else subtree(session, [asked.unit])


class QueueCut:
    """The conditions of one filter, on records and, unless a figure is in the filter, on record counts."""

    def __init__(self, session: Session, scope: Scope, campaign: Campaign, asked: QueueFilter) -> None:
        self._session, self._scope, self._campaign, self._asked = session, scope, campaign, asked
        self._units = self._wanted_units()
        tops = [asked.unit] if asked.unit else scope.highest()
        self.streams = [Stream.campaign_id == campaign.id, among(Stream.unit_id, self._units, tops)]
        """Conditions: the streams of the filter that the officer may see."""
        self._groups: dict[tuple[str, str], list[tuple[str, int]]] = {}
        self._needs = QueueNeeds(session, scope, campaign, self._units)
        self.sampling = Sampling(session, campaign.id, and_(*self.streams))
        self._base = [*self.streams, is_activity(), *self._narrowed()]
        self._list = [*self._base, self._state(asked.state)]

    def conditions(self) -> list[ColumnElement[bool]]:
        """The conditions of the list, on records joined with their streams, for whoever reads all of it at once."""
        return list(self._list)

    def counts(self) -> dict[str, int]:
        """Number of records in each state under this filter, whatever its own state."""
        by_state = dict.fromkeys(STATES, 0)
        for state, count in self._grouped(ALL, Record.state, Census.state):
            by_state[state] = count
        marked = {
            name: sum(count for _, count in self._grouped(name, Stream.unit_id, Stream.unit_id))
            for name in (TODO, SAMPLE, BELOW, CONFLICT, *LATE_MARKS)
        }
        return {**by_state, **marked, ALL: sum(by_state.values())}

    @property
    def holders(self) -> str:
        """The level that holds what is in `BELOW`; empty if there are several."""
        return self._needs.holders

    def plain(self) -> list[ColumnElement[bool]]:
        """Conditions of those records of the list that wait for me, with no decision yet and nothing to settle."""
        mine = and_(self._needs.to_decide(Record), ~self._needs.written_by_me)
        return [*self._list, Record.state == "waiting", Record.conflicted.is_(False), mine]

    def amount(self) -> int:
        """The sum of the filter's figure over the whole list."""
        figure = self._figure()
        added: ColumnElement[Any] = func.sum(self._amount())
        if figure is not None and figure.units_of:
            found = select(Stream.unit_id).distinct().join(Record, Record.stream_id == Stream.id).where(*self._list)
            return len({self._scope.today(unit) for unit in self._session.scalars(found)})
        if figure is not None and figure.distinct:
            added = func.count(Record.keys[figure.code].as_string().distinct())
        query = select(added).select_from(Record).join(Stream, Stream.id == Record.stream_id)
        return int(self._session.scalar(query.where(*self._list)) or 0)

    def _figure(self) -> Figure | None:
        return next((each for each in every_figure() if each.code == self._asked.figure), None)

    def _amount(self) -> Any:
        figure = self._figure()
        code = (figure.units_of if figure else "") or self._asked.figure
        # Numeric, not integer: a client may store any whole number, and the product of three has no bound.
        return Record.amounts[code].as_numeric(60, 0)

    def marks(self) -> list[ColumnElement[bool]]:
        """Return the conditions on a record and its stream, without those that say which streams."""
        return [*self._narrowed(), self._state(self._asked.state)]

    def by_unit(self) -> dict[str, int]:
        """Number of records of each unit that has some."""
        return dict(self._grouped(self._asked.state, Stream.unit_id, Stream.unit_id))

    def per_unit(self) -> list[tuple[str, int]]:
        """Number of records of each unit that has some, in the list's order."""
        counts = self.by_unit()
        return [(unit, counts[unit]) for unit in self._ordered() if unit in counts]

    def _ordered(self) -> list[str]:
        return unit_search.ordered(self._session, self._scope.highest())

    def groups(self, per_unit: Sequence[tuple[str, int]], start: int) -> list[UnitGroup]:
        """Reads only the units that overlap the page."""
        behind, on_page = 0, []
        for unit, count in per_unit:
            if behind < start + PAGE and behind + count > start:
                on_page.append((unit, count, max(0, start - behind)))
            behind += count
        if not on_page:
            return []
        ids = [unit for unit, _, _ in on_page]
        records = self._records(ids, on_page[0][2])
        units = self._read(ids)
        above = self._read(unit.parent_id for unit in units.values())
        return [
            UnitGroup(units[id_], above.get(units[id_].parent_id or ""), count, records[id_])
            for id_, count, _ in on_page
        ]

    def _read(self, ids: Iterable[str | None]) -> dict[str, Unit]:
        query = select(Unit).where(Unit.id.in_({id_ for id_ in ids if id_}))
        return {unit.id: unit for unit in self._session.scalars(query)}

    def after(self, record: Record) -> Record | None:
        """The next record of the list; behind the last, the first. None if there is no other."""
        return self.behind(record) or self._first_of(self._ordered(), but=record.id)

    def behind(self, record: Record | None) -> Record | None:
        """The next record in its unit, else the first of the units after it; without a record, the first of all."""
        units = self._ordered()
        if record is None:
            return self._first_of(units)
        here = self._unit_of(record)
        place = _place(record) if self._lists(record) else self._place_before(record)
        rest = self._first([here], Record.id != record.id, tuple_(*_order()) > tuple_(*place))
        return rest or self._first_of(units[units.index(here) + 1 :] if here in units else [])

    def rank(self, record: Record) -> int:
        """Number of the record in the list, from 1; 0 if it is not in it."""
        if not self._lists(record):
            return 0
        here = self._unit_of(record)
        units = self._ordered()
        before = set(units[: units.index(here)])
        beside = select(func.count()).select_from(Record).join(Stream, Stream.id == Record.stream_id)
        beside = beside.where(*self._list, Stream.unit_id == here, tuple_(*_order()) <= tuple_(*_place(record)))
        return sum(count for unit, count in self.per_unit() if unit in before) + int(self._session.scalar(beside) or 0)

    def _unit_of(self, record: Record) -> str:
        return self._session.get_one(Stream, record.stream_id).unit_id

    def _lists(self, record: Record) -> bool:
        found = select(Record.id).join(Stream, Stream.id == Record.stream_id)
        return self._session.scalar(found.where(*self._list, Record.id == record.id)) is not None

    def _first_of(self, units: Sequence[str], but: str = "") -> Record | None:
        full = {unit for unit, _ in self.per_unit()}
        for unit in units:
            found = self._first([unit], Record.id != but) if unit in full else None
            if found is not None:
                return found
        return None

    def _place_before(self, record: Record) -> list[object]:
        """Its sort key before it was acted on: as amended if it had been decided on before, else as waiting."""
        decisions = select(func.count()).where(DecisionRow.record_id == record.id)
        state = "amended" if (self._session.scalar(decisions) or 0) > 1 else "waiting"
        return [1, _FIRST[state], record.created_at, record.id]

    def _first(self, unit_ids: list[str], *conditions: ColumnElement[bool]) -> Record | None:
        query = select(Record).join(Stream, Stream.id == Record.stream_id).where(*self._list, *conditions)
        return self._session.scalars(query.where(Stream.unit_id.in_(unit_ids)).order_by(*_order()).limit(1)).first()

    def _records(self, unit_ids: list[str], offset: int) -> dict[str, list[Record]]:
        place = case({unit: number for number, unit in enumerate(unit_ids)}, value=Stream.unit_id)
        query = select(Record, Stream.unit_id).join(Stream, Stream.id == Record.stream_id).where(*self._list)
        query = query.where(Stream.unit_id.in_(unit_ids))
        query = query.order_by(place, *_order())
        found: dict[str, list[Record]] = {unit: [] for unit in unit_ids}
        for record, unit in self._session.execute(query.offset(offset).limit(PAGE)):
            found[unit].append(record)
        return found

    def _wanted_units(self) -> list[str]:
        return units_of(self._session, self._scope, self._asked)

    def _narrowed(self) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = []
        if self._asked.kind:
            conditions.append(Record.kind == self._asked.kind)
        if self._buckets():
            conditions.append(Record.bucket.in_(self._buckets()))
        if self._figure() is not None:
            conditions += [Record.bucket.is_not(None), self._amount() != 0]
        if self._asked.hint:
            conditions.append(hints.matching(self._asked.hint))
        return conditions

    def _buckets(self) -> tuple[str, ...]:
        """The buckets that the filter names; empty if it names none."""
        known = {INCLUDED: BUCKETS[:2], **{bucket: (bucket,) for bucket in BUCKETS}}
        return known.get(self._asked.bucket, ())

    def _state(self, name: str) -> ColumnElement[bool]:
        if name == TODO:
            return or_(and_(self._needs.to_decide(Record), ~self._needs.written_by_me), self._needs.other(Record))
        if name == BELOW:
            return and_(self._needs.held(Record), ~self._needs.passed_on)
        if name == SAMPLE and self.sampling.rule is None:
            return false()
        if name == SAMPLE:
            looked_at = or_(self.sampling.drawn, warning_rules.condition(self._session, and_(*self.streams)))
            return and_(self._needs.to_decide(Record), ~self._needs.written_by_me, looked_at)
        if name in LATE_MARKS:
            return late.marked(self._session, name, *self.streams)
        return self._state_of(Record, name)

    def _state_of(self, rows: type[Record | Census], name: str) -> ColumnElement[bool]:
        if name == CONFLICT:
            return rows.conflicted.is_(True)
        return rows.state == name if name in STATES else true()

    def _grouped(self, name: str, by: Any, counted_by: Any) -> list[tuple[str, int]]:
        """Number of records in that state, by a column of records or its twin in the counts. Each is read once."""
        if (name, by.key) not in self._groups:
            self._groups[name, by.key] = self._read_grouped(name, by, counted_by)
        return self._groups[name, by.key]

    def _read_grouped(self, name: str, by: Any, counted_by: Any) -> list[tuple[str, int]]:
        asked = self._asked
        if asked.figure or asked.hint:
            return self._read_groups(name, by)
        alike = [Census.kind == asked.kind] if asked.kind else []
        alike += [Census.bucket.in_(self._buckets())] if self._buckets() else []
        if name in LATE_MARKS:
            found = late.counts(self._session, name, counted_by, *self.streams, alike=alike, each=self._narrowed())
            return list(found.items())
        cut = [*self.streams, *alike]
        if name == SAMPLE:
            return self._counted([*self._base, self._state(SAMPLE)], by) if self.sampling.rule else []
        if name == BELOW:
            needs = self._needs.held(Census)
        elif name == TODO:
            needs = or_(self._needs.to_decide(Census), self._needs.other(Census))
        else:
            return self._told(records_in(counted_by).where(*cut, self._state_of(Census, name)))
        found = Counter(dict(self._told(records_in(counted_by).where(*cut, needs))))
        self._move_own(found, name, by)
        return [(key, count) for key, count in found.items() if count > 0]

    def _read_groups(self, name: str, by: Any) -> list[tuple[str, int]]:
        """The same of a filter that the kept counts do not know."""
        needs = self._needs
        if name == AFTER_DUE and not self._behind_figure:
            return list(queue_groups.told(self._alike, by, lambda each: each.after_due).items())
        if name in LATE_MARKS:
            return list(late.counts(self._session, name, by, *self.streams, alike=None, each=self._narrowed()).items())
        if name == SAMPLE:
            return self._counted([*self._base, self._state(SAMPLE)], by) if self.sampling.rule else []
        if name == BELOW:
            found = queue_groups.told(self._alike, by, needs.is_held)
        elif name == TODO:
            found = queue_groups.told(self._alike, by, lambda each: needs.is_to_decide(each) or needs.is_other(each))
        else:
            is_in = {CONFLICT: lambda each: each.conflicted, ALL: lambda _: True}
            return list(queue_groups.told(self._alike, by, is_in.get(name, lambda each: each.state == name)).items())
        self._move_own(found, name, by)
        return [(key, count) for key, count in found.items() if count > 0]

    def _move_own(self, found: Counter[str], name: str, by: Any) -> None:
        """Correct counts by unit or state for records whose turn depends on their authors: few, counted one by one.

        My own records are not mine to decide. Those of which everybody below is an author are, and not theirs.
        """
        needs, passed = self._needs, self._needs.passed_on
        if name == BELOW:
            if needs.passed_on_ids:
                found.subtract(dict(self._counted([*self._base, needs.held(Record), passed], by)))
            return
        mine = [*self._base, needs.written_by_me, needs.to_decide(Record), ~needs.other(Record)]
        found.subtract(dict(self._counted([*mine, needs.mine], by)))
        if needs.passed_on_ids:
            passed_on = [*self._base, passed, needs.to_decide(Record), ~needs.written_by_me]
            found.update(dict(self._counted([*passed_on, ~needs.other(Record)], by)))

    @cached_property
    def _alike(self) -> Groups:
        """The records of the filter in all states."""
        figure = self._figure()
        if figure is None or not self._behind_figure:
            return queue_groups.one_by_one(self._session, self._base)
        code, buckets = figure.units_of or figure.code, self._buckets() or BUCKETS
        return queue_groups.behind_figure(self._session, code, buckets, self.streams, self._narrowed())

    @property
    def _behind_figure(self) -> bool:
        """The filter is one of a figure, and nothing else that its running totals do not know."""
        return bool(self._asked.figure) and not (self._asked.hint or self._asked.kind)

    def _counted(self, conditions: Sequence[ColumnElement[bool]], by: Any) -> list[tuple[str, int]]:
        joined = select(by, func.count()).select_from(Record).join(Stream, Stream.id == Record.stream_id)
        return self._told(joined.where(*conditions).group_by(by))

    def _told(self, query: Select[Any]) -> list[tuple[str, int]]:
        return [(key, int(count)) for key, count in self._session.execute(query)]
