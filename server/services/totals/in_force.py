"""The totals of a unit as they stand, each with its history; and which streams have said something themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from server.models import Officer, Stream, Tally, TallyKey, TotalStep
from server.services.records.projection import BUCKETS
from server.services.totals.said import TotalAct, unsupported
from sync.registry import KINDS

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
    steps: dict[str, list[tuple[TotalStep, str]]] = {}
    for step, name in session.execute(theirs.order_by(TotalStep.figure, TotalStep.number)):
        steps.setdefault(step.figure, []).append((step, name))
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
