"""Purge a record: remove its contents for good and keep that it existed (SPEC L-11, L-12, L-18, B-9).

For a photo that shows a victim's face, and to empty a practice campaign. The record's entries stay in the stream,
blank, because clients hold cursors at their positions. A new entry after them says who purged it, when and why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.bulk import in_parts, one_of
from server.core.clock import now_ms
from server.core.points import Point
from server.models import (
    DecisionRow,
    EarlySeen,
    Message,
    PhotoRef,
    Record,
    Reply,
    Stream,
    Unit,
    WriteRow,
)
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.continuity import revocations
from server.services.photos import garbage
from server.services.records import projection, streams, tombstones
from server.services.records.projection import Totals
from server.services.records.stored import THUMB
from server.services.records.streams import number_text
from server.services.records.tombstones import Order, order_of
from sync.record import PURGED

AT_ONCE = 200
Eraser = Callable[[Session, Mapping[str, int], Blobs], Collection[str]]
"""Called with the moment of the order by record id, in the purge's transaction, under the streams' locks.

Returns hashes of bytes that it names no more, which go unless something else names them.
Once for all records, because it locks in one order too. Before the lock of photo bytes: what it locks itself is locked
between the two.
"""
ERASERS: Final[Point[Eraser]] = Point()
"""Capabilities that keep content of records beside the writes remove it here."""
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Found:
    """What a purge of a record would remove. `shared`: records that name one of its photos, which stays for them."""

    record_id: str
    title: str
    writes: int
    photos: int
    shared: list[str]


def find(session: Session, record_ids: Iterable[str]) -> list[Found]:
    """Those of these records that exist and were not purged before."""
    return [_found(session, record) for record in _records(session, list(record_ids))]


def of_campaign(session: Session, campaign_id: str) -> list[str]:
    """Ids of all records of a campaign that were not purged before."""
    here = select(Record.id).join(Stream, Stream.id == Record.stream_id).where(Stream.campaign_id == campaign_id)
    return list(session.scalars(here.where(Record.state != PURGED).order_by(Record.id)))


def purge(session: Session, record_ids: Iterable[str], order: Order, blobs: Blobs) -> list[str]:
    """Remove the contents of these records. Returns the hashes of the photos whose bytes were deleted.

    Bytes are deleted before the transaction is durable: at worst a photo is gone that had to go.
    """
    gone: set[str] = set()
    every = list(record_ids)
    # All at once, because locks are taken in one order (C-1), and deleted bytes do not come back.
    streams.lock(session, set(session.scalars(select(Record.stream_id).where(one_of(Record.id, every)))))
    unnamed = _erase(session, dict.fromkeys(every, order.at), blobs)
    for part in _parts(every):
        records = _strip(session, part, order)
        dropped = _drop_photos(session, records, blobs)
        for record in records:
            line = {"at": order.at, "what": revocations.PURGE, "id": record.id, "ended": True}
            where = tombstones.place(record, session.get_one(Stream, record.stream_id))
            kept = {"by": order.officer_id, "why": order.why, "photos": dropped[record.id]}
            revocations.note(session, line | kept | where)
            by = {"unit": where["unit"], "officer": order.officer_id}
            log.append(session, Act.PURGED, ("record", record.id), new=by)
        gone.update(*dropped.values())
    garbage.drop(session, unnamed, blobs)
    return sorted(gone)


def reapply(session: Session, blobs: Blobs, path: Path | None = None) -> int:
    """Purge again what an older database brought back, or clients would. Returns the number of records.

    `path`: as in revocations.py.
    """
    lines = {line["id"]: line for line in revocations.purges(session, path)}
    count = 0
    _lock(session, lines)
    unnamed = _erase(session, {record.id: lines[record.id]["at"] for record in _records(session, lines)}, blobs)
    for part in _parts(lines):
        for record in _records(session, part):
            _drop_photos(session, _strip(session, [record.id], order_of(session, lines[record.id])), blobs)
            count += 1
        here = set(session.scalars(select(Record.id).where(Record.id.in_(part))))
        for id_ in part:
            count += id_ not in here and tombstones.set_up(session, lines[id_])
    # Also for records younger than the database: a restore that was cut short may have brought their photos.
    garbage.drop(session, unnamed.union(_hashes(lines.values())), blobs)
    session.flush()
    return count


def _lock(session: Session, lines: Mapping[str, Mapping[str, Any]]) -> None:
    """Lock all streams of these lines at once, as `purge` does."""
    theirs = one_of(Record.id, lines)
    ids = set(session.scalars(select(Record.stream_id).where(theirs, Record.state != PURGED)))
    here = set(session.scalars(select(Record.id).where(theirs)))
    places = {place for id_, line in lines.items() if id_ not in here and (place := tombstones.home(line))}
    streams.lock(session, ids, places)


def _parts(ids: Iterable[str]) -> list[Sequence[str]]:
    return list(in_parts(list(ids), AT_ONCE))


def _records(session: Session, ids: Collection[str]) -> Sequence[Record]:
    query = select(Record).where(one_of(Record.id, ids), Record.state != PURGED).order_by(Record.id)
    return session.scalars(query.execution_options(populate_existing=True)).all()


def _found(session: Session, record: Record) -> Found:
    writes = select(func.count()).select_from(WriteRow).where(WriteRow.record_id == record.id)
    unit = select(Unit.short_name).join(Stream, Stream.unit_id == Unit.id).where(Stream.id == record.stream_id)
    mine = select(PhotoRef.sha256).where(PhotoRef.record_id == record.id)
    originals = mine.where(PhotoRef.role != THUMB).subquery()
    others = select(PhotoRef.record_id).where(PhotoRef.sha256.in_(mine), PhotoRef.record_id != record.id).distinct()
    return Found(
        record.id,
        f"{session.scalar(unit)} {number_text(record.kind, record.number)}",
        session.scalar(writes) or 0,
        session.scalar(select(func.count()).select_from(originals)) or 0,
        sorted(session.scalars(others)),
    )


def _strip(session: Session, ids: Collection[str], order: Order) -> Sequence[Record]:
    """Under their streams' locks, remove all contents. Each record takes a position, so that clients pull the purge."""
    locked = streams.lock(session, session.scalars(select(Record.stream_id).where(one_of(Record.id, ids)).distinct()))
    records, totals = _records(session, ids), Totals()
    for record in records:
        totals.move(record.stream_id, projection.purge(record))
        record.last_position = streams.next_position(locked[record.stream_id].stream)
        record.changed_at = now_ms()
        session.execute(delete(EarlySeen).where(EarlySeen.record_id == record.id))
        session.execute(update(WriteRow).where(WriteRow.record_id == record.id).values(set={}, seen=[]))
        blank = {"reason": "", "fields": [], "basis": {}, "sides": {}}
        session.execute(update(DecisionRow).where(DecisionRow.record_id == record.id).values(blank))
        session.execute(update(Reply).where(Reply.record_id == record.id).values(text=""))
        session.execute(update(Message).where(Message.record_id == record.id).values(text=""))
        session.add(tombstones.entry(record, order))
    session.flush()
    totals.save(session)
    projection.forget_listed(session, ids)
    return records


