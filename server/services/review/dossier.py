"""A complete record: its state with the writers, its history, its files, and changes since the decision.

The photos and documents of one record, and how far each has come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.problem_details import Problem, refuse_if
from server.models import (
    Campaign,
    DecisionRow,
    Device,
    Message,
    Officer,
    Photo,
    PhotoRef,
    Record,
    Reply,
    Stream,
    Unit,
    WriteRow,
)
from server.services.photos import images
from server.services.records import late, readiness
from server.services.records.authors import others_who_decide
from server.services.records.readiness import Readiness
from server.services.records.stored import DOCUMENT, as_write, code_makers, writes_of
from server.services.records.streams import number_text
from server.services.review import messages, replies
from server.services.review.changes import Change, changes_since
from server.services.units import deputies
from server.services.units.scope import Scope
from sync.late import LATE_MARKS, Lines, marks
from sync.protocol import PHOTO_KEY_LENGTH
from sync.record import PURGED, State, canonical
from sync.registry import KINDS, Kind
from sync.values import Value, is_date


@dataclass(frozen=True, slots=True)
class DossierPhoto:
    """A photo of the record: `state` is `full`, `thumb`, `wanted` or `refused`.

    `thumb`: only the thumbnail can be shown. The original was refused if there is a `code`, else it is on its way.
    """

    key: str
    value: Mapping[str, Value]
    state: str
    code: str | None
    is_new: bool = False
    """It came after the decision in force."""

    @property
    def log_week(self) -> tuple[date, date] | None:
        """Return first and last day of the week of which it shows the station's log (SPEC P-29)."""
        said = self.value.get("log_week")
        if not is_date(said):
            return None
        monday = date.fromisoformat(str(said))
        return None if monday.weekday() else (monday, monday + timedelta(days=6))


@dataclass(frozen=True, slots=True)
class DossierDocument:
    """A PDF of the record: `state` is `full`, `wanted` or `refused`, then with a `code`."""

    key: str
    value: Mapping[str, Value]
    state: str
    code: str | None
    is_new: bool
    """It came after the decision in force."""


def read_photos(session: Session, record_id: str, state: State, decision: DecisionRow | None) -> list[DossierPhoto]:
    """The photos that its state names, in order."""
    refs = {ref.sha256: ref for ref in session.scalars(select(PhotoRef).where(PhotoRef.record_id == record_id))}
    judged = {photo.sha256: photo for photo in session.scalars(select(Photo).where(Photo.sha256.in_(refs)))}

    def has(sha256: str) -> bool:
        came = sha256 in refs and refs[sha256].held and refs[sha256].role != DOCUMENT
        return came and sha256 in judged and judged[sha256].state == "verified"

    found = []
    before = decision.sides if decision else None
    for name, value in state.photos.items():
        full, thumb = str(value["sha256"]), str(value["thumb_sha256"])
        refused = judged[full].code if full in judged and refs[full].held else None
        here = "full" if has(full) else "thumb" if has(thumb) else "refused" if refused else "wanted"
        found.append(
            DossierPhoto(full[:PHOTO_KEY_LENGTH], value, here, refused, before is not None and name not in before)
        )
    return found


def read_documents(
    session: Session, record_id: str, state: State, decision: DecisionRow | None
) -> list[DossierDocument]:
    """The PDFs that its state names, in order."""
    if not state.documents:
        return []
    query = select(PhotoRef, Photo).outerjoin(Photo, Photo.sha256 == PhotoRef.sha256)
    rows = session.execute(query.where(PhotoRef.record_id == record_id, PhotoRef.role == DOCUMENT))
    came = {ref.sha256: (ref, photo) for ref, photo in rows}
    before = decision.sides if decision else None
    found = []
    for name, value in state.documents.items():
        sha256 = str(value["sha256"])
        ref, photo = came.get(sha256, (None, None))
        code = images.role_refusal(DOCUMENT, photo) if photo else None
        here = "full" if ref and ref.held and photo and not code else "refused" if code else "wanted"
        is_new = before is not None and name not in before
        found.append(DossierDocument(sha256[:PHOTO_KEY_LENGTH], value, here, code, is_new))
    return found


