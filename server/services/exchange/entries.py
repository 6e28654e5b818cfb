"""The data behind a page of records, read in a few statements whatever their number, for `feed.py`.

Only writes newer than the floor are read. The client holds the older ones, so their survivors' ids, kept with the
record, are all that is sent (SPEC X-7). A record new to the client has no older writes.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from server.core.array_parameters import one_of_parameter
from server.models import DecisionRow, Message, Officer, Reply, WriteRow
from server.services.exchange import wire
from sync.protocol import DOCUMENT_PREFIX, PHOTO_PREFIX
from sync.record import MARKS, agreed
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


def load(session: Session, record_ids: Collection[str], floor: int) -> Entries:
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


def counted(session: Session, decision_ids: Collection[str]) -> dict[str, dict[str, Value]]:
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
