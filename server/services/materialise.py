"""What is kept of a record beside its writes, brought up to date whenever a write or decision is stored.

Amounts go into the stream's totals as differences, under the stream's lock, so the matrix of a whole province is a
sum over few rows.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from server.models import DecisionRow, Record, Stream, Tally
from sync.decision import InForce, shown
from sync.figures import contributions
from sync.record import State, agreed
from sync.registry import KINDS

BUCKETS = ("counted", "waiting", "returned")


@dataclass(frozen=True, slots=True)
class Share:
    """Where a record stands in the figures: its bucket (None = in none) and what it adds to each figure."""

    bucket: str | None
    amounts: dict[str, int]


def share_of(kind: str, state: State, decision: InForce | None) -> Share:
    """SPEC D-5: a counted decision's stored values; else the agreed values as waiting or returned."""
    known = KINDS.get(kind)
    if known is None:
        return Share(None, {})
    if decision is not None and decision.verdict == "counted":
        return Share("counted", contributions(known, agreed(decision.sides)))
    now = shown(state, decision)
    bucket = {"waiting": "waiting", "amended": "waiting", "returned": "returned"}.get(now)
    if bucket is None or state.hidden:
        return Share(None, {})
    return Share(bucket, contributions(known, agreed(state.all_sides)))


def in_force(row: DecisionRow | None) -> InForce | None:
    """A stored decision as the rules know it."""
    return None if row is None else InForce(row.verdict, row.sides)


def update(session: Session, stream: Stream, record: Record, state: State, decision: DecisionRow | None) -> None:
    """Store what follows from the record's state and the decision in force."""
    force = in_force(decision)
    record.survivors = state.ids
    record.state = shown(state, force)
    record.hidden = state.hidden
    record.conflicted = bool(state.conflicts) or state.edited_while_deleted
    record.decision_id = decision.id if decision else None
    old, new = Share(record.bucket, record.amounts), share_of(record.kind, state, force)
    if old != new:
        _add(session, stream, old, -1)
        _add(session, stream, new, +1)
        record.bucket, record.amounts = new.bucket, new.amounts


def _add(session: Session, stream: Stream, share: Share, sign: int) -> None:
    if share.bucket is None:
        return
    for figure, amount in share.amounts.items():
        if amount == 0:
            continue
        row = session.get(Tally, (stream.id, figure, share.bucket))
        if row is None:
            row = Tally(stream_id=stream.id, figure=figure, bucket=share.bucket, amount=0, records=0)
            session.add(row)
        row.amount += sign * amount
        row.records += sign
