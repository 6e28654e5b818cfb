"""Tombstones: placeholders for purged records that an older database never held (SPEC B-9).

Such a record was made after the backup, so no row is left to clear. But the phone that made it keeps a copy for 30 days
and would bring it back. So the revocations file also keeps the record's place, and an empty record is set up there, so
that clients pull the purge. What comes before its stream is there is refused by its id (journal.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from server.core.bulk import merge_all
from server.core.clock import new_id, now_ms
from server.core.db import add_now
from server.models import Counter, DecisionRow, Membership, Officer, Record, Stream
from server.services.continuity import revocations
from server.services.records import projection, streams
from server.services.records.streams import Locked
from server.services.units.scope import ADMIN
from sync.record import PURGED


@dataclass(frozen=True, slots=True)
class Order:
    """Which administrator orders a purge, why, and when."""

    officer_id: str
    why: str
    at: int


def order_of(session: Session, line: Mapping[str, Any]) -> Order:
    """The order behind a line; if the account is younger than the database, its first administrator gave it."""
    id_ = str(line.get("by"))
    if session.get(Officer, id_) is None:
        admins = select(Officer.id).join(Membership, Membership.officer_id == Officer.id)
        admins = admins.where(Membership.role == ADMIN).order_by(Officer.created_at, Officer.id)
        id_ = session.scalars(admins).first() or id_
    return Order(id_, str(line.get("why", "")), line["at"])


def entry(record: Record, order: Order) -> DecisionRow:
    """The entry that says of a record who purged it, when and why."""
    return DecisionRow(
        id=new_id(),
        record_id=record.id,
        stream_id=record.stream_id,
        position=record.last_position,
        tag=new_id(),
        verdict=PURGED,
        reason=order.why,
        fields=[],
        basis={},
        sides={},
        officer_id=order.officer_id,
        at=order.at,
    )


def place(record: Record, stream: Stream) -> dict[str, Any]:
    """What a purge keeps of a record (L-11), besides its id."""
    return {
        "unit": stream.unit_id,
        "campaign": stream.campaign_id,
        "kind": record.kind,
        "number": record.number,
    }


def home(line: Mapping[str, Any]) -> streams.Place | None:
    """The stream that a line names; None if the line is too old to name one."""
    unit, campaign = line.get("unit"), line.get("campaign")
    return (unit, campaign) if isinstance(unit, str) and isinstance(campaign, str) else None


def set_up_in(session: Session, made: Iterable[Stream]) -> None:
    """Set up those that belong into these new streams: a restore had lost these, too."""
    places = {(stream.unit_id, stream.campaign_id) for stream in made}
    for line in revocations.purges(session):
        if home(line) in places:
            set_up(session, line)


def set_up(session: Session, line: Mapping[str, Any]) -> bool:
    """Make an empty record from this line, and its entry. False if the stream is missing, or the line names none."""
    where, kind, number = home(line), line.get("kind"), line.get("number")
    if where is None or not isinstance(kind, str) or not isinstance(number, int):
        return False
    found = list(streams.lock(session, places=[where]).values())
    if not found:
        return False
    stream = found[0].stream
    number = _free(session, found[0], kind, number)
    position, now = streams.next_position(stream), now_ms()
    record = Record(id=line["id"], stream_id=stream.id, kind=kind, number=number, created_at=now, changed_at=now)
    record.received_at = 0  # that write is not here
    record.first_position = record.last_position = position
    projection.blank(record)
    add_now(session, record)
    merge_all(session, Counter, [{"stream_id": stream.id, "kind": kind, "last": number}], most=("last",))
    add_now(session, entry(record, order_of(session, line)))
    return True


def _free(session: Session, home: Locked, kind: str, number: int) -> int:
    """The number, unless another record has it: it was assigned again before the restore was noticed (B-15).

    People know the living record by it, so the tombstone, which nobody sees, takes the stream's next one.
    """
    here = (Record.stream_id == home.stream.id, Record.kind == kind)
    if not session.scalar(select(exists().where(*here, Record.number == number))):
        return number
    return streams.Numbers([home]).next(home.stream, kind)
