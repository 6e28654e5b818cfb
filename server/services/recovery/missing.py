"""What clients held and this database does not: reported after a restore, listed until it arrives (SPEC B-3, B-4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, func, not_, select
from sqlalchemy.orm import Session

from server.core.bulk import inserting
from server.core.clock import now_ms
from server.models import Campaign, Device, Membership, MissingWrite, Officer, Record, Unit, WriteRow
from server.services.campaigns import choices
from server.services.continuity import revocations
from server.services.units.scope import Scope
from sync.protocol import KNOWN_WRITES
from sync.record import PURGED
from sync.text import is_id, is_well_formed

PER_UNIT = 10_000
PER_DEVICE = 2_000
"""Most ids kept per unit, and per device in all: a client may name anything."""
NUMBER_LENGTH = 60
LISTED = 2_000
_PURGED = select(Record.id).where(Record.state == PURGED)


@dataclass(frozen=True, slots=True)
class Known:
    """A record that a client held, with the ids of its surviving writes."""

    record: str
    unit: str
    campaign: str
    number: str
    writes: tuple[str, ...]


def read(raw: object) -> Known | None:
    """Parse one entry of a request's `known`. None if it is invalid: it must not stop the writes beside it."""
    if not isinstance(raw, dict):
        return None
    ids = [raw.get(name) for name in ("record", "unit", "campaign")]
    number, writes = raw.get("number"), raw.get("writes", [])
    if not all(is_id(id_) for id_ in ids) or not isinstance(number, str) or not is_well_formed(number):
        return None
    if not isinstance(writes, list) or len(number) > NUMBER_LENGTH or not all(is_id(id_) for id_ in writes):
        return None
    record, unit, campaign = (str(id_) for id_ in ids)
    return Known(record, unit, campaign, number, tuple(writes[:KNOWN_WRITES]))


def tell(session: Session, scope: Scope, device_id: str, raws: Sequence[object]) -> list[str]:
    """Keep the entries that are missing here, of units the officer may see.

    Returns the records of which nothing is left to name: what is missing is kept, or nothing is missing any more. The
    client names the others again: its role may be given again later, or others make room (SPEC B-33).
    """
    tidy(session)
    entries = [entry for raw in raws if (entry := read(raw)) is not None]
    units = set(session.scalars(select(Unit.id).where(Unit.id.in_({entry.unit for entry in entries}))))
    seen = {unit for unit in units if scope.may_see(unit)}
    purged = set(session.scalars(_PURGED.where(Record.id.in_({entry.record for entry in entries}))))
    purged |= {entry.record for entry in entries if entry.record in revocations.purged(session)}
    theirs = [entry for entry in entries if entry.unit in seen and entry.record not in purged]
    named = {id_: entry for entry in theirs for id_ in (*entry.writes, entry.record)}
    held = set(session.scalars(select(WriteRow.id).where(WriteRow.id.in_(list(named)))))
    rows = [_row(id_, entry, device_id) for id_, entry in named.items() if id_ not in held]
    of_it = PER_DEVICE - _count(session, MissingWrite.told_by == device_id)
    room = {unit: PER_UNIT - _count(session, MissingWrite.unit_id == unit) for unit in seen}
    known = set(session.scalars(select(MissingWrite.id).where(MissingWrite.id.in_([row["id"] for row in rows]))))
    kept: list[dict[str, Any]] = []
    left = {entry.record for entry in entries if entry.unit not in seen}
    for row in rows:
        if row["id"] in known:
            continue
        if len(kept) < of_it and room[row["unit_id"]] > 0:
            room[row["unit_id"]] -= 1
            kept.append(row)
        else:
            left.add(row["record_id"])
    if kept:
        session.execute(inserting(session, MissingWrite).on_conflict_do_nothing(), kept)
    session.flush()
    return [record for record in dict.fromkeys(entry.record for entry in entries) if record not in left]


def tidy(session: Session) -> None:
    """Delete entries that have arrived since, and those that nobody may bring any more."""
    session.execute(delete(MissingWrite).where(not_(_is_missing())))


@dataclass(slots=True)
class Gone:
    """A record that is missing: all of it, or `changes` of its writes.

    `lost_campaign`: the id of its campaign, if that is missing too.
    """

    record: str
    number: str
    whole: bool
    told_by: str
    told_at: int
    lost_campaign: str | None
    changes: int = 0


