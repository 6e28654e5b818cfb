"""How many records of a filter are in each state, by unit: read once for all counts of a page.

They count what the list shows under the same conditions, so they add up: the states of a filter sum to `all`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from sqlalchemy import CTE, ColumnElement, Select, and_, func, not_, select, true
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.models import Census, Record, Stream
from server.services.hints import reading as hints
from server.services.records import late, readiness
from server.services.records.projection import BUCKETS
from server.services.records.readiness import Readiness
from server.services.review import queue_bound, queue_groups
from server.services.review.queue_filter import (
    ALL,
    BELOW,
    CONFLICT,
    FLAGGED,
    REPLIED,
    SAMPLE,
    TODO,
    UNREADY,
    QueueFilter,
)
from server.services.review.queue_groups import Group, Groups
from server.services.review.queue_needs import QueueNeeds
from sync.late import AFTER_DUE, LATE_MARKS
from sync.record import STATES
from sync.registry import Figure

COUNTED: Final = 1_000
"""Late records of another list than the shown one are counted up to this number."""
Conditions = Sequence[ColumnElement[bool]]
Unready = Counter[tuple[str, Readiness]]
"""Number of records by unit, and by what they wait for."""
_TOGETHER: Final = frozenset((ALL, CONFLICT, TODO, BELOW, *STATES))
"""States that groups of records have as a whole."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted: the filter, its campaign and condition on Stream, and its conditions on Record, and on both.

    `sampled`: gives the condition of the state SAMPLE, or None. `kept_late`: gives the number of records with a mark of
    lateness where it is kept. `buckets`: those that the filter names.
    """

    asked: QueueFilter
    campaign: str
    streams: ColumnElement[bool]
    narrowed: Conditions
    base: Conditions
    sampled: Callable[[], ColumnElement[bool] | None]
    kept_late: Callable[[str], int | None]
    figure: Figure | None
    buckets: tuple[str, ...]


class QueueCounts:
    """The counts of one filter."""

    def __init__(self, session: Session, needs: QueueNeeds, what: Counted) -> None:
        self._session, self._needs, self._what = session, needs, what
        self._by_unit: dict[str, Counter[str]] = {}

    def count(self, name: str) -> int:
        """Number of records in that state."""
        if name in LATE_MARKS and self._what.asked.state == name:
            return self._late(name)
        if name in self._by_unit or self._one_by_one or name not in _TOGETHER:
            return self.by_unit(name).total()
        if name == TODO:
            return self._todo(Counter({"": self._todo_at_once()})).total()
        if name == BELOW:
            return self._of_groups(self._needs.is_held) - sum(self._held_passed_on.values())
        return self._of_groups(_in_state(name))

    def by_unit(self, name: str) -> Counter[str]:
        """Number of records in that state, by unit; units without one are left out. Each state is read once."""
        if name not in self._by_unit:
            self._by_unit[name] = +self._read(name)
        return self._by_unit[name]

    def every(self) -> tuple[dict[str, int], frozenset[str]]:
        """Number of records in each state, and those states of which there are more than the number, `COUNTED`."""
        found = dict.fromkeys(STATES, 0) | dict(queue_groups.by_state(self._alike))
        found[ALL] = sum(found.values())
        for name in (TODO, UNREADY, FLAGGED, SAMPLE, BELOW, REPLIED, CONFLICT):
            found[name] = self.count(name)
        for mark in LATE_MARKS:
            found[mark] = self._late(mark)
        own, known = self._what.asked.state, self._by_unit
        more = frozenset(mark for mark in LATE_MARKS if found[mark] > COUNTED and mark not in known and mark != own)
        return {name: COUNTED if name in more else count for name, count in found.items()}, more

    def part(self, units: Sequence[str]) -> QueueCounts:
        """Return the counts of these units alone."""
        what = self._what
        streams = and_(what.streams, one_of(Stream.unit_id, units))
        return QueueCounts(self._session, self._needs, replace(what, streams=streams, base=[streams, *what.base[1:]]))

    def is_known(self, name: str) -> bool:
        """True if the records in that state were counted by unit already, or are read one by one for it."""
        return name in self._by_unit or self._one_by_one

    def left_out(self, listed: Conditions) -> Counter[Readiness]:
        """Number of records with these conditions that are to be approved and not ready, by what they wait for."""
        if not self._needs.decides:
            return Counter()
        found = select(Record.readiness, func.count()).join(Stream, Stream.id == Record.stream_id)
        rows = self._session.execute(found.where(*listed, self._needs.kept_back()).group_by(Record.readiness))
        return Counter({Readiness(str(name)): int(count) for name, count in rows})

    def unready(self, listed: Conditions) -> Unready:
        """Of a list with these conditions: those that are to be approved and are not ready."""
        return self._by_readiness([*listed, self._needs.kept_back()]) if self._needs.decides else Counter()

    @cached_property
    def unready_of_mine(self) -> Unready:
        """Those that wait for me to decide, and are not ready.

        On the last day they are many: counted from an index alone, without a look at who wrote each of them.
        """
        base, needs = self._what.base, self._needs
        if not needs.decides:
            return Counter()
        unready = [*base, needs.kept_back()]
        found = self._by_readiness([*unready, needs.mine])
        found.subtract(self._by_readiness([*unready, needs.mine], needs.own_records))
        if needs.passed_on_ids:
            found.update(self._by_readiness([*unready, needs.passed_on, not_(needs.mine), ~needs.written_by_me]))
        return +found

    def _read(self, name: str) -> Counter[str]:
        needs = self._needs
        if name in LATE_MARKS:
            return self._late_by_unit(name)
        if name in (SAMPLE, REPLIED, FLAGGED):
            few = self._few(name)
            return Counter() if few is None else self._counted([*self._what.base, few])
        if name == UNREADY:
            return by_unit_of(self.unready_of_mine)
        if name == BELOW:
            found = self._units_of(needs.is_held, needs.held_in)
            found.subtract(self._held_passed_on)
            return found
        if name == TODO:
            return self._todo(self._units_of(self._is_todo, needs.todo_in))
        return self._units_of(_in_state(name), lambda each: _state_in(each, name))

    def _of_groups(self, holds: Callable[[Group], bool]) -> int:
        return sum(count for group, count in self._alike.items() if holds(group))

    def _units_of(
        self, holds: Callable[[Group], bool], condition: Callable[[Any], ColumnElement[bool]]
    ) -> Counter[str]:
        """Number of records by unit of which this is true, said of a group and as a condition on columns."""
        if self._one_by_one:
            return queue_groups.by_unit(self._alike, holds)
        return queue_groups.by_unit_of(self._session, self._source, self._what.streams, condition)

    def _todo_at_once(self) -> int:
        """Number of records that seem to be for me to do, as one number: most groups of a country are not for me."""
        if "_alike" in self.__dict__:  # the page shows all its counts
            return self._of_groups(self._is_todo)
        return queue_groups.number_of(self._session, self._source, self._what.streams, self._needs.todo_in)

    def _is_todo(self, group: Group) -> bool:
        return self._needs.is_to_decide(group) or self._needs.is_other(group)

    def _few(self, name: str) -> ColumnElement[bool] | None:
        """The condition of a state whose records are few, and found by an index; None if there can be none."""
        if name == SAMPLE:
            return self._what.sampled()
        if name == FLAGGED:
            return readiness.is_flagged()
        return self._needs.replied() if self._needs.decides else None

    def _late_by_unit(self, mark: str) -> Counter[str]:
        if mark == AFTER_DUE and self._one_by_one:
            return queue_groups.by_unit(self._alike, lambda each: each.after_due)
        what, alike = self._what, None if self._what.figure or self._one_by_one else self._kept
        return late.counts(self._session, mark, Stream.unit_id, what.streams, alike=alike, each=what.narrowed)

    def _todo(self, found: Counter[str]) -> Counter[str]:
        """Of what there seems to be to do for me, what there is.

        Records whose turn depends on their authors are few: they are counted one by one.
        My own records are not mine to decide. Those of which everybody below is an author are, and not theirs.
        """
        needs = self._needs

        def decides(each: Group) -> bool:
            return needs.is_to_decide(each) and not needs.is_other(each)

        def undecided(each: Group) -> bool:
            return each.state in ("waiting", "amended") and not needs.is_other(each)

        found.subtract(queue_groups.by_unit(self._own, decides))
        if needs.passed_on_ids:
            found.update(queue_groups.by_unit(self._grouped([needs.passed_on, ~needs.written_by_me]), undecided))
        return found

    @cached_property
    def _own(self) -> Groups:
        """The records of which I count as an author, where I might decide."""
        if not self._needs.decides_first:
            return {}
        return queue_groups.counted(self._session, self._needs.own_records, self._what.base)

    @cached_property
    def _held_passed_on(self) -> Counter[str]:
        """Records that are held below and came up to me all the same, by unit."""
        found = self._grouped([self._needs.passed_on]) if self._needs.passed_on_ids else {}
        return queue_groups.by_unit(found, self._needs.is_held)

    def _late(self, mark: str) -> int:
        if self._what.asked.state == mark and mark not in self._by_unit:
            kept = self._what.kept_late(mark)
            if kept is not None:
                return kept
        if self._what.asked.state == mark or mark in self._by_unit or (self._one_by_one and mark == AFTER_DUE):
            return self.by_unit(mark).total()
        return late.count_up_to(self._session, mark, self._what.streams, COUNTED, self._what.narrowed)

    @cached_property
    def _alike(self) -> Groups:
        """The records of the filter in all states."""
        if self._one_by_one:
            return queue_groups.one_by_one(self._session, self._what.streams, self._what.base)
        return queue_groups.together(self._session, self._source, self._what.streams, self._needs.alike)

    @property
    def _source(self) -> Select[Any]:
        """Where the counts of the filter are kept."""
        what = self._what
        if what.figure is not None:
            code, buckets = what.figure.units_of or what.figure.code, what.buckets or BUCKETS
            return queue_groups.behind_figure(what.streams, code, buckets)
        return queue_groups.kept(what.campaign, self._kept)

    @cached_property
    def _one_by_one(self) -> bool:
        """No kept count knows the filter: it names a rule of hints, or a figure and more than a total is kept by."""
        if self._what.figure is not None:
            return bool(self._what.asked.hint or self._what.asked.kind)
        return not queue_bound.is_counted(self._what.asked.hint)

    @property
    def _kept(self) -> list[ColumnElement[bool]]:
        """The filter as conditions on Census."""
        found = [Census.kind == self._what.asked.kind] if self._what.asked.kind else []
        found += [Census.bucket.in_(self._what.buckets)] if self._what.buckets else []
        hinted = hints.counted(self._what.asked.hint)
        return found if hinted is None else [*found, hinted]

    def _grouped(self, more: Conditions) -> Groups:
        columns = (Stream.unit_id, Record.state, Record.conflicted)
        joined = select(*columns, func.count()).select_from(Record).join(Stream, Stream.id == Record.stream_id)
        rows = self._session.execute(joined.where(*self._what.base, *more).group_by(*columns))
        return {Group(unit, state, conflicted): int(count) for unit, state, conflicted, count in rows}

    def _counted(self, conditions: Conditions) -> Counter[str]:
        joined = select(Stream.unit_id, func.count()).select_from(Record).join(Stream, Stream.id == Record.stream_id)
        rows = self._session.execute(joined.where(*conditions).group_by(Stream.unit_id))
        return Counter({unit: int(count) for unit, count in rows})

    def _by_readiness(self, conditions: Conditions, only: CTE | None = None) -> Unready:
        found = select(Stream.unit_id, Record.readiness, func.count()).select_from(Record)
        found = found.join(Stream, Stream.id == Record.stream_id)
        if only is not None:
            found = found.join(only, only.c.record_id == Record.id)
        rows = self._session.execute(found.where(*conditions).group_by(Stream.unit_id, Record.readiness))
        return Counter({(unit, Readiness(str(name))): int(count) for unit, name, count in rows})


def by_unit_of(unready: Unready) -> Counter[str]:
    """Number of these records by unit."""
    found: Counter[str] = Counter()
    for (unit, _), count in unready.items():
        found[unit] += count
    return found


def _in_state(name: str) -> Callable[[Group], bool]:
    return lambda each: name == ALL or (each.conflicted if name == CONFLICT else each.state == name)


def _state_in(each: Any, name: str) -> ColumnElement[bool]:
    """What `_in_state` asks of a group, as a condition on columns."""
    found: ColumnElement[bool] = each.conflicted.is_(True) if name == CONFLICT else each.state == name
    return true() if name == ALL else found
