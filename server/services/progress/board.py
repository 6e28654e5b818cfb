"""The board before a deadline: of each unit whether it is silent, waits or has sent its figures, and what is on phones.

A unit sees itself and those below it, nobody the lateness of a neighbour: who asks has checked that with the scope.

What is known of the phones of each unit: last contact, version, the work that they say is on them alone (X-45).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Row, and_, case, cast, func, literal, or_, select
from sqlalchemy.orm import Session

from server.core import clock
from server.models import Campaign, Device, Membership, Officer, Stream, Tally, Unit
from server.services.figures import loading, sums
from server.services.figures.table import Answer, answer
from server.services.progress.leaves import LeafUnit, leaves, today
from server.services.records import projection
from server.services.records.late import due_before
from server.services.totals.in_force import declares
from server.services.units.scope import COORDINATOR, OFFICER, REVIEWER


@dataclass(frozen=True, slots=True)
class UnitPhones:
    """The phones of the people of one unit. What they hold is of all campaigns: a phone tells one sum (X-45).

    `old`: replaced phones that still hold work, counted in the amounts too. `count`: phones in use; `app`: the oldest
    version among them, `seen_at`: the last contact of any. `unanswered`: phones in use with an app too old to say what
    it holds.
    """

    count: int = 0
    seen_at: int | None = None
    app: int | None = None
    unanswered: int = 0
    writes: int = 0
    photos: int = 0
    bytes: int = 0
    old: int = 0

    @property
    def holds(self) -> bool:
        """Something is on a phone alone."""
        return self.writes > 0 or self.photos > 0

    @property
    def answered(self) -> int:
        """Phones in use that have said what they hold."""
        return self.count - self.unanswered

    @property
    def answer(self) -> Answer:
        """An amount, nothing (all of them said so), or not known."""
        return answer(reported=self.holds, nil=self.answered, units=self.count, empty=not self.holds)


NO_PHONES = UnitPhones()


def of_units(session: Session, streams: Any) -> dict[str, UnitPhones]:
    """Return them by unit, in one statement. `streams`: a subquery of (top, child, living, id) with each unit alone."""
    people = (
        select(streams.c.living.label("unit"), Membership.officer_id)
        .join(Membership, streams.c.top == Membership.unit_id)
        .join(Officer, Officer.id == Membership.officer_id)
        .where(Membership.ended_at.is_(None), Membership.role.in_((OFFICER, REVIEWER, COORDINATOR)))
        .where(Officer.disabled_at.is_(None))
        .distinct()  # a person may have two roles at one unit; few columns to sort by, not all of a phone's
        .subquery()
    )
    in_use = Device.replaced_at.is_(None)
    held = and_(Device.held_at.is_not(None), Device.held_writes + Device.held_photos > 0)
    amounts = (Device.held_writes, Device.held_photos, Device.held_bytes)
    rows = session.execute(
        select(
            people.c.unit,
            _number(case((in_use, 1), else_=0)),
            func.max(case((in_use, Device.seen_at))),
            func.min(case((in_use, Device.app))),
            _number(case((and_(in_use, Device.held_at.is_(None)), 1), else_=0)),
            *(_number(func.coalesce(column, 0)) for column in amounts),
            _number(case((and_(~in_use, held), 1), else_=0)),
        )
        .join(Device, Device.officer_id == people.c.officer_id)
        .where(Device.revoked_at.is_(None), ~Device.script)
        .group_by(people.c.unit)
    )
    return {unit: UnitPhones(*values) for unit, *values in rows}


def _number(column: Any) -> Any:
    """The sum as an integer: PostgreSQL adds large ones up to a decimal, slow to read ten thousand times."""
    return cast(func.sum(column), BigInteger)


class BoardState(StrEnum):
    """How far a unit is: nothing reported, reported and not sent, sent."""

    SILENT = "silent"
    OPEN = "open"
    SENT = "sent"


CHASE_DAYS = 3
"""Before so many days to the due date nobody is reminded of what is not due: all units are behind then."""
CHASE, HOLDING, EVERY = "chase", "holding", "all"
CHOICES = (CHASE, *BoardState, HOLDING, EVERY)
"""What the board is narrowed to: who is to be reminded, one state, who has work on phones, all."""


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One unit. `states`: its records that wait for somebody, by state.

    `changed`: something was written after it sent its figures.
    `near`: its due date is near, or over.
    """

    unit: LeafUnit
    part: Unit | None
    state: BoardState
    changed: bool
    states: dict[str, int]
    phones: UnitPhones
    near: bool = True

    @property
    def to_review(self) -> int:
        """Records that wait for a decision."""
        return self.states.get("waiting", 0) + self.states.get("amended", 0)

    @property
    def returned(self) -> int:
        """Records that the unit was asked to complete."""
        return self.states.get("returned", 0)

    @property
    def is_behind(self) -> bool:
        """There is something to remind it of."""
        return self.state is not BoardState.SENT or self.phones.holds or self.returned > 0

    @property
    def is_chased(self) -> bool:
        """It is to be reminded now: of what was returned at any time, of the rest near the due date."""
        return self.returned > 0 or (self.near and self.is_behind)

    @property
    def choices(self) -> tuple[str, ...]:
        """The choices of the board that the unit is in."""
        more = (CHASE, self.is_chased), (HOLDING, self.phones.holds)
        return (EVERY, self.state, *(choice for choice, is_in in more if is_in))


