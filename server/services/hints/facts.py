"""What rules look at: the records of one stream as plain values, read together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from server.core.bulk import grouped, one_of_parameter
from server.core.clock import local
from server.models import Campaign, HintChange, Record, Stream, UnitPopulation, WriteRow
from server.services.records.projection import is_activity
from server.services.records.stored import as_write, code_makers
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
        found = grouped((each.kind.name, each) for each in self.records)
        yield from found.values()


# Built once, and run on the connection: a small stream costs little but its statements.
_STREAM = (
    select(Stream.id, Stream.written, Stream.unit_id, Stream.campaign_id)
    .add_columns(Campaign.starts_on, Campaign.ends_on, Campaign.opened_at, UnitPopulation.people)
    .add_columns(func.coalesce(HintChange.changes, 0).label("changes"))
    .join(Campaign, Campaign.id == Stream.campaign_id)
    .outerjoin(UnitPopulation, UnitPopulation.unit_id == Stream.unit_id)
    .outerjoin(HintChange, HintChange.stream_id == Stream.id)
    .where(Stream.id == bindparam("stream"))
)
_LISTED = (
    select(Record.id, Record.kind)
    .where(Record.stream_id == bindparam("stream"), is_activity(), Record.state.not_in(("draft", "deleted")))
    .order_by(Record.created_at, Record.id)
)
_WRITES = (
    select(*WriteRow.__table__.columns)
    .where(one_of_parameter(WriteRow.record_id, "records"))
    .order_by(WriteRow.position)
)


def read(session: Session, stream_id: str) -> StreamFacts:
    """Read a stream with its submitted records."""
    row = session.connection().execute(_STREAM, {"stream": stream_id}).one()
    return StreamFacts(
        stream_id=row.id,
        written=row.written,
        changes=row.changes,
        unit_id=row.unit_id,
        campaign_id=row.campaign_id,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        opened_at=row.opened_at,
        people=row.people,
        records=list(_records(session, stream_id)),
    )


def _records(session: Session, stream_id: str) -> Iterator[Facts]:
    connection = session.connection()
    kinds: dict[str, str] = {row.id: row.kind for row in connection.execute(_LISTED, {"stream": stream_id})}
    ids = [id_ for id_, kind in kinds.items() if kind in KINDS]
    for start in range(0, len(ids), AT_ONCE):
        rows: dict[str, list[Any]] = {id_: [] for id_ in ids[start : start + AT_ONCE]}
        for each in connection.execute(_WRITES, {"records": list(rows)}):
            rows[each.record_id].append(each)
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


def _said_on(kind: Kind, state: State, received: Mapping[str, int]) -> dict[str, str]:
    names = {name for check in kind.checks if check.type == "ahead" for name in check.fields}
    said = {name: alive for name, alive in state.fields.items() if name in names or name.partition("/")[0] in names}
    return {name: local(max(received[write.id] for write in alive)).date().isoformat() for name, alive in said.items()}