def _erase(session: Session, moments: Mapping[str, int], blobs: Blobs) -> set[str]:
    """Return hashes that may go: once all is locked, because the lock of photo bytes comes last."""
    return set[str]().union(*(erase(session, moments, blobs) for _, erase in ERASERS.named()))


def _drop_photos(session: Session, records: Iterable[Record], blobs: Blobs) -> dict[str, list[str]]:
    """Remove the references, and the bytes of photos that no other record names. Returns the latter by record."""
    ids = [record.id for record in records]
    named = select(PhotoRef.record_id, PhotoRef.sha256).where(PhotoRef.record_id.in_(ids)).order_by(PhotoRef.sha256)
    pairs = [(record, sha256) for record, sha256 in session.execute(named)]
    session.execute(delete(PhotoRef).where(PhotoRef.record_id.in_(ids)))
    gone = set(garbage.drop(session, {sha256 for _, sha256 in pairs}, blobs))
    return {id_: [sha256 for record, sha256 in pairs if record == id_ and sha256 in gone] for id_ in ids}


def _hashes(lines: Iterable[Mapping[str, Any]]) -> list[str]:
    """Hashes of photos deleted with these. Older lines do not name them; foreign lines may hold anything."""
    listed = (line.get("photos") for line in lines)
    return [each for all_ in listed if isinstance(all_, list) for each in all_ if _HASH.fullmatch(str(each))]
