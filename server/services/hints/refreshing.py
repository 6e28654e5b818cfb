"""The job that makes hints anew: of each stream in which something was written since, whole.

They are stored, not computed when a page is drawn. A rule looks at all records of a unit, at other units and at earlier
years; a page of the queue has fifty records of several units, and 150 ms. The filter "cần xem" of a list needs them for
a whole province. A stream has some tens to hundreds of records, so making all of its hints anew costs less than
finding out which ones a write touches. Until the job has run, within a minute or two, a page shows what is known.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any, Final

from sqlalchemy import ColumnElement, String, bindparam, delete, select
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.bulk import insert_all, merge_all, one_of, one_of_parameter
from server.core.db import reading, writing
from server.models import Hint, HintChange, HintedStream, HintMark, PhotoRef, Record, Stream
from server.services.hints import (
    alike_rules,
    check_rules,
    facts,
    freshness,
    grades,
    photo_rules,
    stream_rules,
)
from server.services.hints.alike_rules import MarkChange
from server.services.hints.facts import StreamFacts
from server.services.hints.found import FoundHint
from server.services.hints.rules import RULES
from server.services.jobs import Attempt, Jobs
from server.services.likeness import asking, matches
from server.services.records import graded as graded_records
from server.services.records import readiness, streams

KIND: Final = "hints.refresh"
# Built once, and run on the connection: a small stream costs little but its statements.
_HERE: Final[ColumnElement[str]] = bindparam("stream", type_=String)
_GONE: Final = select(Record.id).where(Record.stream_id == _HERE, Record.hidden)
_MARKS: Final = select(HintMark.mark, HintMark.record_id).where(HintMark.stream_id == _HERE)
_UNMARKED: Final = delete(HintMark).where(HintMark.mark == bindparam("its"), HintMark.record_id == bindparam("record"))
_BEGAN: Final = select(HintedStream.stream_id, HintedStream.starts_on).where(
    one_of_parameter(HintedStream.stream_id, "streams")
)
_HINTS: Final = select(*Hint.__table__.columns).where(Hint.stream_id == _HERE)
_UNSAID: Final = delete(Hint).where(Hint.record_id == bindparam("record"), Hint.rule == bindparam("its"))
_WAITING: Final = select(Record.id).where(Record.stream_id == _HERE, asking.waits())
_CHANGES: Final = select(HintChange.changes).where(HintChange.stream_id == _HERE)
TOGETHER: Final = 8
"""Streams in one transaction: fewer commits, and pushes to these streams wait no longer than some 40 ms."""
ROUNDS: Final = 4
"""A stream may make others stale; what is left after so many rounds waits for the next job."""


def register(jobs: Jobs) -> None:
    """Make the job known; it runs soon after something was written."""
    jobs.register(KIND, refresh, due=is_due)


def is_due(session: Session) -> bool:
    """True if the hints of some stream are out of date."""
    return session.scalar(freshness.stale().limit(1)) is not None


def refresh(attempt: Attempt, _ids: Sequence[str]) -> None:
    """Make the hints of all streams that need it. It may be begun again at any point."""
    for _ in range(ROUNDS):
        with reading() as session:
            stale = list(session.scalars(freshness.stale().order_by(Stream.id)))
        if not stale:
            return
        for start in range(0, len(stale), TOGETHER):
            attempt.progress(start, len(stale))
            _streams(stale[start : start + TOGETHER])


def outdate_photos(session: Session, hashes: Collection[str]) -> None:
    """Have the hints of all streams with these photos made anew."""
    freshness.outdate(session, _with_photos(session, hashes))


def outdate_units(session: Session, units: Collection[str]) -> None:
    """Have the hints of these units' streams made anew: other units are above them, who may have logged the same."""
    freshness.outdate(session, session.scalars(select(Stream.id).where(one_of(Stream.unit_id, units))))


def erase(session: Session, records: Mapping[str, int], _blobs: Blobs) -> tuple[()]:
    """Before a purge: remove hints and marks of these records, and make anew those that others have because of them."""
    theirs = select(HintMark.mark).where(one_of(HintMark.record_id, records))
    photos = select(PhotoRef.sha256).where(one_of(PhotoRef.record_id, records))
    homes = (
        select(Record.stream_id).where(one_of(Record.id, records)),
        select(HintMark.stream_id).where(HintMark.mark.in_(theirs)),
        select(PhotoRef.stream_id).where(PhotoRef.sha256.in_(photos)),
    )
    found = {stream for query in homes for stream in session.scalars(query.distinct())}
    like = matches.of_photos(session, set(session.scalars(photos)))
    found |= _with_photos(session, {each.other for each in like})
    for table in (Hint, HintMark):
        session.execute(delete(table).where(one_of(table.record_id, records)))
    freshness.outdate(session, found)
    return ()


def _with_photos(session: Session, hashes: Collection[str]) -> set[str]:
    """Return the streams whose records name these photos."""
    return set(session.scalars(select(PhotoRef.stream_id).where(one_of(PhotoRef.sha256, hashes)).distinct()))


