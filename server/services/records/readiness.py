"""Readiness: whether a record's evidence is here and was checked, and whether something was found after its approval.

    photos    a file that it names has not come, or none of its photos can be looked at
    checking  its hints are to be made: something of it came that no check has seen
    (null)    ready
    flagged   approved, and then something was found that is to be looked at

It is kept in the record's row, in the transaction of each write, photo and decision, under the stream's lock. The job
that makes hints checks records off, those alone that it has seen whole (`check_off`). Acts of one key, of many at once
and by sample leave out what is not ready; on its page a person may approve it all the same, and says why.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, case, null, select, update
from sqlalchemy.orm import Session

from server.core.bulk import one_of, one_of_parameter
from server.models import DecisionRow, Hint, Photo, PhotoRef, Record, WriteRow
from server.services.records.stored import DOCUMENT, ORIGINAL, THUMB, AnyRecord, as_write, writes_of
from sync.record import PURGED, State
from sync.registry import KINDS, Kind

LOOK: Final = "look"
"""The grade of what is to be looked at."""
PAIRED: Final = "photo_same"
"""The rule whose finding is another one with each other record."""
_QUIETLY: Final = {"synchronize_session": False}


class Readiness(StrEnum):
    """The states of `record.readiness`; null there is READY."""

    PHOTOS = "photos"
    CHECKING = "checking"
    READY = "ready"
    FLAGGED = "flagged"


Here = Mapping[tuple[str, str, bool], bool]
"""Files whose bytes came: (stream, hash, is a document) to whether they can be looked at."""


def of(record: AnyRecord) -> Readiness:
    """The state that is kept of a record."""
    return Readiness(record.readiness or Readiness.READY)


def before_approval(record: AnyRecord) -> Readiness:
    """PHOTOS, CHECKING or READY: whether it can be approved now, also where it was flagged."""
    return Readiness.PHOTOS if record.lacks else Readiness.READY if record.checked else Readiness.CHECKING


def is_ready() -> ColumnElement[bool]:
    """Condition on Record: it can be approved."""
    return and_(Record.lacks == 0, Record.checked.is_(True))


def is_flagged() -> ColumnElement[bool]:
    """Condition on Record: approved, and something was found since."""
    return Record.readiness == Readiness.FLAGGED


def renew(record: AnyRecord, *, flagged: bool) -> None:
    """Keep the state that follows from what the record lacks, whether it is checked, and what was found."""
    state = Readiness.FLAGGED if flagged else before_approval(record)
    record.readiness = None if state is Readiness.READY else state


def files_of(stream_id: str, state: State) -> set[tuple[str, str, bool]]:
    """(stream, hash, is a document) of the files that a record shows."""
    photos = {(stream_id, str(each["sha256"]), False) for each in state.photos.values()}
    return photos | {(stream_id, str(each["sha256"]), True) for each in state.documents.values()}


def here(session: Session, files: Collection[tuple[str, str, bool]]) -> dict[tuple[str, str, bool], bool]:
    """Those of these files whose bytes came from their stream, and were there when a backup last read them."""
    found: dict[tuple[str, str, bool], bool] = {}
    if not files:
        return found
    rows = select(PhotoRef.stream_id, PhotoRef.sha256, PhotoRef.role, Photo.state)
    rows = rows.outerjoin(Photo, Photo.sha256 == PhotoRef.sha256).where(PhotoRef.held, ~PhotoRef.gone)
    rows = rows.where(one_of(PhotoRef.sha256, {sha256 for _, sha256, _ in files}))
    rows = rows.where(one_of(PhotoRef.stream_id, {stream for stream, _, _ in files})).distinct()
    for stream, sha256, role, judged in session.execute(rows):
        found[stream, sha256, role == DOCUMENT] = judged == "verified"
    return found


def lacking(kind: Kind | None, stream_id: str, state: State, came: Here) -> int:
    """How many files have not come; 1 if all came and no photo, or none of the documents it names, can be looked at."""
    files = files_of(stream_id, state)
    missing = sum(file not in came for file in files)
    if missing or state.hidden:
        return missing
    photos, documents = [[file for file in files if file[2] is is_document] for is_document in (False, True)]
    needs = bool(photos) or (kind is not None and not kind.act and bool(kind.source["photos"]["required"]))
    unseen = (needs and not any(came[file] for file in photos)) or (
        bool(documents) and not any(came[file] for file in documents)
    )
    return int(unseen)


def written(session: Session, states: Iterable[tuple[AnyRecord, State]], came: Here, said: Collection[str]) -> None:
    """After writes to these records, in their new states: those that `said` something new are to be checked.

    Who settles a conflict chooses among values that were there, and has looked at them (SPEC D-6).
    """
    states = list(states)
    flagged = _flagged(session, [record for record, _ in states])
    for record, state in states:
        record.lacks = lacking(KINDS.get(record.kind), record.stream_id, state, came)
        record.checked = record.checked and record.id not in said
        renew(record, flagged=record.id in flagged)


def arrived(session: Session, stream_ids: Collection[str], sha256: str, *, anew: bool = True) -> None:
    """After the bytes of a file came, or were lost: for the records of these streams, locked, that name it.

    A photo that can be looked at is to be checked, unless it is not `anew`: put back where it was.
    """
    named = select(PhotoRef.record_id, PhotoRef.role).where(PhotoRef.sha256 == sha256, PhotoRef.role != THUMB)
    roles = dict(session.execute(named.where(one_of(PhotoRef.stream_id, stream_ids))).all())
    if not roles:
        return
    theirs = select(Record).where(one_of(Record.id, roles), Record.state != PURGED)
    records = list(session.scalars(theirs.execution_options(populate_existing=True)))
    rows = writes_of(session, [record.id for record in records])
    states = {record: State.of(as_write(row) for row in rows[record.id]) for record in records}
    came = here(session, {file for record, state in states.items() for file in files_of(record.stream_id, state)})
    for record, state in states.items():
        record.lacks = lacking(KINDS.get(record.kind), record.stream_id, state, came)
        if anew and roles[record.id] == ORIGINAL and came.get((record.stream_id, sha256, False)):
            record.checked = False
        renew(record, flagged=record.readiness == Readiness.FLAGGED)
    session.flush()


def findings(session: Session, record: AnyRecord) -> list[str]:
    """What is to be looked at on a record, as a decision keeps it."""
    if record.hint != LOOK:
        return []
    return sorted(_found(session, Hint.record_id == record.id).get(record.id, ()))


def decided(record: AnyRecord, row: DecisionRow, found: Collection[str]) -> None:
    """After a decision on the record, which has been projected. `found`: what is to be looked at now."""
    renew(record, flagged=record.state == "counted" and not set(row.hints) >= set(found))


def check_off(session: Session, stream_id: str, seen: int, waiting: Collection[str], *, whole: bool) -> None:
    """After the hints of a stream were made as of position `seen`: those of its records are checked that they saw.

    `waiting`: records of which some photo is still to be compared. Without `whole` something else changed since, and
    none is checked. The caller holds the stream's lock, and no record of it in the session.
    """
    if whole:
        session.flush()
        connection = session.connection()
        done = connection.scalars(_SEEN, {"stream": stream_id, "seen": seen})
        if ids := set(done) - set(waiting):
            connection.execute(_CHECKED, {"ids": list(ids)})
    flag(session, stream_id)


_LATER = select(WriteRow.record_id).where(
    WriteRow.stream_id == bindparam("stream"), WriteRow.position > bindparam("seen", type_=BigInteger)
)
_SEEN = select(Record.id).where(
    Record.stream_id == bindparam("stream"), Record.checked.is_(False), Record.id.not_in(_LATER)
)
_CHECKED = (
    update(Record)
    .where(one_of_parameter(Record.id, "ids"))
    .values(checked=True, readiness=case((Record.readiness == Readiness.CHECKING, null()), else_=Record.readiness))
)


def flag(session: Session, stream_id: str) -> None:
    """Flag the approved records of a stream on which something was found since, and no others.

    The caller holds the stream's lock, and no record of it in the session.
    """
    session.flush()
    connection = session.connection()
    known = connection.execute(_APPROVED, {"stream": stream_id}).all()
    found = _found(session, and_(Hint.stream_id == stream_id, Record.state == "counted")) if known else {}
    flagged = {id_ for id_, hints in known if not set(hints) >= found.get(id_, set())}
    was = set(connection.scalars(_FLAGGED, {"stream": stream_id}))
    for record in session.scalars(select(Record).where(one_of(Record.id, flagged ^ was)) if flagged ^ was else _NONE):
        renew(record, flagged=record.id in flagged)
    session.flush()


_APPROVED = (
    select(Record.id, DecisionRow.hints)
    .join(DecisionRow, DecisionRow.id == Record.decision_id)
    .where(Record.stream_id == bindparam("stream"), Record.state == "counted", Record.hint == LOOK)
)
_FLAGGED = select(Record.id).where(Record.stream_id == bindparam("stream"), is_flagged())
_NONE: Final = select(Record).where(Record.id == "")


def _flagged(session: Session, records: Iterable[AnyRecord]) -> set[str]:
    """Of records that were written to: those on which something was found since an approval that stands whole again."""
    approved = {each.id: each.decision_id for each in records if each.state == "counted" and each.hint == LOOK}
    if not approved:
        return set()
    rows = session.execute(
        select(DecisionRow.id, DecisionRow.hints).where(one_of(DecisionRow.id, filter(None, approved.values())))
    )
    known = {id_: set(hints) for id_, hints in rows}
    found = _found(session, one_of(Hint.record_id, approved))
    return {id_ for id_, by in approved.items() if by in known and not known[by] >= found.get(id_, set())}


def _found(session: Session, where: ColumnElement[bool]) -> dict[str, set[str]]:
    """What is to be looked at, by record: the rule, and of a pair of photos the other record."""
    rows = select(Hint.record_id, Hint.rule, Hint.detail).join(Record, Record.id == Hint.record_id)
    found: dict[str, set[str]] = {}
    for id_, rule, detail in session.execute(rows.where(where, Hint.grade == LOOK)):
        others: list[Any] = detail.get("others", []) if rule == PAIRED else []
        found.setdefault(id_, set()).update([f"{rule}:{other}" for other in others] or [rule])
    return found
