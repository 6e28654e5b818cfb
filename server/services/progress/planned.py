"""Planned and done: units by figures of the plan. Without a plan: what is done of the figures that the letter asks for.

Done is what records show, counted or waiting: exactly the records that a list of the unit and the figure has. What a
unit said without evidence stands beside it and fulfils nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from server.models import Campaign, Tally, Unit
from server.services.campaigns import expected
from server.services.figures import loading, sums
from server.services.figures.table import Answer, answer
from server.services.progress.leaves import Leaf, LeafUnit, leaves, today
from server.services.records.projection import BUCKETS
from server.services.totals.parts import parts
from sync.registry import KINDS, Figure

COUNTED, WAITING = BUCKETS[:2]


class PlanState(StrEnum):
    """How far a unit is with one figure."""

    DONE = "done"
    REVIEW = "review"
    PART = "part"
    NIL = "nil"
    NONE = "none"
    SILENT = "silent"
    FREE = "free"


@dataclass(slots=True)
class PlanCell:
    """One figure of one unit. `unsupported`: what is said of it without evidence; `nil`: it has nothing to report.

    `reported`: a record says something of it, or the unit stated a total.
    """

    expected: int = 0
    counted: int = 0
    included: int = 0
    unsupported: int = 0
    nil: bool = False
    reported: bool = False

    @property
    def waiting(self) -> int:
        """The part of what is done that nobody has approved yet."""
        return max(0, self.included - self.counted)

    @property
    def answer(self) -> Answer:
        """An amount, nothing to report, or not reported."""
        empty = not (self.included or self.unsupported)
        return answer(reported=self.reported or self.included > 0, nil=int(self.nil), empty=empty)

    @property
    def state(self) -> PlanState:
        """`review`: done, and some of it waits to be approved. `none`: 0 is reported. `free`: no plan asks for it."""
        if not self.expected:
            return PlanState.FREE
        if self.included >= self.expected:
            return PlanState.DONE if self.counted >= self.expected else PlanState.REVIEW
        if self.included or self.unsupported:
            return PlanState.PART
        return {Answer.NIL: PlanState.NIL, Answer.AMOUNT: PlanState.NONE}.get(self.answer, PlanState.SILENT)

    @property
    def is_met(self) -> bool:
        """The plan is met, or the unit says that there is nothing."""
        return self.state in (PlanState.DONE, PlanState.REVIEW, PlanState.NIL)


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A unit with its cells by figure."""

    unit: LeafUnit
    cells: Mapping[str, PlanCell]

    @property
    def planned(self) -> int:
        """Number of figures that the plan asks of it."""
        return sum(cell.expected > 0 for cell in self.cells.values())

    @property
    def met(self) -> int:
        """Number of those that are met."""
        return sum(cell.expected > 0 and cell.is_met for cell in self.cells.values())

    @property
    def behind(self) -> tuple[float, int]:
        """A key by which whoever is furthest behind comes first, and whoever has no plan last."""
        if not self.planned:
            return (2.0, 0)
        share = sum(min(1.0, cell.included / cell.expected) for cell in self.cells.values() if cell.expected)
        return (self.met / self.planned, round(1000 * share))


@dataclass(frozen=True, slots=True)
class PlanSum:
    """One figure over several units: how many have met their plan of those that have one, and the amounts.

    `answer`: of these units together (SPEC F-35).
    """

    units: int
    met: int
    expected: int
    included: int
    answer: Answer


@dataclass(frozen=True, slots=True)
class PlanPart:
    """A part of the tree with its units. `unit` is None for those right below the asked one."""

    unit: Unit | None
    rows: list[PlanRow]

    def sum(self, code: str) -> PlanSum:
        """Return the sum of one figure."""
        return added(self.rows, code)


@dataclass(frozen=True, slots=True)
class PlanTable:
    """A unit's matrix. `planned`: there is a plan; else no cell has an expected amount."""

    unit: Unit
    figures: list[Figure]
    parts: list[PlanPart]
    planned: bool
    rows: list[PlanRow] = field(default_factory=list)

    def sum(self, code: str) -> PlanSum:
        """Return the sum of one figure over all units."""
        return added(self.rows, code)


