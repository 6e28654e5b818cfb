"""The conditions of one filter of the desk's lists, and what is read by them: records, counts, the next record.

Counts use the same conditions as the list, so they add up: the states of a filter sum to `all`.

The order of a list within a unit: by rank, so conflicts first, then what is amended or waits; the oldest first.

What a list was narrowed to, for the audit log: the unit acted on, states and kinds; never a text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select, true, tuple_
from sqlalchemy.orm import Session, aliased

from server.core.bulk import one_of
from server.core.db import read_once
from server.core.problem_details import refuse_if
from server.models import Campaign, DecisionRow, Record, Stream, Unit
from server.services.audit.acts import Value
from server.services.figures import loading
from server.services.figures.sums import INCLUDED
from server.services.hints import reading as hints
from server.services.records import late, readiness
from server.services.records.projection import BUCKETS, is_activity, rank_of
from server.services.records.readiness import Readiness
from server.services.review import queue_bound, warning_rules
from server.services.review.queue_counts import Counted, QueueCounts, Unready, by_unit_of
from server.services.review.queue_filter import (
    BELOW,
    CONFLICT,
    FLAGGED,
    PAGE,
    REPLIED,
    SAMPLE,
    TODO,
    UNREADY,
    QueueFilter,
    UnitGroup,
)
from server.services.review.queue_needs import QueueNeeds
from server.services.review.sampling import Sampling
from server.services.units import unit_search
from server.services.units.scope import Scope
from server.services.units.tree import among, subtree
from sync.figures import every_figure
from sync.late import LATE_MARKS
from sync.record import STATES
from sync.registry import Figure


def unit_of(scope: Scope, asked: QueueFilter) -> str:
    """Return the unit that the whole list is of or below; empty if that is none.

    Without one in the filter it is the person's own, if the person has roles in one place.
    """
    tops = [asked.unit] if asked.unit else scope.highest()
    return tops[0] if len(tops) == 1 else ""


def values(scope: Scope, asked: QueueFilter) -> dict[str, Value]:
    """Return the columns of a line; those that say nothing are left out."""
    found: dict[str, Value] = {"unit": unit_of(scope, asked), "state": asked.state, "kind": asked.kind}
    return {name: value for name, value in found.items() if value}


_DECIDED: Final = {REPLIED: "returned", FLAGGED: "counted"}
"""Lists of what was decided on before, and the state that a record has there."""
FEW: Final = 1_000
"""Units up to which a list is counted whole, not in parts."""
PART: Final = 64
"""Units of a list's first part; each further part has four times as many."""
ORDER: Final[list[Any]] = [Record.rank, Record.created_at, Record.id]
"""An index has it, so a page is read in order, whatever the length of the list."""


def place(record: Record) -> list[object]:
    """A record's sort key in that order."""
    return [record.rank, record.created_at, record.id]


def place_in(state: str, record: Record) -> list[object]:
    """The sort key that it would have in this state, without a conflict."""
    return [rank_of(state), record.created_at, record.id]


def units_of(session: Session, scope: Scope, asked: QueueFilter) -> list[str]:
    """The filter's units that the officer may see. Raises `not_found` for any other."""
    if not asked.unit:
        return scope.visible()
    refuse_if(not scope.may_see(asked.unit), "not_found")
    return [asked.unit] if asked.only else subtree(session, [asked.unit])


def query_of(session: Session, scope: Scope, campaign: Campaign, asked: QueueFilter) -> QueueQuery:
    """The cut of a filter, whatever its page: several parts of a page ask it, and it reads each thing once."""
    asked = replace(asked, campaign=campaign.id, page=1)
    return read_once(session, ("cut", scope, asked), lambda: QueueQuery(session, scope, campaign, asked, bounded=True))


def _needs(session: Session, scope: Scope, campaign: Campaign, units: list[str]) -> QueueNeeds:
    """Whose turn the records of these units are: the same for every list of a page."""
    key = ("needs", scope, campaign.id, tuple(units))
    return read_once(session, key, lambda: QueueNeeds(session, scope, campaign, units))


