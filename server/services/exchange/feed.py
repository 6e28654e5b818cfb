"""Pull: a page of changes after the client's cursors (SPEC C-2, C-3, X-7 to X-13).

The data behind a page is read in a few statements, whatever the number of records. Only writes newer than the floor
are read. The client holds the older ones, so their survivors' ids, kept with the record, are all that is sent (SPEC
X-7). A record new to the client has no older writes.

Runs in one `reading()` snapshot. Records are ordered by their last entry, so a page may end anywhere: a record that
changes later moves behind every cursor given out before, so nothing falls between two pages. Until a pull has reached
the end, changes are relative to its `floor`, where it began. A record that moved behind while pages were on their way
was never sent before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, select, tuple_
from sqlalchemy.orm import Session

from server.core.bulk import one_of_parameter
from server.models import DecisionRow, Message, Officer, Record, Reply, Stream, WriteRow
from server.services.exchange import wire
from server.services.exchange.wire import FeedPage
from server.services.records import streams
from server.services.records.streams import Cursor, tags_of
from server.services.units.scope import ScopeStream
from sync.change import delta, is_echo, whole
from sync.protocol import DOCUMENT_PREFIX, PHOTO_PREFIX
from sync.record import MARKS, PURGED, agreed
from sync.values import Value
from sync.write import Write


class LastEntry(NamedTuple):
    """The last entry of a record in its stream: its position and the tag drawn with it (C-2)."""

    position: int
    tag: str


@dataclass(slots=True)
class Entries:
    """By record: writes newer than the floor in order of position, the last entry, the last decision's position."""

    newer: dict[str, list[Write]] = field(default_factory=dict)
    last: dict[str, LastEntry] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)
    """Position of the last write, if one is newer than the floor (L-3)."""
    decided_at: dict[str, int] = field(default_factory=dict)
    decisions: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By decision id, without what depends on the record."""
    authors: dict[str, str] = field(default_factory=dict)
    """Names by write id."""
    messages: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """The newest of each record, the oldest first (D-15)."""
    said: dict[str, int] = field(default_factory=dict)
    """Position of the last message."""


# Statements are built once, and run on the connection. Each halves the cost of a query.
_WRITES = (
    select(
        WriteRow.id,
        WriteRow.record_id,
        WriteRow.position,
        WriteRow.tag,
        WriteRow.at,
        WriteRow.officer_id,
        WriteRow.set,
        WriteRow.seen,
    )
    .where(one_of_parameter(WriteRow.record_id, "records"), WriteRow.position > bindparam("floor"))
    .order_by(WriteRow.position)
)
_DECISIONS = select(
    DecisionRow.id,
    DecisionRow.record_id,
    DecisionRow.position,
    DecisionRow.tag,
    DecisionRow.verdict,
    DecisionRow.reason,
    DecisionRow.fields,
    DecisionRow.officer_id,
    DecisionRow.at,
    DecisionRow.restates,
).where(one_of_parameter(DecisionRow.record_id, "records"))
_REPLIES = select(
    Reply.id,
    Reply.record_id,
    Reply.position,
    Reply.tag,
    Reply.decision_id,
    Reply.text,
    Reply.officer_id,
    Reply.at,
).where(one_of_parameter(Reply.record_id, "records"))
_MESSAGES = (
    select(
        Message.id,
        Message.record_id,
        Message.position,
        Message.tag,
        Message.text,
        Message.above,
        Message.officer_id,
        Message.at,
    )
    .where(one_of_parameter(Message.record_id, "records"))
    .order_by(Message.position)
)
MOST_MESSAGES = 20
"""Messages about one record in a change; the history has all (X-66)."""
_COUNTED = select(DecisionRow.id, DecisionRow.sides).where(
    one_of_parameter(DecisionRow.id, "ids"), DecisionRow.verdict == "counted"
)
_NAMES = select(Officer.id, Officer.name).where(one_of_parameter(Officer.id, "officers"))


def load_entries(session: Session, record_ids: Collection[str], floor: int) -> Entries:
    """Everything to send of these records, relative to that floor."""
    found, connection = Entries(), session.connection()
    writes = connection.execute(_WRITES, {"records": list(record_ids), "floor": floor}).all()
    decisions = connection.execute(_DECISIONS, {"records": list(record_ids)}).all()
    # Only a decision is ever answered.
    replies = connection.execute(_REPLIES, {"records": [row.record_id for row in decisions]}).all() if decisions else []
    messages = connection.execute(_MESSAGES, {"records": list(record_ids)}).all()
    officers = {row.officer_id for row in writes} | {row.officer_id for row in decisions}
    officers |= {row.officer_id for row in (*replies, *messages)}
    named = connection.execute(_NAMES, {"officers": list(officers)})
    names: dict[str, str] = {id_: name for id_, name in named}  # noqa: C416  # rows are no pairs for mypy
    for id_, record, position, tag, at, officer, set_, seen in writes:
        found.newer.setdefault(record, []).append(Write(id_, at, record, set_, tuple(seen)))
        found.authors[id_] = names[officer]
        found.last[record] = LastEntry(position, tag)
        found.written[record] = position
    answers = {
        answer.decision_id: wire.reply(answer.id, answer.text, names[answer.officer_id], answer.at)
        for answer in replies
    }
    for row in decisions:
        found.decided_at[row.record_id] = max(row.position, found.decided_at.get(row.record_id, 0))
        if row.position > found.last.get(row.record_id, LastEntry(0, "")).position:
            found.last[row.record_id] = LastEntry(row.position, row.tag)
        found.decisions[row.id] = wire.decision(row, names[row.officer_id])
        if answered := answers.get(row.restates or row.id):  # one that is stated again keeps its answer (D-14)
            found.decisions[row.id]["reply"] = answered
    for row in messages:
        found.said[row.record_id] = row.position
        if row.position > found.last.get(row.record_id, LastEntry(0, "")).position:
            found.last[row.record_id] = LastEntry(row.position, row.tag)
        said = found.messages.setdefault(row.record_id, [])
        said.append(wire.message(row.id, row.text, names[row.officer_id], row.at, above=row.above))
        del said[:-MOST_MESSAGES]
    for answer in replies:
        if answer.position > found.last.get(answer.record_id, LastEntry(0, "")).position:
            found.last[answer.record_id] = LastEntry(answer.position, answer.tag)
    return found


def counted_values(session: Session, decision_ids: Collection[str]) -> dict[str, dict[str, Value]]:
    """The values that count under these decisions, for those that are `counted` (D-5); files feed no figure."""
    if not decision_ids:
        return {}
    return {
        id_: {
            name: value
            for name, value in agreed(sides).items()
            if value is not None and name not in MARKS and not name.startswith((PHOTO_PREFIX, DOCUMENT_PREFIX))
        }
        for id_, sides in session.execute(_COUNTED, {"ids": list(decision_ids)})
    }


_Entry = tuple[str, int]
"""(stream id, position in it)."""
# Statements are built once, and run on the connection. Each halves the cost of a query.
_BEHIND = (
    select(
        Record.id,
        Record.kind,
        Record.number,
        Record.first_position,
        Record.last_position,
        Record.received_at,
        Record.survivors,
        Record.state,
        Record.decision_id,
    )
    .where(Record.stream_id == bindparam("stream"), Record.last_position > bindparam("position"))
    .order_by(Record.last_position)
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class Own:
    """The writes that this request stored (X-9). `made`: by (unit, campaign), if it only made records there."""

    ids: Collection[str] = ()
    made: Mapping[tuple[str, str], range] = field(default_factory=dict)
    """The positions drawn there."""

    def is_all(self, stream: ScopeStream, start: Cursor) -> bool:
        """True if only new records of this request are newer than the cursor: then there is nothing to send."""
        made = self.made.get((stream.unit_id, stream.campaign_id))
        return start.floor == start.position and made == range(start.position + 1, stream.position + 1)


@dataclass(slots=True)
class Room:
    """The room left in a page: on 2G a page must end, whatever the records hold. One record always fits."""

    records: int
    bytes: int

    @property
    def left(self) -> int:
        """Number of records that may still be examined."""
        return self.records if self.bytes > 0 else 0

    def skip(self, records: int) -> bool:
        """Use up room for records that are not sent. Returns False if they are too many for this page."""
        fits = records <= self.left
        self.records -= records if fits else 0
        return fits

    def take(self, changes: Sequence[str | None]) -> int:
        """Use up room for as many changes as fit, in order; returns their number. None: a record that is not sent."""
        taken = 0
        for change in changes:
            if not self.left:
                break
            self.records -= 1
            self.bytes -= len(change) if change is not None else 0
            taken += 1
        return taken


def since(session: Session, scope: Sequence[ScopeStream], cursors: Iterable[Cursor], own: Own, room: Room) -> FeedPage:
    """The next page, limited to `room`, for a client with these streams in scope."""
    more = False
    changes: list[str] = []
    ends: list[Cursor] = []
    starts, drawn = _starts(session, scope, cursors)
    for stream, start in zip(scope, starts, strict=True):
        if own.is_all(stream, start) and room.skip(stream.position - start.position):
            last, tag = stream.position, drawn[stream.id, stream.position]
            ends.append(replace(start, position=last, tag=tag, floor=last, sealed=stream.sealed, closed=stream.closed))
            continue
        behind = _behind(session, stream, start, room.left + 1)
        page = behind[: room.left]
        found = load_entries(session, [record.id for record in page], start.floor) if page else Entries()
        _add_counted(session, page, found)
        texts = [_change(stream, record, found, start.floor, own.ids) for record in page]
        considered = room.take(texts)
        changes += [change for change in texts[:considered] if change is not None]
        done = considered == len(behind)
        more = more or not done
        end = _end(start, behind[:considered], found, done=done)
        ends.append(replace(end, sealed=stream.sealed, closed=stream.closed))
    return FeedPage(changes, ends, more)


def unknown(session: Session, cursors: Iterable[Cursor], answered: Sequence[Cursor]) -> list[Cursor]:
    """Cursors unknown to this database (C-6), also of streams that are no longer in the client's scope.

    A client that lost a unit right after a restore may be the only proof of that restore (B-12). `answered`: the
    cursors of a page, which were checked when it was made.
    """
    reset = {(cursor.unit, cursor.campaign): cursor.reset for cursor in answered}
    held = {(cursor.unit, cursor.campaign): cursor for cursor in cursors if cursor.position > 0}
    others = [place for place in held if place not in reset]
    lost = [cursor for place, cursor in held.items() if reset.get(place)]
    if not others:
        return lost
    there = session.execute(
        select(Stream.unit_id, Stream.campaign_id, Stream.id).where(
            tuple_(Stream.unit_id, Stream.campaign_id).in_(others)
        )
    )
    ids = {(unit, campaign): id_ for unit, campaign, id_ in there}
    found = tags_of(session, {(id_, held[place].position) for place, id_ in ids.items()})
    for place in others:
        cursor = held[place]
        if not streams.is_known_place(found.get((ids.get(place, ""), cursor.position)), cursor.tag):
            lost.append(cursor)
    return lost


def unmoved(scope: Sequence[ScopeStream], cursors: Iterable[Cursor]) -> FeedPage:
    """A page without changes; the client's cursors in scope are returned as they came (V-1)."""
    places = {(stream.unit_id, stream.campaign_id) for stream in scope}
    kept = [cursor for cursor in cursors if (cursor.unit, cursor.campaign) in places]
    return FeedPage([], kept, more=False)


