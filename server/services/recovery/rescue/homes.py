"""Where the records of a file belong, as the server knows it or as the file's own creations say (SPEC R-9, R-12)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.models import Record, Stream
from server.services.continuity import revocations
from server.services.recovery.rescue.opening import Sealed
from sync.errors import Refused
from sync.record import PURGED
from sync.write import Write, read


@dataclass(frozen=True, slots=True)
class Home:
    """The kind, unit and campaign of one record."""

    kind: str
    unit_id: str
    campaign_id: str


@dataclass(frozen=True, slots=True)
class Homes:
    """`known`: the home of each record. `purged`: records of which nothing is shown, though the file still has them."""

    known: dict[str, Home] = field(default_factory=dict)
    purged: set[str] = field(default_factory=set)


def readable(sealed: Sealed) -> tuple[list[Write], int]:
    """The writes of a file that can be read, and how many there are in all."""
    raws = list(sealed.writes())
    return [write for write in map(_readable, raws) if write is not None], len(raws)


def homes(session: Session, writes: Iterable[Write], records: Collection[str]) -> Homes:
    """The homes of `records`: as stored, or as the creations among `writes` say.

    The latter also if a restore lost a record, and its campaign with it.
    """
    found = Homes(purged={line["id"] for line in revocations.purges(session)} & {*records})
    query = select(Record.id, Record.kind, Record.state, Stream.unit_id, Stream.campaign_id)
    for write in writes:
        if write.create and write.record in records and write.record not in found.purged:
            found.known[write.record] = Home(write.create.kind, write.create.unit, write.create.campaign)
    for row in session.execute(query.join(Stream, Stream.id == Record.stream_id).where(one_of(Record.id, records))):
        if row.state == PURGED:
            found.known.pop(row.id, None)
            found.purged.add(row.id)
            continue
        found.known[row.id] = Home(row.kind, row.unit_id, row.campaign_id)
    return found


def _readable(raw: object) -> Write | None:
    try:
        return read(raw)
    except Refused:
        return None
