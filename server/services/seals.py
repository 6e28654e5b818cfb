"""Seals: a unit's statement over its submitted set, and what came after it (SPEC L-1 to L-3).

What is late is told by position and never stored: a write behind the stream's latest seal, or behind the place where
the end of the campaign found the stream. It is stored and counted like any other; people see that it came later.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, String, and_, case, column, false, func, select, values
from sqlalchemy.orm import Session

from server.clock import new_id, now_ms
from server.models import Campaign, Officer, Record, Seal, Stream, Unit, WriteRow
from server.problems import Problem
from server.services import streams
from server.services.materialise import is_activity
from server.services.scope import Scope
from server.services.tree import merged_into
from sync.decision import PURGED

NOT_IN_THE_SET = ("draft", "not_counted", "deleted")


@dataclass(slots=True)
class Standing:
    """How far a part of the tree is: units that take part, how many of them have sealed, records that came late.

    `seal` and `by` are of the unit itself, without those below it.
    """

    units: int = 0
    sealed: int = 0
    late: int = 0
    seal: Seal | None = None
    by: str = ""

    def add(self, other: Standing) -> None:
        """Sum up."""
        self.units += other.units
        self.sealed += other.sealed
        self.late += other.late


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a person is about to seal: the unit, where its streams stand on this page, and what is in them."""

    unit: Unit
    shown: dict[str, int]
    submitted: int
    drafts: int
    conflicts: int
    fresh: bool
    """True when something was written since the last seal, or there is none."""
    on_behalf: bool


def seal(session: Session, scope: Scope, unit_id: str, campaign_id: str, shown: Mapping[str, int]) -> bool:
    """Seal the unit's streams as they stood on the page; what arrived since is late. False when nothing was new.

    Said again, or by a double click, it moves nothing that is sealed. Raises Problem for who may not, and `archived`.
    """
    campaign = session.get(Campaign, campaign_id)
    if campaign is None or not scope.may_see(unit_id):
        raise Problem("not_found")
    if not scope.may_write(unit_id):
        raise Problem("forbidden")
    locked = streams.lock(session, _streams_of(session, unit_id, campaign_id).keys())
    if any(each.status == "archived" for each in locked.values()):  # as it is behind the locks
        raise Problem("archived")
    moved = [each.stream for each in locked.values() if _moves(each.stream, shown.get(each.stream.id))]
    for stream in moved:
        stream.sealed = min(shown[stream.id], stream.position)
        session.add(
            Seal(
                id=new_id(),
                stream_id=stream.id,
                position=stream.sealed,
                officer_id=scope.officer_id,
                on_behalf=not scope.is_member(unit_id),
                at=now_ms(),
            )
        )
    session.flush()
    return bool(moved)


def sheet(session: Session, scope: Scope, unit: Unit, campaign: Campaign) -> Sheet | None:
    """What the officer may seal of this unit; None when it is not theirs to seal, or takes no part."""
    if unit.merged_at is not None or campaign.status == "archived" or not scope.may_write(unit.id):
        return None
    found = _streams_of(session, unit.id, campaign.id)
    if not found:
        return None
    here = and_(Record.stream_id.in_(found), is_activity())
    states = select(Record.state, func.count()).where(here).group_by(Record.state)
    counts = {state: count for state, count in session.execute(states)}  # noqa: C416  # rows are no plain pairs for mypy
    conflicts = select(func.count()).select_from(Record).where(here, Record.conflicted)
    return Sheet(
        unit,
        shown={stream.id: stream.position for stream in found.values()},
        submitted=sum(count for state, count in counts.items() if state not in NOT_IN_THE_SET),
        drafts=counts.get("draft", 0),
        conflicts=session.scalar(conflicts.where(Record.state != "deleted")) or 0,
        fresh=any(_moves(stream, stream.position) for stream in found.values()),
        on_behalf=not scope.is_member(unit.id),
    )


def _streams_of(session: Session, unit_id: str, campaign_id: str) -> dict[str, Stream]:
    """The unit's own stream and those it gained by mergers (L-6)."""
    units = merged_into(session, [unit_id])
    rows = session.scalars(select(Stream).where(Stream.unit_id.in_(units), Stream.campaign_id == campaign_id))
    return {stream.id: stream for stream in rows}


def _moves(stream: Stream, position: int | None) -> bool:
    return position is not None and (stream.sealed is None or stream.sealed < min(position, stream.position))


# --- late ------------------------------------------------------------------------


def line() -> ColumnElement[int | None]:
    """`sync.late.line` of a stream, for queries that join it."""
    return case(
        (Stream.closed < Stream.sealed, Stream.closed),  # null when either is
        else_=func.coalesce(Stream.sealed, Stream.closed),
    )


def late_records(session: Session, *of_streams: ColumnElement[bool]) -> Select[str]:
    """Ids of submitted records of which a write came late, in the streams that meet the conditions.

    The few streams that anything was written to behind their line are asked for first, and named: joined, they would
    make a database read every write there is.
    """
    lines = session.execute(select(Stream.id, line()).where(Stream.written > line(), *of_streams)).all()
    found = select(Record.id).where(Record.state.not_in(("draft", PURGED))).distinct()
    if not lines:
        return found.where(false())
    behind = values(column("stream_id", String), column("last", BigInteger), name="behind").data(lines).cte()
    late = (WriteRow.stream_id == behind.c.stream_id) & (WriteRow.position > behind.c.last)
    return found.join(WriteRow, WriteRow.record_id == Record.id).join(behind, late)


def late_among(session: Session, records: Collection[Record]) -> set[str]:
    """Which of these records came late, wholly or in part."""
    late = late_records(session, Stream.id.in_({record.stream_id for record in records}))
    return set(session.scalars(late.where(Record.id.in_([record.id for record in records]))))


# --- for a table of figures --------------------------------------------------------


def standings(session: Session, tops: Iterable[str], places: Any) -> dict[str, Standing]:
    """The standing of each top; `places` is a subquery of (top, id of stream)."""
    found = {top: Standing() for top in tops}
    own: dict[str, str] = {}
    rows = session.execute(
        select(places.c.top, Stream.id, Stream.unit_id, Stream.sealed, Unit.merged_at, Unit.parent_id)
        .join(Stream, Stream.id == places.c.id)
        .join(Unit, Unit.id == Stream.unit_id)
    ).all()
    heirs = {row.unit_id: row.parent_id for row in rows if row.merged_at is not None}
    open_ones = {_today(row.unit_id, heirs) for row in rows if row.sealed is None}
    for row in rows:
        if row.unit_id == row.top:
            own[row.id] = row.top
        if row.merged_at is None:  # who was merged speaks through the successor, whose seal covers both
            found[row.top].units += 1
            found[row.top].sealed += row.unit_id not in open_ones
    home = {row.id: row.top for row in rows}
    late = late_records(session, Stream.id.in_(select(places.c.id))).add_columns(Record.stream_id)
    for _, stream_id in session.execute(late):
        found[home[stream_id]].late += 1
    latest = select(Seal, Officer.name).join(Officer, Officer.id == Seal.officer_id)
    latest = latest.join(Stream, (Stream.id == Seal.stream_id) & (Stream.sealed == Seal.position))
    for one, by in session.execute(latest.where(Seal.stream_id.in_(own))):
        found[own[one.stream_id]].seal, found[own[one.stream_id]].by = one, by
    return found


def _today(unit_id: str, heirs: Mapping[str, str | None]) -> str:
    while (heir := heirs.get(unit_id)) is not None:
        unit_id = heir
    return unit_id
