"""Records as rows: the values that stand, with who wrote and how many photos there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import DecisionRow, Officer, Record, Unit
from server.services.exports import words
from server.services.exports.selection import RecordPlace
from server.services.records.stored import as_write, writes_of
from server.services.records.streams import number_text
from sync.decision import PURGED, word_of
from sync.protocol import DOCUMENT_PREFIX, PHOTO_PREFIX
from sync.record import State
from sync.registry import KINDS, Kind
from sync.values import Value

AT_ONCE = 200
_FILES = (PHOTO_PREFIX, DOCUMENT_PREFIX)


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One record. `values`: the sides of each field, more than one in a conflict. Times in ms."""

    record_id: str
    kind_name: str
    kind: Kind | None
    unit: str
    above: str
    number: str
    state: str
    values: Mapping[str, Sequence[Value]]
    photos: Sequence[Mapping[str, Value]]
    documents: Sequence[Mapping[str, Value]]
    by: str
    created_at: int
    changed_at: int


def batches(places: Sequence[RecordPlace], size: int = AT_ONCE) -> Iterator[Sequence[RecordPlace]]:
    """Yield the places in parts that are read together."""
    for start in range(0, len(places), size):
        yield places[start : start + size]


def read(session: Session, places: Sequence[RecordPlace]) -> list[ExportRow]:
    """Return rows of these records, in their order, without those that were purged meanwhile."""
    ids = [place.record_id for place in places]
    records = {record.id: record for record in session.scalars(select(Record).where(Record.id.in_(ids)))}
    written = writes_of(session, ids)
    units = unit_names(session, {place.unit_id for place in places})
    people = {rows[0].officer_id for rows in written.values() if rows}
    names = dict(session.execute(select(Officer.id, Officer.name).where(Officer.id.in_(people))).all())
    decided = [record.decision_id for record in records.values() if record.state == "amended"]
    verdicts = dict(
        session.execute(select(DecisionRow.id, DecisionRow.verdict).where(DecisionRow.id.in_(decided))).all()
    )
    found = []
    for place in places:
        record, rows = records.get(place.record_id), written[place.record_id]
        if record is None or record.state == PURGED or not rows:
            continue
        state = State.of(as_write(row) for row in rows)
        unit, above = units[place.unit_id]
        found.append(
            ExportRow(
                record_id=record.id,
                kind_name=record.kind,
                kind=KINDS.get(record.kind),
                unit=unit,
                above=above,
                number=number_text(record.kind, record.number),
                state=words.state(word_of(record.state, verdicts.get(record.decision_id or ""))),
                values={name: sides for name, sides in state.all_sides.items() if not name.startswith(_FILES)},
                photos=list(state.photos.values()),
                documents=list(state.documents.values()),
                by=names[rows[0].officer_id],
                created_at=record.created_at,
                changed_at=record.changed_at,
            )
        )
    return found


def unit_names(session: Session, ids: set[str]) -> dict[str, tuple[str, str]]:
    """Return the names of units with those above them."""
    units = {unit.id: unit for unit in session.scalars(select(Unit).where(Unit.id.in_(ids)))}
    parents = {unit.parent_id for unit in units.values() if unit.parent_id}
    above = dict(session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(parents))).all())
    return {id_: (unit.name, above.get(unit.parent_id or "", "")) for id_, unit in units.items()}
