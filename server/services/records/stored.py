"""Stored writes in the form that the rules use (SPEC W-1)."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from server.models import WriteRow
from sync.write import Write

# Built once: building a statement costs as much as running it.
_WRITES_OF = (
    select(WriteRow).where(WriteRow.record_id.in_(bindparam("ids", expanding=True))).order_by(WriteRow.position)
)


def as_write(row: WriteRow) -> Write:
    """Convert a stored row to a Write."""
    return Write(id=row.id, at=row.at, record=row.record_id, set=row.set, seen=tuple(row.seen))


def writes_of(session: Session, record_ids: Iterable[str]) -> dict[str, list[WriteRow]]:
    """All stored writes of these records, in order of position."""
    found: dict[str, list[WriteRow]] = {id_: [] for id_ in record_ids}
    if found:
        for row in session.scalars(_WRITES_OF, {"ids": list(found)}):
            found[row.record_id].append(row)
    return found
