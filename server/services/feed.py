"""What a phone has not seen: a page of changes behind its cursors (SPEC C-2, C-3, X-7 to X-13).

Runs in one `reading()` snapshot. Records come in the order of their last entry, so a pull may end anywhere; until it
has reached the end, changes are told against its `floor`, where it began: a record that moved behind while pages were
on their way was never told before. A record whose last entry is at or before the cursor was considered; one that
changes later moves behind every cursor given out before, so a page may end anywhere and nothing falls between two
pages.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.models import DecisionRow, Officer, Record, Stream, WriteRow
from server.services.ledger import as_write, writes_of
from server.services.streams import number_text
from sync.change import delta, is_echo, whole
from sync.protocol import PAGE_BYTES, RECORDS_PER_PAGE


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a phone has considered a stream (C-2)."""

    unit: str
    campaign: str
    position: int
    tag: str
    floor: int
    reset: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One answer's changes and cursors; `more` asks for another request at once."""

    changes: list[dict[str, Any]]
    cursors: list[Cursor]
    more: bool


@dataclass(slots=True)
class Room:
    """What still fits into a page: a page on 2G must end, whatever the records hold. One record always fits."""

    records: int
    bytes: int

    def take(self, changes: Sequence[dict[str, Any] | None]) -> int:
        """Book as many of these, from the first on, as fit; how many that is. None is a record that is not told."""
        taken = 0
        for change in changes:
            if self.records <= 0 or self.bytes <= 0:
                break
            self.records -= 1
            self.bytes -= len(json.dumps(change)) if change is not None else 0
            taken += 1
        return taken


def since(session: Session, unit_ids: Collection[str], cursors: Iterable[Cursor], just_stored: Collection[str]) -> Page:
    """The next page for a phone whose scope is these units."""
    held = {(cursor.unit, cursor.campaign): cursor for cursor in cursors}
    room = Room(RECORDS_PER_PAGE, PAGE_BYTES)
    more = False
    changes: list[dict[str, Any]] = []
    ends: list[Cursor] = []
    scope = select(Stream).where(Stream.unit_id.in_(unit_ids)).order_by(Stream.id)
    for stream in session.scalars(scope):
        start = _known(session, stream, held.get((stream.unit_id, stream.campaign_id)))
        behind = _behind(session, stream, start, room.records + 1)
        page = _changes(session, stream, behind[: room.records], start.floor, just_stored)
        considered = room.take(page)
        changes += [change for change in page[:considered] if change is not None]
        more = more or considered < len(behind)
        ends.append(_end(session, stream, start, behind[:considered], done=considered == len(behind)))
    return Page(changes, ends, more)


def _known(session: Session, stream: Stream, cursor: Cursor | None) -> Cursor:
    """The cursor itself; zero where the phone has none; zero and `reset` where this database never gave it out."""
    zero = Cursor(stream.unit_id, stream.campaign_id, 0, "", 0)
    if cursor is None or cursor.position == 0:
        return zero
    if _tag(session, stream, cursor.position) == cursor.tag:
        return replace(cursor, floor=min(cursor.floor, cursor.position), reset=False)
    return replace(zero, reset=True)


def _tag(session: Session, stream: Stream, position: int) -> str | None:
    for table in (WriteRow, DecisionRow):
        tag = session.scalar(select(table.tag).where(table.stream_id == stream.id, table.position == position))
        if tag is not None:
            return tag
    return None


def _behind(session: Session, stream: Stream, start: Cursor, limit: int) -> Sequence[Record]:
    if stream.position == start.position:
        return []
    query = select(Record).where(Record.stream_id == stream.id, Record.last_position > start.position)
    return session.scalars(query.order_by(Record.last_position).limit(limit)).all()


def _end(session: Session, stream: Stream, start: Cursor, page: Sequence[Record], *, done: bool) -> Cursor:
    position = page[-1].last_position if page else start.position
    tag = (_tag(session, stream, position) or "") if page else start.tag
    return replace(start, position=position, tag=tag, floor=position if done else start.floor)


def _changes(
    session: Session, stream: Stream, page: Sequence[Record], floor: int, just_stored: Collection[str]
) -> list[dict[str, Any] | None]:
    rows = writes_of(session, [record.id for record in page])
    decisions, decided_at = _decisions(session, page), _decided_at(session, page)
    officers = {row.officer_id for group in rows.values() for row in group} | {d.officer_id for d in decisions.values()}
    named = select(Officer.id, Officer.name).where(Officer.id.in_(officers))
    names = {id_: name for id_, name in session.execute(named)}  # noqa: C416  # rows are no plain pairs for mypy
    changes: list[dict[str, Any] | None] = []
    for record in page:
        decision = _decision(record, decisions.get(record.decision_id or ""), names)
        entries = _entries(record, rows[record.id], decided_at.get(record.id, 0), floor, names, just_stored)
        changes.append(None if entries is None else _head(stream, record) | entries | {"decision": decision})
    return changes


def _entries(
    record: Record,
    rows: Sequence[WriteRow],
    decided_at: int,
    floor: int,
    names: dict[str, str],
    just_stored: Collection[str],
) -> dict[str, Any] | None:
    """The record's writes as X-7 says, or None where it would only echo what this request brought."""
    by_id = {row.id: as_write(row) for row in rows}
    authors = {row.id: names[row.officer_id] for row in rows}
    survivors = {name: tuple(by_id[id_] for id_ in ids) for name, ids in record.survivors.items()}
    newer = [by_id[row.id] for row in rows if row.position > floor]
    # A decided record is always told: what was just stored may have amended it.
    if decided_at <= floor and record.decision_id is None and is_echo(newer, survivors, just_stored):
        return None
    if record.first_position > floor:
        return whole(survivors, authors)
    return delta(survivors, newer, authors)


def _head(stream: Stream, record: Record) -> dict[str, Any]:
    return {
        "record": record.id,
        "kind": record.kind,
        "unit": stream.unit_id,
        "campaign": stream.campaign_id,
        "number": number_text(record.kind, record.number),
    }


def _decisions(session: Session, page: Sequence[Record]) -> dict[str, DecisionRow]:
    ids = [record.decision_id for record in page if record.decision_id]
    return {row.id: row for row in session.scalars(select(DecisionRow).where(DecisionRow.id.in_(ids)))}


def _decided_at(session: Session, page: Sequence[Record]) -> dict[str, int]:
    """The position of each record's last decision, withdrawals included."""
    ids = [record.id for record in page]
    last = select(DecisionRow.record_id, func.max(DecisionRow.position)).where(DecisionRow.record_id.in_(ids))
    return {record: position for record, position in session.execute(last.group_by(DecisionRow.record_id))}  # noqa: C416


def _decision(record: Record, row: DecisionRow | None, names: dict[str, str]) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "id": row.id,
        "verdict": row.verdict,
        "reason": row.reason,
        "fields": row.fields,
        "by": names[row.officer_id],
        "at": row.at,
        "amended": record.state == "amended",
    }
