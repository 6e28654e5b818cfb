"""What a plan asks of one figure of a unit and what is done of it; and how many of several units have met theirs.

Done is what records show, counted or waiting. What a unit said without evidence stands beside it and fulfils nothing.

>>> PlanCell(expected=5, counted=3, included=5).state, PlanCell(expected=5, nil=True).state, PlanCell(included=2).state
(<PlanState.REVIEW: 'review'>, <PlanState.NIL: 'nil'>, <PlanState.FREE: 'free'>)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from server.models import Campaign
from server.services.figures.table import Answer, answer
from sync.registry import Figure


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
class PlanSum:
    """One figure over several units: how many have met their plan of those that have one, and the amounts.

    `answer`: of these units together (SPEC F-35).
    """

    units: int
    met: int
    expected: int
    included: int
    answer: Answer


def figures_of(campaign: Campaign, possible: Iterable[Figure], asked: Iterable[Figure]) -> list[Figure]:
    """Return the figures of the plan, of those that are possible; without a plan those that the letter asks for."""
    planned = {each["figure"] for each in campaign.expected}
    return [each for each in possible if each.code in planned] or [each for each in asked if not each.units_of]


@dataclass(frozen=True, slots=True)
class PlanCount:
    """What adds up of the cells of one figure: of those that a plan asks something of, or of all."""

    units: int = 0
    met: int = 0
    expected: int = 0
    included: int = 0
    amount: int = 0
    nil: int = 0

    @classmethod
    def of(cls, cells: Iterable[PlanCell]) -> PlanCount:
        """Count these cells."""
        every = list(cells)
        answers = Counter(cell.answer for cell in every)
        return cls(
            len(every),
            sum(cell.expected > 0 and cell.is_met for cell in every),
            sum(cell.expected for cell in every),
            sum(cell.included for cell in every),
            answers[Answer.AMOUNT],
            answers[Answer.NIL],
        )

    @classmethod
    def sum(cls, asked: PlanCount, every: PlanCount) -> PlanSum:
        """Return the sum of one figure. `asked`: of the cells that a plan asks something of."""
        shown = asked if asked.units else every
        said = answer(reported=shown.amount > 0, nil=shown.nil, units=shown.units)
        return PlanSum(asked.units, asked.met, asked.expected, shown.included, said)