@dataclass(slots=True)
class MissingAtUnit:
    """A unit and its missing records."""

    unit: Unit
    records: list[Gone] = field(default_factory=list)


def listed(session: Session, scope: Scope) -> list[MissingAtUnit]:
    """What is still missing in the units the officer may see; only the first entries of a very long list."""
    visible = scope.visible()
    query = (
        select(MissingWrite, Officer.name, Campaign.id.label("campaign"))
        .outerjoin(Campaign, Campaign.id == MissingWrite.campaign_id)
        .outerjoin(Device, Device.id == MissingWrite.told_by)
        .outerjoin(Officer, Officer.id == Device.officer_id)
        .where(MissingWrite.unit_id.in_(visible), _is_missing())
        .order_by(MissingWrite.unit_id, MissingWrite.number, MissingWrite.record_id, MissingWrite.id)
        .limit(LISTED)
    )
    rows = session.execute(query).all()
    here = set(session.scalars(select(Record.id).where(Record.id.in_(select(MissingWrite.record_id)))))
    places = {
        unit.id: MissingAtUnit(unit) for unit in choices.units(session, {row.MissingWrite.unit_id for row in rows})
    }
    found: dict[str, Gone] = {}
    for row in rows:
        write: MissingWrite = row.MissingWrite
        gone = found.get(write.record_id)
        if gone is None:
            whole = write.record_id not in here
            lost = None if row.campaign else write.campaign_id
            gone = Gone(write.record_id, write.number, whole, row.name or "?", write.told_at, lost)
            found[write.record_id] = gone
            places[write.unit_id].records.append(gone)
        gone.changes += 1
    return list(places.values())


def count(session: Session, scope: Scope) -> int:
    """Number of records with something missing, in the units the officer may see."""
    query = select(func.count(MissingWrite.record_id.distinct()))
    return session.scalar(query.where(MissingWrite.unit_id.in_(scope.visible()), _is_missing())) or 0


def of_record(session: Session, record_id: str, unit_id: str) -> int:
    """Number of missing writes of a record that is here: its page does not show its latest state.

    Only those named for the record's own unit: whoever names one for another unit may not read this record.
    """
    its_own = and_(MissingWrite.unit_id == unit_id, MissingWrite.record_id == record_id)
    return _count(session, and_(its_own, _is_missing()))


@dataclass(frozen=True, slots=True)
class Phones:
    """Number of phones in use, and of those that reached the server since a moment. What the others hold is unknown."""

    all: int
    heard: int


def phones(session: Session, scope: Scope, since: int) -> Phones:
    """Phones of officers at units that this officer may see."""
    here = select(Membership.officer_id).where(Membership.ended_at.is_(None), scope.sees(Membership.unit_id))
    in_use = and_(Device.revoked_at.is_(None), Device.replaced_at.is_(None), Officer.disabled_at.is_(None))
    counted = select(func.count(), func.count(case((Device.seen_at >= since, 1))))
    counted = counted.select_from(Device).join(Officer, Officer.id == Device.officer_id)
    row = session.execute(counted.where(in_use, ~Device.script, Officer.id.in_(here))).one()
    return Phones(row[0], row[1])


def _is_missing() -> ColumnElement[bool]:
    # Checked again, not left to `tidy`: a write may come by any road, and a record may be purged at any time. NOT
    # EXISTS, because with NOT IN PostgreSQL reads every write for each of these, once they do not fit its memory.
    held = select(WriteRow.id).where(WriteRow.id == MissingWrite.id).correlate(MissingWrite).exists()
    purged = _PURGED.where(Record.id == MissingWrite.record_id).correlate(MissingWrite).exists()
    return and_(not_(held), not_(purged))


def _row(id_: str, entry: Known, device_id: str) -> dict[str, Any]:
    return {
        "id": id_,
        "record_id": entry.record,
        "unit_id": entry.unit,
        "campaign_id": entry.campaign,
        "number": entry.number,
        "told_by": device_id,
        "told_at": now_ms(),
    }


def _count(session: Session, which: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(MissingWrite).where(which)) or 0
