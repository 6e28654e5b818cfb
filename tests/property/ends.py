"""What the hub holds when nobody has anything left to send, and what a phone must show then."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Self

from property.land import Land, Place
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import PhotoRef, Record, Stream, WriteRow
from server.services.records import late as late_service
from server.services.records.stored import as_write
from support.checks import truth
from support.clients.in_hand import sides_of
from support.clients.shipped import ShippedPhone
from sync.late import AFTER_DUE, Lines, marks
from sync.record import PURGED, State
from sync.write import Write


@dataclass(frozen=True)
class End:
    """Read off the set of all writes. By record: what it says, where it is, the decision in force."""

    says: dict[str, State]
    places: dict[str, Place]
    decided: dict[str, tuple[str | None, bool]]
    late: set[str]
    purged: set[str]

    @classmethod
    def of(cls, session: Session, land: Land) -> Self:
        """The hub against itself: whatever it keeps beside the writes is what the writes say."""
        streams = {stream.id: stream for stream in session.scalars(select(Stream).where(Stream.id.in_(land.streams())))}
        truth.check(session, streams)
        by_record: dict[str, list[WriteRow]] = defaultdict(list)
        for write in session.scalars(land.mine(select(WriteRow))):
            by_record[write.record_id].append(write)
        writes = {id_: [as_write(row) for row in rows] for id_, rows in by_record.items()}
        _check_photos(session, land, [write for each in writes.values() for write in each])
        rows = list(session.scalars(land.mine(select(Record))))
        purged = {row.id for row in rows if row.state == PURGED}
        rows = [row for row in rows if row.id not in purged]
        late = {row.id for row in rows if row.state != "draft" and _is_late(streams[row.stream_id], by_record[row.id])}
        marked = late_service.marks_of(session, rows)
        assert {id_ for id_, found in marked.items() if {*found} - {AFTER_DUE}} == late
        return cls(
            {row.id: State.of(writes[row.id]) for row in rows},
            {row.id: (streams[row.stream_id].unit_id, streams[row.stream_id].campaign_id) for row in rows},
            {row.id: (row.decision_id, row.state == "amended") for row in rows},
            late,
            purged,
        )

    def check(self, phone: ShippedPhone, told: set[Place], waiting: set[str]) -> None:
        """G4, C-3: the phone shows what the hub tells its officer, all of it and nothing else.

        `waiting`: records of which something waits on this phone, or was refused: none of those it is told.
        """
        assert phone.cursors.keys() == told, "C-3"
        here = {id_ for id_, place in self.places.items() if place in told}
        assert not here & waiting
        records = phone.records
        shown = {id_: sides_of(row) for id_, row in records.items() if id_ not in waiting}
        assert shown.keys() == here, "G4, L-10"
        assert _text(shown) == _text({id_: self.says[id_].all_sides for id_ in here}), "G4"
        assert {id_ for id_ in here if {*records[id_]["late"]} - {AFTER_DUE}} == self.late & here, "L-3"
        for id_ in here:
            said = records[id_]["decision"]
            assert (said and said["id"], bool(said and said["amended"])) == self.decided[id_], "X-13"


def _text(said: dict[str, Any]) -> str:
    return json.dumps(said, sort_keys=True)  # compared as text, for in Python True equals 1


def _is_late(stream: Stream, writes: list[WriteRow]) -> bool:
    """After the seal or after the end, by position."""
    return any(marks(write.position, 0, Lines(stream.sealed, stream.closed)) for write in writes)


def _check_photos(session: Session, land: Land, writes: list[Write]) -> None:
    """P-3: what stored writes name, and nothing else."""
    named = {
        (write.record, value["sha256"])
        for write in writes
        for value in write.set.values()
        if isinstance(value, dict) and "sha256" in value
    }
    refs = session.scalars(land.mine(select(PhotoRef)).where(PhotoRef.role == "original"))
    assert {(ref.record_id, ref.sha256) for ref in refs} == named, "P-3"