def _starts(
    session: Session, scope: Sequence[ScopeStream], cursors: Iterable[Cursor]
) -> tuple[list[Cursor], Mapping[_Entry, str]]:
    """Each stream's starting cursor: the client's; zero if it has none; zero and `reset` if it is unknown here.

    Also returns the tags of these entries and of each stream's last one.
    """
    held = {(cursor.unit, cursor.campaign): cursor for cursor in cursors if cursor.position > 0}
    asked = {stream.id: held.get((stream.unit_id, stream.campaign_id)) for stream in scope}
    places = {(id_, cursor.position) for id_, cursor in asked.items() if cursor is not None}
    places |= {(stream.id, stream.position) for stream in scope if stream.position > 0}
    found = tags_of(session, places)
    starts = []
    for stream in scope:
        cursor, zero = asked[stream.id], Cursor(stream.unit_id, stream.campaign_id, 0, "", 0)
        if cursor is None:
            starts.append(zero)
        elif streams.is_known_place(found.get((stream.id, cursor.position)), cursor.tag):
            starts.append(replace(cursor, floor=min(cursor.floor, cursor.position), reset=False))
        else:
            starts.append(replace(zero, reset=True))
    return starts, found


def _behind(session: Session, stream: ScopeStream, start: Cursor, limit: int) -> Sequence[Row[Any]]:
    if stream.position == start.position:
        return []
    wanted = {"stream": stream.id, "position": start.position, "most": limit}
    return session.connection().execute(_BEHIND, wanted).all()


