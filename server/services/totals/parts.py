"""The parts of a table's figures that no record supports, one row for each stream and figure that has a total."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import TotalStep
from server.services.totals.in_force import TotalAct, evidence, unsupported
from sync.registry import KINDS


@dataclass(frozen=True, slots=True)
class TotalPart:
    """A total in a table. `top`: the row.

    `amount`: what is left without evidence. `records`: the amount of the records that count or wait. `declared`: the
    unit itself has stated or confirmed it; `awaits`: the present amount is the level above's, which the unit has not
    confirmed. `nil`: it says that there is nothing.
    """

    top: str
    stream: str
    step: TotalStep
    amount: int
    records: int
    declared: bool
    awaits: bool
    nil: bool

    @property
    def is_nil_above(self) -> bool:
        """The level above says that there is nothing, and no record and no word of the unit contradicts it."""
        return self.nil and self.awaits and not self.declared and not self.records

    @property
    def is_unconfirmed(self) -> bool:
        """The level above has stated something that the unit has not confirmed."""
        return (self.awaits and self.amount != 0) or self.is_nil_above


def parts(session: Session, streams: Any) -> list[TotalPart]:
    """Read them. `streams`: a subquery of (top, child, living, id)."""
    query = select(streams.c.top, TotalStep).join(TotalStep, TotalStep.stream_id == streams.c.id)
    here = query.where(TotalStep.is_last(), TotalStep.act != TotalAct.WITHDRAW.value)
    rows = session.execute(here.order_by(TotalStep.stream_id, TotalStep.figure)).all()
    if not rows:
        return []
    with_total = select(TotalStep.stream_id).join(streams, streams.c.id == TotalStep.stream_id)
    records = evidence(session, with_total, {step.figure for _, step in rows})
    found = []
    for top, step in rows:
        place = step.stream_id, step.figure
        shown = records.get(place, 0)
        left = KINDS.amount(step.figure, unsupported(step.reach, step.amount, step.base, shown))
        found.append(
            TotalPart(
                *(top, step.stream_id, step, left, shown),
                declared=step.reported,
                awaits=step.on_behalf,
                nil=step.amount == 0,
            )
        )
    return found
