"""The records behind two freezes, for the reasons in a supplementary report; and why the figures were unlocked.

What counts is what the signatory chose: with "kể cả chờ duyệt", records that wait count too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import FreezeLine, LockStep, Record, Stream
from server.services.locks.freezes import FrozenFigures
from server.services.locks.states import LockAct
from server.services.records.projection import BUCKETS
from sync.registry import KINDS

AT_ONCE = 1_000
"""Rows read at a time: a province has hundreds of thousands."""


@dataclass(frozen=True, slots=True)
class CountedRecords:
    """The counted records of a freeze: by (unit, figure) what each adds, and those that were erased since.

    `amounts`: the amount, and for a figure of distinct values the hash of the value. `erased`: whether one of them was
    counted, nobody knows any more; its unit and kind are known.
    """

    amounts: Mapping[tuple[str, str], Mapping[str, tuple[int, str]]]
    erased: Mapping[tuple[str, str], frozenset[str]]


def counted(session: Session, found: FrozenFigures) -> CountedRecords:
    """Read the counted records of a freeze."""
    buckets = BUCKETS[: 1 + found.counts.included]
    amounts: dict[tuple[str, str], dict[str, tuple[int, str]]] = {}
    erased: dict[tuple[str, str], frozenset[str]] = {}
    lines = select(FreezeLine.record_id, FreezeLine.content, Record.kind, Stream.unit_id)
    lines = lines.join(Record, Record.id == FreezeLine.record_id).join(Stream, Stream.id == Record.stream_id)
    theirs = lines.where(FreezeLine.freeze_id == found.row.id)
    for record, content, kind, unit in session.execute(theirs.execution_options(yield_per=AT_ONCE)):
        if not content:
            for code in _fed(kind):
                erased[unit, code] = erased.get((unit, code), frozenset()) | {record}
            continue
        said: dict[str, Any] = json.loads(content)
        if said["bucket"] in buckets:
            for code, amount in said["amounts"].items():
                amounts.setdefault((said["unit"], code), {})[record] = (
                    found.amount(code, amount),
                    said["keys"].get(code, ""),
                )
    return CountedRecords(amounts, erased)


def _fed(kind: str) -> set[str]:
    known = KINDS.get(kind)
    return {figure.code for figure in known.figures} if known else set()


def reasons(session: Session, before: FrozenFigures, after: FrozenFigures) -> tuple[str, ...]:
    """Why the level above unlocked the figures between the two, oldest first."""
    theirs = LockStep.unit_id == after.row.unit_id, LockStep.campaign_id == after.row.campaign_id
    between = LockStep.number > before.head["step"], LockStep.number < after.head["step"]
    query = select(LockStep.reason).where(*theirs, *between, LockStep.act == LockAct.UNLOCK.value)
    return tuple(session.scalars(query.order_by(LockStep.number)))
