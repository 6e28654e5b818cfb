"""The projection of a record: values derived from its writes, updated whenever a write or decision is stored.

Amounts are added to the stream's running totals as differences, under the stream's lock. So the matrix of a whole
province is a sum over few rows. Values of figures that count distinct ones (SPEC F-5), and "nothing to report" (F-6),
are added in the same way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_

from server.models import Record
from server.services.records.new_record import AnyRecord
from server.services.records.record_counts import Alike
from sync.contribution import Contribution
from sync.decision import PURGED, InForce, shown
from sync.figures import says
from sync.protocol import NIL_PREFIX
from sync.record import State, agreed
from sync.registry import KINDS, Kind
from sync.values import Value

BUCKETS = ("counted", "waiting", "returned")
COUNTED = BUCKETS[0]
NIL = "nil"
"""The bucket of "nothing to report"; it is in no sum."""


_RANKS = {"amended": 0, "waiting": 1, "returned": 2}


def rank_of(state: str, *, conflicted: bool = False) -> int:
    """The place in lists: conflicts first, then the rest; in both amended, waiting, returned, others."""
    return (0 if conflicted else len(_RANKS) + 1) + _RANKS.get(state, len(_RANKS))


@dataclass(frozen=True, slots=True)
class Share:
    """A record's share in the figures: its bucket (None = in none) and the amount it adds to each figure.

    `amounts` has the figures that the record says something of, with 0 where it says that (SPEC F-33). `keys`: the
    values it counts as in figures of distinct values, hashed.
    """

    bucket: str | None
    amounts: dict[str, int]
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def contribution(self) -> Contribution:
        """What the record adds to the figures of its bucket (SPEC F-30)."""
        return Contribution(self.amounts, {code: {key: 1} for code, key in self.keys.items()})

    @property
    def counted(self) -> Contribution:
        """What of it is counted: nothing unless a decision counts it."""
        return self.contribution if self.bucket == COUNTED else Contribution()


@dataclass(frozen=True, slots=True)
class Shift:
    """A record before and after: the differences for its stream's running totals and record counts."""

    old: Share
    new: Share
    was: Alike | None
    now: Alike | None


def share_of(kind: str, state: State, decision: InForce | None, now: str) -> Share:
    """SPEC D-5: a counted decision's stored values; else the agreed values as waiting or returned."""
    known = KINDS.get(kind)
    if known is None:
        return Share(None, {})
    if known.act:
        return Share(None, {}) if state.hidden else Share(NIL, _nil(state))
    if decision is not None and decision.verdict == "counted":
        return _share(COUNTED, known, agreed(decision.sides))
    bucket = {"waiting": "waiting", "amended": "waiting", "returned": "returned"}.get(now)
    if bucket is None or state.hidden:
        return Share(None, {})
    return _share(bucket, known, agreed(state.all_sides))


def if_counted(kind: str, state: State) -> Contribution:
    """What would be counted of a record as it is now."""
    known = KINDS.get(kind)
    return (
        Contribution() if known is None or known.act else _share(COUNTED, known, agreed(state.all_sides)).contribution
    )


def share_in(record: AnyRecord) -> Share:
    """The share that is kept of a record."""
    return Share(record.bucket, record.amounts, record.keys or {})


def _share(bucket: str, kind: Kind, values: Mapping[str, Value]) -> Share:
    adds = Contribution.of(kind, values)
    hashed = {code: hashlib.sha256(key.encode()).hexdigest()[:32] for code, (key,) in adds.values.items()}
    said = says(kind, values)
    amounts = {code: amount for code, amount in adds.amounts.items() if code in said}
    return Share(bucket, amounts, hashed)


def _nil(state: State) -> dict[str, int]:
    """The figures with nothing to report. In a conflict between true and a withdrawal, true holds."""
    figures = {figure.code for figure in KINDS.figures()}
    said = [name for name in state.fields if name.startswith(NIL_PREFIX) and True in state.sides(name)]
    return {code: 1 for name in said if (code := name.removeprefix(NIL_PREFIX)) in figures}


def update(record: AnyRecord, state: State, decision: InForce | None) -> Shift:
    """Update the record's projection. The caller must apply the returned shift to the stream's totals."""
    was = Alike.of(record)
    record.survivors = state.ids
    record.state = shown(state, decision)
    record.hidden = state.hidden
    record.conflicted = not state.hidden and (bool(state.conflicts) or state.edited_while_deleted)
    record.rank = rank_of(record.state, conflicted=record.conflicted)
    old = share_in(record)
    new = share_of(record.kind, state, decision, record.state)
    record.bucket, record.amounts, record.keys = new.bucket, new.amounts, new.keys or None
    return Shift(old, new, was, Alike.of(record))


def purge(record: Record) -> Shift:
    """Clear the projection: nothing is left to show, list or count (SPEC L-11)."""
    was, old = Alike.of(record), share_in(record)
    blank(record)
    return Shift(old, Share(None, {}), was, None)


def blank(record: Record) -> None:
    """Give a purged record its empty values."""
    record.survivors, record.state, record.hidden, record.conflicted = {}, PURGED, True, False
    record.bucket, record.amounts, record.keys, record.decision_id = None, {}, None, None
    record.rank, record.hint, record.early = rank_of(PURGED), None, 0
    record.lacks, record.checked, record.readiness = 0, True, None


def is_activity() -> ColumnElement[bool]:
    """Condition: records that people list, count and decide on.

    Excludes what a unit only says of itself (SPEC F-6), and the remains of purged records (L-11).
    """
    return and_(Record.kind.not_in(KINDS.acts()), Record.state != PURGED)