@dataclass(frozen=True, slots=True)
class Stamp:
    """The origin of a write: officer, device, device time and server time. `device` is empty for the desk."""

    by: str
    device: str
    at: int
    received_at: int


@dataclass(frozen=True, slots=True)
class Side:
    """One value of a field, with the writes that hold it; several sides are a conflict."""

    value: Value
    ids: tuple[str, ...]
    stamps: tuple[Stamp, ...]


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of the history: a write (`set`), a decision (`decision`), an answer or a message (`said`).

    `restates`: the origin of the decision that this one states again after an undo (SPEC D-14).
    """

    id: str
    position: int
    stamp: Stamp
    set: Mapping[str, Value]
    decision: DecisionRow | None = None
    late: tuple[str, ...] = ()
    restates: Stamp | None = None
    said: Reply | Message | None = None


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything the desk shows of a record."""

    record: Record
    unit: Unit
    above: Unit | None
    campaign: Campaign
    kind: Kind | None
    number: str
    state: State
    fields: dict[str, list[Side]]
    photos: list[DossierPhoto]
    documents: list[DossierDocument]
    history: list[HistoryEntry]
    decision: DecisionRow | None
    decided_by: str
    restates: Stamp | None
    """Origin of the decision that the one in force states again after an undo (SPEC D-14)."""
    reply: Reply | None
    """The officer's answer to the return in force (SPEC D-13)."""
    replied_by: str
    messages: list[HistoryEntry]
    """Questions and answers, the oldest first (SPEC D-15)."""
    may_speak: bool
    changes: list[Change]
    may_decide: bool
    may_write: bool
    wrote: bool
    made_code: bool
    """The reader made the code of a phone that wrote here, and so may not decide (SPEC D-6)."""
    others: list[Officer]
    """People who may decide, if the reader is an author."""
    late: tuple[str, ...]
    """Marks of its writes (SPEC L-1, L-13); a draft has none."""
    readiness: Readiness
    """PHOTOS, CHECKING or READY: whether it can be approved now."""
    flagged: bool
    """Approved, and something was found since."""

    @property
    def missed(self) -> list[HistoryEntry]:
        """The edits that no delete had seen: the reason for `edited while deleted` (S-8)."""
        deletes = [write for write in self.state.fields.get("deleted", ()) if write.set["deleted"]]
        seen = {id_ for write in deletes for id_ in (*write.seen, write.id)}
        alive = {write.id for name, writes in self.state.fields.items() if name != "deleted" for write in writes}
        return [entry for entry in self.history if entry.id in alive - seen]

    @property
    def title(self) -> str:
        """The name people use: `Chính Nghĩa BR-17`."""
        return f"{self.unit.short_name} {self.number}"


