"""The records behind two freezes, for the reasons in a supplementary report; and why the figures were unlocked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import FreezeLine, LockStep
from server.services.locks.freezes import FrozenFigures
from server.services.locks.states import LockAct
from server.services.records.projection import BUCKETS


@dataclass(frozen=True, slots=True)
class CountedRecords:
    """The counted records of a freeze: by (unit, figure) the amount of each; and those that were erased since."""

    amounts: Mapping[tuple[str, str], Mapping[str, int]]
    erased: frozenset[str]


def counted(session: Session, found: FrozenFigures) -> CountedRecords:
    """Read the counted records of a freeze."""
    amounts: dict[tuple[str, str], dict[str, int]] = {}
    erased = set[str]()
    lines = select(FreezeLine.record_id, FreezeLine.content).where(FreezeLine.freeze_id == found.row.id)
    for record, content in session.execute(lines):
        if not content:
            erased.add(record)
            continue
        said: dict[str, Any] = json.loads(content)
        if said["bucket"] == BUCKETS[0]:
            for code, amount in said["amounts"].items():
                amounts.setdefault((said["unit"], code), {})[record] = amount
    return CountedRecords(amounts, frozenset(erased))


def reasons(session: Session, before: FrozenFigures, after: FrozenFigures) -> tuple[str, ...]:
    """Why the level above unlocked the figures between the two, oldest first."""
    theirs = LockStep.unit_id == after.row.unit_id, LockStep.campaign_id == after.row.campaign_id
    between = LockStep.number > before.head["step"], LockStep.number < after.head["step"]
    query = select(LockStep.reason).where(*theirs, *between, LockStep.act == LockAct.UNLOCK.value)
    return tuple(session.scalars(query.order_by(LockStep.number)))