class QueueQuery:
    """The conditions of one filter, and its counts.

    `bounded`: for a list that people look through. It ends early where nobody counts its records (queue_bound.py).
    """

    def __init__(
        self, session: Session, scope: Scope, campaign: Campaign, asked: QueueFilter, *, bounded: bool = False
    ) -> None:
        self._session, self._scope, self._campaign, self._asked = session, scope, campaign, asked
        self._units = self._wanted_units()
        self._bounded = self._first_units() if bounded and not queue_bound.is_counted(asked.hint) else None
        if self._bounded is not None:
            self._units, here = self._bounded.units, one_of(Stream.id, self._bounded.streams)
        else:
            here = among(session, Stream.unit_id, self._units, [asked.unit] if asked.unit else scope.highest())
        self.streams = and_(Stream.campaign_id == campaign.id, here)
        """Condition: the streams of the filter that the officer may see."""
        self._needs = _needs(session, scope, campaign, self._units)
        self.sampling = Sampling(session, campaign.id, self.streams)
        self._base = [self.streams, is_activity(), *self._narrowed()]
        self._list = [*self._base, self._state(asked.state)]
        self._whole = list(self._list)
        if asked.ready:
            self._list.append(or_(Record.readiness.is_(None), ~self._needs.kept_back()))
        narrowed, figure, buckets = self._narrowed(), self._figure(), self._buckets()
        named = asked, campaign.id, self.streams, narrowed, self._base
        what = Counted(*named, self._sampled, self._kept_late, figure, buckets)
        self._counts = QueueCounts(session, self._needs, what)

    def conditions(self) -> list[ColumnElement[bool]]:
        """The conditions of the list, on records joined with their streams, for whoever reads all of it at once."""
        return list(self._list)

    def counts(self) -> tuple[dict[str, int], frozenset[str]]:
        """Number of records in each state under this filter, whatever its own; the states that have more than that."""
        return self._counts.every()

    def count(self, state: str) -> int:
        """Number of records in that state under this filter, whatever its own."""
        return self._counts.count(state)

    @property
    def ends_with(self) -> Unit | None:
        """The last unit of a list that ends early (queue_bound.py); None for any other list."""
        whole = self._bounded is None or self._bounded.is_whole
        return None if whole else self._session.get_one(Unit, self._units[-1])

    @property
    def holders(self) -> str:
        """The level that holds what is in `BELOW`; empty if there are several."""
        return self._needs.holders

    def plain(self) -> list[ColumnElement[bool]]:
        """Conditions of those records of the list that wait for me, with no decision yet and nothing to settle."""
        mine = and_(self._needs.to_decide(), ~self._needs.written_by_me)
        return [*self._list, Record.state == "waiting", Record.conflicted.is_(False), mine]

    def sampled(self) -> tuple[int, int]:
        """How many of the state SAMPLE were drawn, and how many others have a warning; under a rule alone."""
        sampled = self._sampled()
        if sampled is None:
            return 0, 0
        drawn = case((self.sampling.drawn, 1), else_=0)
        query = select(func.coalesce(func.sum(drawn), 0), func.count()).select_from(Record)
        row = self._session.execute(query.join(Stream, Stream.id == Record.stream_id).where(*self._base, sampled)).one()
        return int(row[0]), int(row[1]) - int(row[0])

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
        found = Counter(self._counts.by_unit(self._asked.state))
        return dict(+(found - by_unit_of(self._unready))) if self._asked.ready else dict(found)

    @cached_property
    def _unready(self) -> Unready:
        # Of what there is to do for me it is the same, and quicker: what is to complete or to settle is not approved.
        return self._counts.unready_of_mine if self._asked.state == TODO else self._counts.unready(self._whole)

    def left_out(self) -> dict[Readiness, int]:
        """How many records of the list are to be approved and are not ready, by what they wait for."""
        if not self._asked.ready and self._asked.state != TODO:
            return dict(self._counts.left_out(self._whole))
        found: Counter[Readiness] = Counter()
        for (_, why), count in self._unready.items():
            found[why] += count
        return dict(found)

    def length(self) -> int:
        """Number of records of the list; of all units at once where that is cheaper."""
        return sum(self.by_unit().values()) if self._asked.ready else self._counts.count(self._asked.state)

    def per_unit(self) -> Iterator[tuple[str, int]]:
        """Yield each unit that has some, with the number of its records, in the list's order.

        A long list is counted in parts, as far as the caller reads: where most units have some, a page shows few units.
        """
        wanted = set(self._units)
        units = [unit for unit in self._ordered() if unit in wanted]
        whole = len(units) <= FEW or self._asked.ready or self.length() < len(units)
        if whole or self._counts.is_known(self._asked.state):
            counts = self.by_unit()
            yield from ((unit, counts[unit]) for unit in units if unit in counts)
            return
        at, size = 0, PART
        while at < len(units):
            part = units[at : at + size]
            found = self._counts.part(part).by_unit(self._asked.state)
            yield from ((unit, found[unit]) for unit in part if unit in found)
            at, size = at + size, size * 4

    def decides(self, seen: Sequence[str]) -> bool:
        """True if the reader may decide on records of some unit in the list. `seen`: some of its units."""

        def on_one_of(units: Collection[str]) -> bool:
            self._scope.read_chains(units)
            return any(self._scope.may_decide(unit, self._campaign) for unit in units)

        return on_one_of(seen) or (self._needs.decides and on_one_of(self.by_unit()))

    def _ordered(self) -> list[str]:
        tops = self._scope.highest()
        return read_once(self._session, ("ordered", *tops), lambda: unit_search.ordered(self._session, tops))

    def groups(self, start: int) -> list[UnitGroup]:
        """Reads only the units that overlap the page."""
        behind, on_page = 0, []
        for unit, count in self.per_unit():
            if behind + count > start:
                on_page.append((unit, count, max(0, start - behind)))
            behind += count
            if behind >= start + PAGE:
                break
        if not on_page:
            return []
        ids = [unit for unit, _, _ in on_page]
        records = self._records(on_page)
        above = aliased(Unit)
        units = select(Unit, above).outerjoin(above, above.id == Unit.parent_id).where(one_of(Unit.id, ids))
        found = {unit.id: (unit, parent) for unit, parent in self._session.execute(units)}
        return [UnitGroup(*found[id_], count, records[id_]) for id_, count, _ in on_page]

    def after(self, record: Record) -> Record | None:
        """The next record of the list; behind the last, the first. None if there is no other."""
        return self.behind(record) or self._first_of(self._ordered(), but=record.id)

    def behind(self, record: Record | None) -> Record | None:
        """The next record in its unit, else the first of the units after it; without a record, the first of all."""
        units = self._ordered()
        if record is None:
            return self._first_of(units)
        here = self._unit_of(record)
        here_of = place(record) if self._lists(record) else self._place_before(record)
        rest = self._first([here], Record.id != record.id, tuple_(*ORDER) > tuple_(*here_of))
        return rest or self._first_of(units[units.index(here) + 1 :] if here in units else [])

    def rank(self, record: Record) -> int:
        """Number of the record in the list, from 1; 0 if it is not in it."""
        if not self._lists(record):
            return 0
        here = self._unit_of(record)
        units = self._ordered()
        before = set(units[: units.index(here)])
        beside = select(func.count()).select_from(Record).join(Stream, Stream.id == Record.stream_id)
        beside = beside.where(*self._list, Stream.unit_id == here, tuple_(*ORDER) <= tuple_(*place(record)))
        counts = self.by_unit()
        return sum(counts[unit] for unit in before & counts.keys()) + int(self._session.scalar(beside) or 0)

    def _unit_of(self, record: Record) -> str:
        return self._session.get_one(Stream, record.stream_id).unit_id

    def _lists(self, record: Record) -> bool:
        found = select(Record.id).join(Stream, Stream.id == Record.stream_id)
        return self._session.scalar(found.where(*self._list, Record.id == record.id)) is not None

    def _first_of(self, units: Sequence[str], but: str = "") -> Record | None:
        full = self.by_unit()
        for unit in units:
            found = self._first([unit], Record.id != but) if unit in full else None
            if found is not None:
                return found
        return None

    def _place_before(self, record: Record) -> list[object]:
        """Its sort key before it was acted on: as amended if it had been decided on before, else as waiting."""
        if self._asked.state in _DECIDED:
            return place_in(_DECIDED[self._asked.state], record)
        decisions = select(func.count()).where(DecisionRow.record_id == record.id)
        state = "amended" if (self._session.scalar(decisions) or 0) > 1 else "waiting"
        return place_in(state, record)

    def _first(self, unit_ids: list[str], *conditions: ColumnElement[bool]) -> Record | None:
        query = select(Record).join(Stream, Stream.id == Record.stream_id).where(*self._list, *conditions)
        return self._session.scalars(query.where(Stream.unit_id.in_(unit_ids)).order_by(*ORDER).limit(1)).first()

    def _records(self, on_page: Sequence[tuple[str, int, int]]) -> dict[str, list[Record]]:
        """The records of a page, in their order, of (unit, number of records, how many of them are before the page).

        The first unit and the last may be long: of each as many are read, from the index, as the page has room for.
        Those between are on the page with all their records.
        """
        (first, count, before), *others = on_page
        streams = self._streams_at([unit for unit, _, _ in on_page])
        rows = self._rows([streams[first]], before, PAGE)
        if others:
            *between, (last, _, _) = others
            if between:
                rows += self._rows([streams[unit] for unit, _, _ in between], 0, PAGE)
            room = PAGE - (count - before) - sum(number for _, number, _ in between)
            rows += self._rows([streams[last]], 0, room)
        at = {stream: unit for unit, stream in streams.items()}
        found: dict[str, list[Record]] = {unit: [] for unit, _, _ in on_page}
        for record in rows:
            found[at[record.stream_id]].append(record)
        return found

    def _rows(self, streams: Sequence[str], offset: int, limit: int) -> list[Record]:
        here = Record.stream_id == streams[0] if len(streams) == 1 else one_of(Record.stream_id, streams)
        query = select(Record).join(Stream, Stream.id == Record.stream_id).where(here, *self._list)
        return list(self._session.scalars(query.order_by(*ORDER).offset(offset).limit(limit)))

    def _streams_at(self, units: Sequence[str]) -> dict[str, str]:
        query = select(Stream.unit_id, Stream.id).where(Stream.campaign_id == self._campaign.id)
        return dict(self._session.execute(query.where(one_of(Stream.unit_id, units))).all())

    def _kept_late(self, mark: str) -> int | None:
        """Number of records with this mark where nothing but the state and a unit narrows the list, and it is kept."""
        asked, unit = self._asked, unit_of(self._scope, self._asked)
        if asked.kind or asked.figure or asked.bucket or asked.hint or asked.only or not unit:
            return None
        return loading.kept_late(self._session, self._campaign, self._session.get_one(Unit, unit), mark)

    def _wanted_units(self) -> list[str]:
        return units_of(self._session, self._scope, self._asked)

    def _first_units(self) -> queue_bound.Bounded:
        wanted = set(self._units)
        units = [unit for unit in self._ordered() if unit in wanted]
        return queue_bound.first_units(self._session, self._campaign.id, self._asked.hint, units)

    def _narrowed(self) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = []
        if self._asked.kind:
            conditions.append(Record.kind == self._asked.kind)
        if self._buckets():
            conditions.append(Record.bucket.in_(self._buckets()))
        if self._figure() is not None:
            conditions += [Record.bucket.is_not(None), self._amount() != 0]
        if self._bounded is not None:
            conditions.append(hints.hit_in(self._asked.hint, self._bounded.streams))
        elif self._asked.hint:
            conditions.append(hints.matching(self._asked.hint))
        return conditions

    def _buckets(self) -> tuple[str, ...]:
        """The buckets that the filter names; empty if it names none."""
        known = {INCLUDED: BUCKETS[:2], **{bucket: (bucket,) for bucket in BUCKETS}}
        return known.get(self._asked.bucket, ())

    def _state(self, name: str) -> ColumnElement[bool]:
        if name == TODO:
            return or_(and_(self._needs.to_decide(), ~self._needs.written_by_me), self._needs.other())
        if name == BELOW:
            return and_(self._needs.held(), ~self._needs.passed_on)
        if name == SAMPLE:
            sampled = self._sampled()
            return false() if sampled is None else sampled
        if name in (REPLIED, UNREADY, FLAGGED):
            few = {REPLIED: self._needs.replied, UNREADY: self._needs.unready, FLAGGED: readiness.is_flagged}
            return few[name]()
        if name in LATE_MARKS:
            return late.marked(self._session, name, self.streams)
        plain = Record.state == name if name in STATES else true()
        return Record.conflicted.is_(True) if name == CONFLICT else plain

    def _sampled(self) -> ColumnElement[bool] | None:
        """Condition: to be looked at one by one; None where nothing is reviewed by sample."""
        if self.sampling.rule is None:
            return None
        looked_at = or_(self.sampling.drawn, warning_rules.condition(self._session, self.streams))
        return and_(self._needs.to_decide(), ~self._needs.written_by_me, looked_at)