def read(session: Session, scope: Scope, record_id: str) -> Dossier:
    """The dossier of a record the officer may see and that is no act (SPEC F-6); else Problem `not_found`."""
    record = session.get(Record, record_id)
    stream = session.get(Stream, record.stream_id) if record else None
    if record is None or stream is None or not scope.may_see(stream.unit_id) or KINDS.is_act(record.kind):
        raise Problem("not_found")
    refuse_if(record.state == PURGED, "not_found")
    unit, campaign = session.get_one(Unit, stream.unit_id), session.get_one(Campaign, stream.campaign_id)
    rows = writes_of(session, [record.id])[record.id]
    decisions = list(session.scalars(select(DecisionRow).where(DecisionRow.record_id == record.id)))
    answers = list(session.scalars(select(Reply).where(Reply.record_id == record.id)))
    said: list[Reply | Message] = [*answers, *messages.of(session, [record.id])]
    stamps = _stamps(session, [*rows, *said], decisions)
    state = State.of(as_write(row) for row in rows)
    decision = next((row for row in decisions if row.id == record.decision_id), None)
    wrote = {row.officer_id for row in rows if not row.chosen}
    reply = replies.of(session, [decision]).get(decision.id) if decision else None
    makers = set(code_makers(session, rows).values())
    talk = [HistoryEntry(row.id, row.position, stamps[row.id], {}, said=row) for row in said]
    history = _history(rows, decisions, stamps, late.lines(stream, unit, campaign), talk)
    return Dossier(
        record=record,
        unit=unit,
        above=session.get(Unit, unit.parent_id) if unit.parent_id else None,
        campaign=campaign,
        kind=KINDS.get(record.kind),
        number=number_text(record.kind, record.number),
        state=state,
        fields={name: _sides(state, name, stamps) for name in state.fields},
        photos=read_photos(session, record.id, state, decision),
        documents=read_documents(session, record.id, state, decision),
        history=history,
        decision=decision,
        decided_by=stamps[decision.id].by if decision else "",
        restates=stamps[decision.restates] if decision and decision.restates else None,
        reply=reply,
        replied_by=stamps[reply.id].by if reply else "",
        messages=[entry for entry in talk if isinstance(entry.said, Message)],
        may_speak=messages.may_speak(session, scope, stream) and campaign.status != "archived",
        changes=changes_since(state, decision),
        may_decide=scope.may_decide(unit.id, campaign),
        may_write=scope.may_write(unit.id) and campaign.status != "archived",
        late=_marks(record, history),
        readiness=readiness.before_approval(record),
        flagged=readiness.of(record) is Readiness.FLAGGED,
        wrote=scope.officer_id in wrote,
        made_code=scope.officer_id in makers,
        others=others_who_decide(session, scope, unit.id, wrote | makers) if scope.officer_id in wrote | makers else [],
    )


def _stamps(
    session: Session, rows: Iterable[WriteRow | Reply | Message], decisions: Iterable[DecisionRow]
) -> dict[str, Stamp]:
    rows, decisions = list(rows), list(decisions)
    people = {row.officer_id for row in rows}
    names = dict(session.execute(select(Officer.id, Officer.name).where(Officer.id.in_(people))).all())
    devices = {row.device_id for row in rows if row.device_id}
    labels = {device.id: device for device in session.scalars(select(Device).where(Device.id.in_(devices)))}
    found = {}
    for row in rows:
        device = labels.get(row.device_id or "")
        label = f"{device.label or '?'} ({device.mark})" if device else ""
        found[row.id] = Stamp(names[row.officer_id], label, row.at, row.received_at)
    deciders = deputies.deciders(session, [row.id for row in decisions])
    return found | {row.id: Stamp(deciders[row.id], "", row.at, row.at) for row in decisions}


def _sides(state: State, name: str, stamps: Mapping[str, Stamp]) -> list[Side]:
    """The sides in display order: the latest `at` first (W-3)."""
    groups: dict[str, list[str]] = {}
    values: dict[str, Value] = {}
    for write in state.fields[name]:
        key = canonical(write.set[name])
        groups.setdefault(key, []).append(write.id)
        values[key] = write.set[name]
    return [Side(values[key], tuple(ids), tuple(stamps[id_] for id_ in ids)) for key, ids in groups.items()]


def _history(
    rows: Iterable[WriteRow],
    decisions: Iterable[DecisionRow],
    stamps: Mapping[str, Stamp],
    lines: Lines,
    talk: Iterable[HistoryEntry],
) -> list[HistoryEntry]:
    """All in the server's order, the newest first; each write with its marks of lateness."""
    entries = [*talk]
    entries += [
        HistoryEntry(row.id, row.position, stamps[row.id], row.set, late=marks(row.position, row.received_at, lines))
        for row in rows
    ]
    entries += [
        HistoryEntry(
            row.id, row.position, stamps[row.id], {}, row, restates=stamps[row.restates] if row.restates else None
        )
        for row in decisions
    ]
    return sorted(entries, key=lambda entry: entry.position, reverse=True)


def _marks(record: Record, history: Iterable[HistoryEntry]) -> tuple[str, ...]:
    found = {mark for entry in history for mark in entry.late}
    return () if record.state == "draft" else tuple(mark for mark in LATE_MARKS if mark in found)