def _streams(ids: Iterable[str]) -> None:
    with reading() as session:  # one snapshot: what comes after it is counted, and makes the hints stale
        read = [facts.read(session, stream_id) for stream_id in ids]
        found = [(each, list(_found(session, each))) for each in read]
    with writing() as session:
        _store(session, found)


def _found(session: Session, stream: StreamFacts) -> Iterator[FoundHint]:
    """Yield each hint once: of several of one rule on one record the first."""
    seen: set[tuple[str, str]] = set()
    photos = photo_rules.elsewhere(session, stream)
    looks = stream_rules.look(stream), alike_rules.look(session, stream)
    for each in chain(check_rules.look(stream, photos.same), photo_rules.look(stream, photos), *looks):
        if (each.record_id, each.rule) not in seen:
            seen.add((each.record_id, each.rule))
            yield each


def _store(session: Session, found: Collection[tuple[StreamFacts, Collection[FoundHint]]]) -> None:
    """Replace hints and marks of these streams. Others whose hints may follow from a mark that came or went are stale.

    A stream's hints and marks are written under its lock alone, as in a purge and where grades are set. Grades are read
    behind it. The marks of all come first: one of these streams may touch another.
    """
    locked = streams.lock(session, [stream.stream_id for stream, _ in found])
    here = [(stream, hints) for stream, hints in found if stream.stream_id in locked]
    gone = {
        stream.stream_id: set(session.connection().scalars(_GONE, {"stream": stream.stream_id})) for stream, _ in here
    }
    hinted = session.connection().execute(_BEGAN, {"streams": [stream.stream_id for stream, _ in here]})
    began = {row.stream_id: row.starts_on for row in hinted}
    changes = [_mark(session, stream, gone[stream.stream_id], began.get(stream.stream_id)) for stream, _ in here]
    freshness.outdate(session, alike_rules.touched(session, changes))
    graded = {
        campaign: grades.of_campaign(session, campaign) for campaign in {stream.campaign_id for stream, _ in here}
    }
    for stream, hints in here:
        rows = [
            {
                "record_id": each.record_id,
                "rule": each.rule,
                "stream_id": stream.stream_id,
                "grade": graded[stream.campaign_id].get(each.rule, RULES[each.rule]),
                "hits": each.hits,
                "detail": dict(each.detail),
            }
            for each in hints
            if each.record_id not in gone[stream.stream_id]
        ]
        _put(session, stream.stream_id, rows)
        worst = grades.worst((str(row["record_id"]), str(row["grade"])) for row in rows)
        graded_records.grade(session, stream.stream_id, worst)
        _check_off(session, stream)
    lines = [
        {
            "stream_id": stream.stream_id,
            "written": stream.written,
            "starts_on": stream.starts_on,
            "ends_on": stream.ends_on,
            "changes": stream.changes,
        }
        for stream, _ in here
    ]
    merge_all(session, HintedStream, lines)


def _mark(session: Session, stream: StreamFacts, gone: Collection[str], began: date | None) -> MarkChange:
    """Replace the marks of a stream. `began`: the first day of its campaign when its hints were made before."""
    connection, here = session.connection(), {"stream": stream.stream_id}
    marked = {record.id: alike_rules.marks(record) for record in stream.records if record.id not in gone}
    own = {(mark, id_) for id_, marks in marked.items() for mark in marks.values()}
    before = {(mark, record) for mark, record in connection.execute(_MARKS, here)}
    came, left = own - before, before - own
    if left:
        connection.execute(_UNMARKED, [{"its": mark, "record": record} for mark, record in sorted(left)])
    insert_all(
        session,
        HintMark,
        [{"mark": mark, "record_id": record, "stream_id": stream.stream_id} for mark, record in sorted(came)],
    )
    return MarkChange(stream, marked, came, left, began not in (None, stream.starts_on))


def _put(session: Session, stream_id: str, rows: list[dict[str, Any]]) -> None:
    """Store the hints of a stream, all of them: only what differs from what is stored is written."""
    connection = session.connection()
    there = connection.execute(_HINTS, {"stream": stream_id}).mappings()
    stored = {(row["record_id"], row["rule"]): _said(row) for row in there}
    new = {(row["record_id"], row["rule"]): row for row in rows}
    changed = [row for at, row in new.items() if stored.get(at) != _said(row)]
    over = sorted(at for at in stored if at not in new or stored[at] != _said(new[at]))
    if over:
        connection.execute(_UNSAID, [{"record": record, "its": rule} for record, rule in over])
    insert_all(session, Hint, changed)


def _said(row: Any) -> tuple[str, int, str]:
    return row["grade"], row["hits"], json.dumps(row["detail"], sort_keys=True)


def _check_off(session: Session, stream: StreamFacts) -> None:
    """Note which records these hints have seen whole (records/readiness.py).

    A photo that came since the snapshot waits to be compared, or was compared and counted as a change: that is read
    behind it, so that no photo is in neither.
    """
    connection, here = session.connection(), {"stream": stream.stream_id}
    waiting = set(connection.scalars(_WAITING, here))
    counted = connection.scalar(_CHANGES, here) or 0
    readiness.check_off(session, stream.stream_id, stream.written, waiting, whole=counted == stream.changes)
