"""The totals of a unit as they stand, each with its history; and which streams have said something themselves.

What a total says, and how much of it no record supports.

A person says of a figure either how much it is altogether (`whole`: "3 băng rôn", some of which may be on photos) or
how much came besides the records (`besides`: "thêm 3 băng rôn không chụp ảnh"). The second is fixed by what records
showed at that moment: `base` + `amount` altogether.

The rule, the same for every figure and unit: **a record that was sent replaces the same amount of the total**. So the
unit has reported max(total, records), and what is left without evidence is the difference, never below 0.

- Records count here as soon as they are sent, approved or not. So the three columns of a table - approved, waiting,
  without evidence - never contain the same thing twice, whichever of them somebody adds up.
- A record that is returned or not counted is no evidence, and the unit's statement still stands: its amount goes back
  to the column without evidence until the record is mended, or the total adjusted with a reason.
- Totals of several units are added up; within a unit they are never added to the records that replaced them.
- A figure of distinct values (scripts) is compared by its number of values in the unit, and is a plain sum above.

>>> unsupported(Reach.WHOLE, 10, 0, records=4), unsupported(Reach.WHOLE, 10, 0, records=12)
(6, 0)
>>> unsupported(Reach.BESIDES, 3, 4, records=4), unsupported(Reach.BESIDES, 3, 4, records=5)
(3, 2)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from server.core.bulk import grouped
from server.models import Officer, Stream, Tally, TallyKey, TotalStep
from server.services.records.projection import BUCKETS
from sync.registry import KINDS


class Reach(StrEnum):
    """What an amount covers."""

    WHOLE = "whole"
    BESIDES = "besides"


class TotalSource(StrEnum):
    """How the amount came: by telephone, on paper, in a chat, out of a book of the unit."""

    PHONE = "phone"
    PAPER = "paper"
    ZALO = "zalo"
    BOOK = "book"


class TotalAct(StrEnum):
    """What somebody does to a total."""

    STATE = "state"
    CONFIRM = "confirm"
    WITHDRAW = "withdraw"


LONGEST: Final = 2000
"""Most letters of a note or a reason."""


def unsupported(reach: str, amount: int, base: int, records: int) -> int:
    """Return the part of a total that no record supports. `records`: the amount of those that count or wait."""
    if reach == Reach.WHOLE:
        return max(0, amount - records)
    return amount - min(amount, max(0, records - base))


EVIDENCE = BUCKETS[:2]
"""Records that replace a total: counted, or waiting for a decision."""
_DISTINCT = {figure.code for figure in KINDS.figures() if figure.distinct}


@dataclass(frozen=True, slots=True)
class TotalInForce:
    """A figure's total of one unit. `steps`: all that was done, oldest first, each with its officer's name.

    `records`: the amount of the records that count or wait; `unsupported`: what they have not replaced.
    """

    figure: str
    steps: list[tuple[TotalStep, str]]
    records: int

    @property
    def last(self) -> TotalStep:
        """The present state."""
        return self.steps[-1][0]

    @property
    def by(self) -> str:
        """Who made it so."""
        return self.steps[-1][1]

    @property
    def is_withdrawn(self) -> bool:
        """Nothing is said any more."""
        return self.last.act == TotalAct.WITHDRAW

    @property
    def awaits(self) -> bool:
        """Stated by the level above, and not confirmed by the unit."""
        return self.last.on_behalf and not self.is_withdrawn

    @property
    def unsupported(self) -> int:
        """The part without evidence."""
        last = self.last
        left = 0 if self.is_withdrawn else unsupported(last.reach, last.amount, last.base, self.records)
        return KINDS.amount(self.figure, left)


def of_unit(session: Session, unit_id: str, campaign_id: str) -> dict[str, TotalInForce]:
    """By figure: the totals that were ever said of this unit alone, without those merged into it."""
    query = select(TotalStep, Officer.name).join(Officer, Officer.id == TotalStep.officer_id)
    query = query.join(Stream, Stream.id == TotalStep.stream_id)
    theirs = query.where(Stream.unit_id == unit_id, Stream.campaign_id == campaign_id)
    steps = grouped(
        (step.figure, (step, name))
        for step, name in session.execute(theirs.order_by(TotalStep.figure, TotalStep.number))
    )
    if not steps:
        return {}
    shown = evidence(session, {each[0][0].stream_id for each in steps.values()}, steps)
    return {code: TotalInForce(code, each, shown.get((each[0][0].stream_id, code), 0)) for code, each in steps.items()}


def evidence(session: Session, streams: Any, figures: Iterable[str]) -> Mapping[tuple[str, str], int]:
    """By (stream, figure): the amount of the records that count or wait. `streams`: ids, or a statement of them."""
    codes = set(figures)
    amounts = select(Tally.stream_id, Tally.figure, func.sum(Tally.amount)).where(
        Tally.stream_id.in_(streams), Tally.figure.in_(codes - _DISTINCT), Tally.bucket.in_(EVIDENCE)
    )
    rows = session.execute(_grouped(amounts, Tally))
    found = {(stream, code): KINDS.amount(code, int(amount)) for stream, code, amount in rows}
    if codes & _DISTINCT:
        values = select(TallyKey.stream_id, TallyKey.figure, func.count(TallyKey.key.distinct())).where(
            TallyKey.stream_id.in_(streams),
            TallyKey.figure.in_(codes & _DISTINCT),
            TallyKey.bucket.in_(EVIDENCE),
            TallyKey.records > 0,
        )
        found |= {
            (stream, code): KINDS.amount(code, count)
            for stream, code, count in session.execute(_grouped(values, TallyKey))
        }
    return found


def _grouped(query: Any, table: type[Tally | TallyKey]) -> Any:
    return query.group_by(table.stream_id, table.figure)


def declares(stream_id: Any) -> ColumnElement[bool]:
    """SQL condition: the unit of this stream has stated or confirmed a total itself, and it stands."""
    return exists().where(
        TotalStep.stream_id == stream_id,
        TotalStep.reported,
        TotalStep.act != TotalAct.WITHDRAW.value,
        TotalStep.is_last(),
    )
