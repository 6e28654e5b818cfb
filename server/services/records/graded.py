"""The worst grade of a record's hints, kept beside the record, in its row of lists and in the counts.

So a list of a million is narrowed to what is to be looked at, and counted, as to any state.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from server.core.bulk import one_of, one_of_parameter
from server.models import Record, RecordListing
from server.services.records.projection import Alike, Counts

_QUIETLY = {"synchronize_session": False}
_CONCERNED = select(Record.id, Record.kind, Record.state, Record.bucket, Record.conflicted, Record.hint).where(
    Record.stream_id == bindparam("stream"), or_(Record.hint.is_not(None), one_of_parameter(Record.id, "hit"))
)


def grade(session: Session, stream_id: str, worst: Mapping[str, str]) -> None:
    """Have the records of a stream graded as in `worst`; those that it does not name have no hint, nor have acts.

    The caller holds the stream's lock, and no record of it in the session.
    """
    counts, changed = Counts(), dict[str | None, list[str]]()
    for record in session.connection().execute(_CONCERNED, {"stream": stream_id, "hit": list(worst)}):
        new = worst.get(record.id)
        if new != record.hint:
            was = Alike(record.kind, record.state, record.bucket or "", record.conflicted, record.hint or "")
            counts.move(stream_id, was, was._replace(hint=new or ""))
            changed.setdefault(new, []).append(record.id)
    for new, ids in changed.items():
        for table, key in ((Record, Record.id), (RecordListing, RecordListing.record_id)):
            here = update(table).where(one_of(key, ids)).values(hint=new)
            session.execute(here, execution_options=_QUIETLY)
    counts.save(session)