def _end(start: Cursor, considered: Sequence[Row[Any]], found: Entries, *, done: bool) -> Cursor:
    if not considered:
        return replace(start, floor=start.position if done else start.floor)
    position, tag = found.last[considered[-1].id]
    return replace(start, position=position, tag=tag, floor=position if done else start.floor)


def _add_counted(session: Session, records: Sequence[Row[Any]], found: Entries) -> None:
    """Add the counted values to the decisions on amended records: the writes no longer hold them (X-13)."""
    amended = [record.decision_id for record in records if record.state == "amended" and record.decision_id]
    for id_, values in counted_values(session, amended).items():
        found.decisions[id_]["counted"] = values


def _change(
    stream: ScopeStream, record: Row[Any], found: Entries, floor: int, just_stored: Collection[str]
) -> str | None:
    """The record as a change (X-7), as JSON; None if it would only echo this request's writes."""
    newer = found.newer.get(record.id, [])
    # A decided record is always sent: the new writes may have amended it.
    undecided = record.decision_id is None and found.decided_at.get(record.id, 0) <= floor
    undecided = undecided and found.said.get(record.id, 0) <= floor
    if undecided and is_echo(newer, record.survivors, just_stored):
        return None
    if record.state == PURGED:
        body = {"purged": True, "whole": True, "writes": []}
    elif record.first_position > floor:
        body = whole(record.survivors, {write.id: write for write in newer}, found.authors)
    else:
        body = delta(record.survivors, newer, found.authors)
    decision = found.decisions.get(record.decision_id or "")
    written = found.written[record.id] if newer else None
    messages = [] if record.state == PURGED else found.messages.get(record.id, [])
    return wire.change((stream.unit_id, stream.campaign_id), record, body, decision, written, messages)
