"""What rules look at: the records of one stream as plain values, read together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import local
from server.models import Campaign, Record, Stream, Unit, UnitPopulation
from server.services.hints import freshness
from server.services.records.projection import is_activity
from server.services.records.stored import as_write, code_makers, writes_of
from sync.record import State, agreed
from sync.registry import KINDS, Kind
from sync.values import Value

AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Facts:
    """A record. `values`: fields without a conflict. `times`: (device, server) in ms of each write.

    `said_on`: by field of a day, the day on which the server received its value (SPEC F-27). `writers`: who wrote it.
    `makers`: who made the code of a phone that wrote it (SPEC D-6).
    """

    id: str
    kind: Kind
    values: Mapping[str, Value]
    said_on: Mapping[str, str]
    photos: Sequence[Mapping[str, Any]]
    times: Sequence[tuple[int, int]]
    writers: frozenset[str]
    makers: frozenset[str]

    @property
    def day(self) -> str:
        """The day it is about, ISO; empty if it has none. A schedule's first day."""
        for each in self.kind.fields:
            value = self.values.get(each.name)
            if each.type == "date" and each.required and isinstance(value, str):
                return value
            if each.type == "schedule" and isinstance(value, Mapping):
                return str(value["from"])
        return ""

    @property
    def place(self) -> Mapping[str, int] | None:
        """Where it was recorded: lat_e6, lon_e6, accuracy_m."""
        found = self.values.get("place")
        return found if isinstance(found, Mapping) else None  # type: ignore[return-value]  # its type was checked

    def integers(self) -> dict[str, int]:
        """Return the whole numbers it states, by field."""
        named = (each.name for each in self.kind.fields if each.type == "integer")
        return {name: value for name in named if isinstance(value := self.values.get(name), int)}


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """A stream's records, with what rules compare them with.

    `written` and `changes`: as of which write and which change it was read (freshness.py).
    """

    stream_id: str
    written: int
    changes: int
    unit_id: str
    campaign_id: str
    starts_on: date
    ends_on: date
    opened_at: int
    people: int | None
    records: Sequence[Facts] = field(default_factory=list)

    def by_kind(self) -> Iterator[list[Facts]]:
        """Yield the records of each kind."""
        found: dict[str, list[Facts]] = {}
        for each in self.records:
            found.setdefault(each.kind.name, []).append(each)
        yield from found.values()


def read(session: Session, stream_id: str) -> StreamFacts:
    """Read a stream with its submitted records."""
    stream = session.get_one(Stream, stream_id)
    campaign, unit = session.get_one(Campaign, stream.campaign_id), session.get_one(Unit, stream.unit_id)
    people = session.get(UnitPopulation, unit.id)
    return StreamFacts(
        stream_id=stream.id,
        written=stream.written,
        changes=freshness.changes(session, stream.id),
        unit_id=unit.id,
        campaign_id=campaign.id,
        starts_on=campaign.starts_on,
        ends_on=campaign.ends_on,
        opened_at=campaign.opened_at,
        people=people.people if people else None,
        records=list(_records(session, stream_id)),
    )


def _records(session: Session, stream_id: str) -> Iterator[Facts]:
    listed = select(Record.id, Record.kind).where(Record.stream_id == stream_id, is_activity())
    listed = listed.where(Record.state.not_in(("draft", "deleted"))).order_by(Record.created_at, Record.id)
    kinds = {row.id: row.kind for row in session.execute(listed)}
    ids = [id_ for id_, kind in kinds.items() if kind in KINDS]
    for start in range(0, len(ids), AT_ONCE):
        rows = writes_of(session, ids[start : start + AT_ONCE])
        makers = code_makers(session, (row for written in rows.values() for row in written))
        for id_, written in rows.items():
            state, kind = State.of(as_write(row) for row in written), KINDS[kinds[id_]]
            yield Facts(
                id=id_,
                kind=kind,
                values=agreed(state.all_sides),
                said_on=_said_on(kind, state, {row.id: row.received_at for row in written}),
                photos=list(state.photos.values()),
                times=[(row.at, row.received_at) for row in written],
                writers=frozenset(row.officer_id for row in written if not row.chosen),
                makers=frozenset(makers[row.id] for row in written if row.id in makers),
            )
        session.expire_all()


def _said_on(kind: Kind, state: State, received: Mapping[str, int]) -> dict[str, str]:
    names = {name for check in kind.checks if check.type == "ahead" for name in check.fields}
    said = {name: alive for name, alive in state.fields.items() if name in names or name.partition("/")[0] in names}
    return {name: local(max(received[write.id] for write in alive)).date().isoformat() for name, alive in said.items()}
