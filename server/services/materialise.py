"""What is kept of a record beside its writes, brought up to date whenever a write or decision is stored.

Amounts go into the stream's totals as differences, under the stream's lock, so the matrix of a whole province is a
sum over few rows.
"""

from __future__ import annotations

from dataclasses import dataclass

from server.models import Record
from server.services.census import Alike
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


@dataclass(frozen=True, slots=True)
class Shift:
    """A record before and now: what its stream's totals and counts lose and gain."""

    old: Share
    new: Share
    was: Alike | None
    now: Alike | None


def share_of(kind: str, state: State, decision: InForce | None, now: str) -> Share:
    """SPEC D-5: a counted decision's stored values; else the agreed values as waiting or returned."""
    known = KINDS.get(kind)
    if known is None:
        return Share(None, {})
    if decision is not None and decision.verdict == "counted":
        return Share("counted", contributions(known, agreed(decision.sides)))
    bucket = {"waiting": "waiting", "amended": "waiting", "returned": "returned"}.get(now)
    if bucket is None or state.hidden:
        return Share(None, {})
    return Share(bucket, contributions(known, agreed(state.all_sides)))


def update(record: Record, state: State, decision: InForce | None) -> Shift:
    """Note on the record what follows from its state and the decision in force; its stream's totals must follow."""
    was = Alike.of(record)
    record.survivors = state.ids
    record.state = shown(state, decision)
    record.hidden = state.hidden
    record.conflicted = bool(state.conflicts) or state.edited_while_deleted
    old, new = Share(record.bucket, record.amounts), share_of(record.kind, state, decision, record.state)
    record.bucket, record.amounts = new.bucket, new.amounts
    return Shift(old, new, was, Alike.of(record))
