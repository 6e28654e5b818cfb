"""Writes in the journal: who wrote them, what became of each, and their form for the rules (SPEC W-1).

`NewRecord` is a record that a batch opens, until it is stored: the columns of `Record` without an object of the ORM.
Most records of a push are new, and are changed in memory some thirty times before their one INSERT. The ORM notes each
change of its objects, which took a tenth of a push. Which photos and documents a record names is noted when a write
that names them is stored (SPEC P-3).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.bulk import inserting, one_of
from server.core.clock import DAY_MS
from server.models import Device, PhotoRef, Record, WriteRow
from server.services.units.scope import Scope
from sync.protocol import CODE_MAKER_DAYS, DOCUMENT_PREFIX, PHOTO_PREFIX
from sync.write import Write

CODE_MAKER_MS = CODE_MAKER_DAYS * DAY_MS
"""For how long the maker of a device's code counts as an author of what it writes (SPEC D-6)."""
LastRestore = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Author:
    """The author of writes: taken from the credential, never from the wire (W-7)."""

    scope: Scope
    device_id: str | None = None
    app: int | None = None
    """The app version of the client (SPEC V-1); None at the desk."""
    last_restore: LastRestore | None = None
    """When the last restore was, and until when its copy holds all, if this transaction read that already."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A write in the journal, and its position."""

    write: Write
    stream_id: str
    position: int
    officer_id: str
    received_at: int

    @classmethod
    def of(cls, row: WriteRow) -> Stored:
        """Convert a stored row."""
        return cls(as_write(row), row.stream_id, row.position, row.officer_id, row.received_at)


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one write. `new` tells a first storing from a repeat (X-3).

    `received`: when the server first received the write, in ms (SPEC L-29). `altered`: the stored write differs from
    the sent one (W-9), so the client must be sent it like any other (X-26).
    """

    id: str
    result: str
    unit: str = ""
    campaign: str = ""
    position: int = 0
    number: str = ""
    received: int = 0
    new: bool = False
    altered: bool = False
    code: str = ""
    field: str | None = None


def as_write(row: WriteRow) -> Write:
    """Convert a stored row to a Write."""
    return Write(id=row.id, at=row.at, record=row.record_id, set=row.set, seen=tuple(row.seen))


def writes_of(session: Session, record_ids: Iterable[str]) -> dict[str, list[WriteRow]]:
    """All stored writes of these records, in order of position."""
    found: dict[str, list[WriteRow]] = {id_: [] for id_ in record_ids}
    if found:
        for row in session.scalars(
            select(WriteRow).where(one_of(WriteRow.record_id, found)).order_by(WriteRow.position)
        ):
            found[row.record_id].append(row)
    return found


_COLUMNS = tuple(Record.__table__.columns.keys())
_VALUES = attrgetter(*_COLUMNS)


@dataclass(slots=True)
class NewRecord:
    """The values of a row of `record`; each column is described there."""

    id: str
    stream_id: str
    kind: str
    number: int
    created_at: int
    first_position: int
    changed_at: int = 0
    received_at: int = 0
    last_position: int = 0
    writes: int = 0
    early: int = 0
    survivors: dict[str, Any] = field(default_factory=dict)
    state: str = ""
    conflicted: bool = False
    hidden: bool = False
    rank: int = 0
    bucket: str | None = None
    hint: str | None = None
    lacks: int = 0
    checked: bool = False
    readiness: str | None = None
    amounts: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, Any] | None = None
    decision_id: str | None = None

    def columns(self) -> dict[str, Any]:
        """The row to insert."""
        return dict(zip(_COLUMNS, _VALUES(self), strict=True))


AnyRecord = Record | NewRecord


ORIGINAL, THUMB, DOCUMENT = "original", "thumb", "document"
"""What a hash is to the record that names it: `role` of a `photo_ref`."""


@dataclass(frozen=True, slots=True)
class NamedPhoto:
    """A reference from a stored write of this record to a photo and its thumbnail, or to a document (P-3, P-17)."""

    record_id: str
    stream_id: str
    sha256: str
    thumb_sha256: str | None

    @property
    def roles(self) -> list[tuple[str, str, str | None]]:
        """Return (hash, role, hash of its thumbnail) of each file that is named."""
        if self.thumb_sha256 is None:
            return [(self.sha256, DOCUMENT, None)]
        return [(self.sha256, ORIGINAL, self.thumb_sha256), (self.thumb_sha256, THUMB, None)]

    @property
    def files(self) -> list[tuple[str, str, bool]]:
        """Return (stream, hash, is a document) of each."""
        return [(self.stream_id, sha256, role == DOCUMENT) for sha256, role, _ in self.roles]


def named_by(record_id: str, stream_id: str, write: Write) -> list[NamedPhoto]:
    """The photos and documents that a write names."""
    found = []
    for name, value in write.set.items():
        if not isinstance(value, dict):
            continue
        if name.startswith(PHOTO_PREFIX):
            found.append(NamedPhoto(record_id, stream_id, str(value["sha256"]), str(value["thumb_sha256"])))
        elif name.startswith(DOCUMENT_PREFIX):
            found.append(NamedPhoto(record_id, stream_id, str(value["sha256"]), None))
    return found


def announce(session: Session, named: Iterable[NamedPhoto], came: Collection[tuple[str, str, bool]]) -> None:
    """Note the references of these writes. Bytes that came from the same stream before count as held at once (P-6).

    `came`: (stream, hash, is a document) of those. What is held as a document is no photo, whatever another record
    calls it.
    """
    wanted: dict[tuple[str, str], dict[str, str | bool | None]] = {}
    for name in named:
        for sha256, role, thumb in name.roles:
            ref: dict[str, str | bool | None] = {
                "sha256": sha256,
                "record_id": name.record_id,
                "stream_id": name.stream_id,
                "role": role,
                "thumb_sha256": thumb,
                "held": (name.stream_id, sha256, role == DOCUMENT) in came,
            }
            wanted.setdefault((sha256, name.record_id), ref)
    if wanted:
        session.execute(inserting(session, PhotoRef).on_conflict_do_nothing(), list(wanted.values()))


def code_makers(session: Session, rows: Iterable[WriteRow]) -> Mapping[str, str]:
    """By write: the officer who made the device's code and so counts as an author."""
    rows = [row for row in rows if not row.chosen]
    devices = {row.device_id for row in rows if row.device_id}
    query = select(Device).where(Device.id.in_(devices), Device.code_by.is_not(None), Device.confirmed_at.is_(None))
    made = {device.id: device for device in session.scalars(query)} if devices else {}
    return {
        row.id: str(device.code_by)
        for row in rows
        if (device := made.get(row.device_id or "")) and row.received_at < device.created_at + CODE_MAKER_MS
    }