def added(rows: Iterable[PlanRow], code: str) -> PlanSum:
    """Return the sum of one figure over these units."""
    cells = [row.cells[code] for row in rows]
    asked_of = [cell for cell in cells if cell.expected]
    shown = asked_of or cells
    answers = Counter(cell.answer for cell in shown)
    return PlanSum(
        len(asked_of),
        sum(cell.is_met for cell in asked_of),
        sum(cell.expected for cell in asked_of),
        sum(cell.included for cell in shown),
        answer(reported=answers[Answer.AMOUNT] > 0, nil=answers[Answer.NIL], units=len(shown)),
    )


def table(session: Session, campaign: Campaign, unit: Unit) -> PlanTable:
    """Return the matrix of a unit that the officer may see: a constant number of statements."""
    plans = {each["figure"] for each in campaign.expected}
    figures = [each for each in loading.possible(campaign) if each.code in plans]
    if not figures:
        figures = [each for each in loading.asked(campaign) if not each.units_of]
    found = leaves(session, campaign, unit)
    rows = {leaf.unit.id: _row(campaign, leaf, figures) for leaf in found}
    _fill(session, today(unit, campaign), rows, figures)
    grouped: dict[str, PlanPart] = {}
    for leaf in found:
        part = grouped.setdefault(leaf.part.id if leaf.part else "", PlanPart(leaf.part, []))
        part.rows.append(rows[leaf.unit.id])
    every = [row for part in grouped.values() for row in part.rows]
    return PlanTable(unit, figures, list(grouped.values()), any(row.planned for row in every), every)


def _row(campaign: Campaign, leaf: Leaf, figures: Iterable[Figure]) -> PlanRow:
    plan = expected.of_unit(campaign.expected, leaf.unit.id, leaf.unit.name)
    return PlanRow(leaf.unit, {each.code: PlanCell(plan.get(each.code, 0)) for each in figures})


def _fill(session: Session, streams: Any, rows: Mapping[str, PlanRow], figures: Iterable[Figure]) -> None:
    """Fill in what is done: sums, distinct values, units with nothing to report, totals without evidence."""
    distinct = {figure.code for figure in figures if figure.distinct}
    cells = {(id_, code): cell for id_, row in rows.items() for code, cell in row.cells.items()}
    for top, code, counted, included, said in session.execute(_summed(streams, {code for _, code in cells})):
        if cell := cells.get((top, code)):
            cell.reported = said > 0
            if code not in distinct:
                cell.counted, cell.included = KINDS.amount(code, int(counted)), KINDS.amount(code, int(included))
    for top, code, bucket, count in session.execute(sums.different(streams)) if distinct else ():
        if code in distinct and bucket in (COUNTED, WAITING) and (cell := cells.get((top, code))):
            cell.included += count
            cell.counted += count if bucket == COUNTED else 0
    for top, code, _, units in session.execute(sums.nothing(streams)):
        if cell := cells.get((top, code)):
            cell.nil = units > 0
    for part in parts(session, streams):
        if cell := cells.get((part.top, part.step.figure)):
            cell.unsupported += part.amount
            cell.reported = cell.reported or (part.declared and not part.nil)


def _summed(streams: Any, codes: Collection[str]) -> Select[Any]:
    """(unit, figure, counted, counted or waiting, whether a record says something of it)."""
    counted = func.sum(case((Tally.bucket == COUNTED, Tally.amount), else_=0))
    included = func.sum(case((Tally.bucket.in_((COUNTED, WAITING)), Tally.amount), else_=0))
    found = select(streams.c.top, Tally.figure, counted, included, func.max(Tally.said))
    found = found.join(Tally, Tally.stream_id == streams.c.id).where(Tally.figure.in_(codes), Tally.bucket.in_(BUCKETS))
    return found.group_by(streams.c.top, Tally.figure)