@dataclass(frozen=True, slots=True)
class HeldCount:
    """Of several units: how many have work on a phone alone, and how many of the phones in use have said so or not."""

    units: int
    answered: int
    phones: int

    @property
    def number(self) -> int | None:
        """The number of units; None while it is 0 only because some phone has not said what it holds."""
        empty = self.units == 0
        said = answer(reported=not empty, nil=self.answered, units=self.phones, empty=empty)
        return None if said is Answer.UNREPORTED else self.units


@dataclass(frozen=True, slots=True)
class BoardCount:
    """Counts of several units: units by choice of the board, their records that wait by state, work on phones alone.

    Made in one pass: a country has ten thousand units, and its first page shows eight counts of each part.
    """

    units: Counter[str]
    records: Counter[str]
    held: HeldCount

    @classmethod
    def of(cls, lines: Iterable[BoardLine]) -> BoardCount:
        """Count these units; their phones are their own."""
        alike, records, answered, phones = Counter[tuple[str, ...]](), Counter[str](), 0, 0
        for line in lines:
            alike[line.choices] += 1
            if line.states:
                records.update(line.states)
            answered += line.phones.answered
            phones += line.phones.count
        units = Counter[str]()
        for choices, count in alike.items():  # a dozen, of ten thousand units
            units.update(dict.fromkeys(choices, count))
        return cls(units, records, HeldCount(units[HOLDING], answered, phones))

    @classmethod
    def total(cls, counts: Collection[BoardCount]) -> BoardCount:
        """Add up those of parts that have no unit in common."""
        units, records = Counter[str](), Counter[str]()
        for each in counts:
            units.update(each.units)
            records.update(each.records)
        answered, phones = sum(each.held.answered for each in counts), sum(each.held.phones for each in counts)
        return cls(units, records, HeldCount(units[HOLDING], answered, phones))

    @property
    def reporting(self) -> int:
        """Number of units that have reported something."""
        return self.units[EVERY] - self.units[BoardState.SILENT]


def lines(session: Session, campaign: Campaign, unit: Unit) -> list[BoardLine]:
    """Return a line for each unit at the end of this unit's subtree, in a constant number of statements."""
    streams = today(unit, campaign)
    by_top = {row.top: row for row in session.execute(_standing(streams))}
    states: dict[str, dict[str, int]] = {}
    reported: set[str] = set()
    for top, in_a_figure, *counts in loading.board_counts(session, campaign, unit):
        states[top] = {state: int(count) for state, count in zip(sums.BOARD_COUNTS[1:], counts, strict=True) if count}
        reported |= {top} if in_a_figure else set()
    held = of_units(session, sums.below(unit, campaign.id, deep=True))
    found, near = [], dict[str, bool]()
    for leaf in leaves(session, campaign, unit):
        id_, level = leaf.unit.id, leaf.unit.level
        row = by_top.get(id_)
        state, changed = _state(row, reported=id_ in reported), row is not None and bool(row.sent and row.changed)
        if level not in near:
            near[level] = is_near(campaign, level)
        on_phones = held.get(id_, NO_PHONES)
        found.append(BoardLine(leaf.unit, leaf.part, state, changed, states.get(id_, {}), on_phones, near[level]))
    return found


def is_near(campaign: Campaign, level: str) -> bool:
    """True from `CHASE_DAYS` days before the last day of units of this level on."""
    return clock.today() >= due_before(campaign, level) - timedelta(days=CHASE_DAYS + 1)


def _standing(streams: Any) -> Any:
    """(top, says, sent, changed): what the unit of today said without a record, and sent; with streams it took over."""
    nothing = and_(Tally.stream_id == streams.c.id, projection.SAYS_NIL)
    has = or_(select(literal(1)).where(nothing).exists(), declares(streams.c.id))
    return (
        select(
            streams.c.top,
            func.max(case((has, 1), else_=0)).label("says"),
            func.min(case((Stream.sealed.is_(None), 0), else_=1)).label("sent"),
            func.max(case((Stream.written > Stream.sealed, 1), else_=0)).label("changed"),
        )
        .join(Stream, Stream.id == streams.c.id)
        .group_by(streams.c.top)
    )


def _state(row: Row[Any] | None, *, reported: bool) -> BoardState:
    if row is None:
        return BoardState.SILENT
    if row.sent:
        return BoardState.SENT
    return BoardState.OPEN if row.says or reported else BoardState.SILENT
