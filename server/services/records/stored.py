"""Writes in the journal: who wrote them, what became of each, and their form for the rules (SPEC W-1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.array_parameters import one_of
from server.models import WriteRow
from server.services.units.scope import Scope
from sync.write import Write

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
