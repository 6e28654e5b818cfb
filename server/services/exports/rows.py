"""Records as rows: the values that stand, with who wrote and how many photos there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.bulk import grouped
from server.models import DecisionRow, Hint, Officer, Record, Unit
from server.services.exports import words
from server.services.exports.selection import RecordPlace
from server.services.records.stored import as_write, writes_of
from server.services.records.streams import number_text
from server.services.units import deputies
from sync.figures import Contribution
from sync.protocol import DOCUMENT_PREFIX, PHOTO_PREFIX
from sync.record import PURGED, State, agreed, word_of
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
    unit_today: str = ""
    """The id of the unit that its unit is today (SPEC L-6)."""
    adds: Contribution = field(default_factory=Contribution)
    """What counts: of a counted decision in force its stored values (SPEC D-5), else nothing."""
    decision: ExportDecision | None = None
    hints: Sequence[str] = ()
    """The rules that have a hint on it."""


@dataclass(frozen=True, slots=True)
class ExportDecision:
    """The decision in force. Time in ms."""

    verdict: str
    by: str
    at: int
    reason: str


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
    decided = [record.decision_id for record in records.values() if record.decision_id]
    made = {row.id: row for row in session.scalars(select(DecisionRow).where(DecisionRow.id.in_(decided)))}
    people = {rows[0].officer_id for rows in written.values() if rows}
    names = dict(session.execute(select(Officer.id, Officer.name).where(Officer.id.in_(people))).all())
    deciders = deputies.deciders(session, made)
    hints = grouped(
        (record_id, rule)
        for record_id, rule in session.execute(select(Hint.record_id, Hint.rule).where(Hint.record_id.in_(ids)))
    )
    found = []
    for place in places:
        record, rows = records.get(place.record_id), written[place.record_id]
        if record is None or record.state == PURGED or not rows:
            continue
        state = State.of(as_write(row) for row in rows)
        unit, above, today = units[place.unit_id]
        decision, kind = made.get(record.decision_id or ""), KINDS.get(record.kind)
        found.append(
            ExportRow(
                record_id=record.id,
                kind_name=record.kind,
                kind=kind,
                unit=unit,
                above=above,
                number=number_text(record.kind, record.number),
                state=words.state(word_of(record.state, decision.verdict if decision else None)),
                values={name: sides for name, sides in state.all_sides.items() if not name.startswith(_FILES)},
                photos=list(state.photos.values()),
                documents=list(state.documents.values()),
                by=names[rows[0].officer_id],
                created_at=record.created_at,
                changed_at=record.changed_at,
                unit_today=today,
                adds=what_counts(kind, decision),
                decision=_told(decision, deciders[decision.id]) if decision else None,
                hints=sorted(hints.get(record.id, ())),
            )
        )
    return found


def _told(row: DecisionRow, by: str) -> ExportDecision:
    return ExportDecision(row.verdict, by, row.at, row.reason)


def what_counts(kind: Kind | None, decision: DecisionRow | None) -> Contribution:
    """Return what the record counts, from the values that were decided on: also while it is amended or deleted."""
    if kind is None or decision is None or decision.verdict != "counted":
        return Contribution()
    return Contribution.of(kind, agreed(decision.sides))


def unit_names(session: Session, ids: set[str]) -> dict[str, tuple[str, str, str]]:
    """Return the names of units, of those above them, and the ids of the units that they are today."""
    units = {unit.id: unit for unit in session.scalars(select(Unit).where(Unit.id.in_(ids)))}
    return {
        id_: (unit.name, above.name if (above := unit_above(session, unit)) else "", _today(session, unit).id)
        for id_, unit in units.items()
    }


def unit_above(session: Session, unit: Unit) -> Unit | None:
    """Return the unit above."""
    return session.get(Unit, unit.parent_id) if unit.parent_id else None


def _today(session: Session, unit: Unit) -> Unit:
    while unit.merged_at is not None and (above := unit_above(session, unit)) is not None:
        unit = above
    return unit
