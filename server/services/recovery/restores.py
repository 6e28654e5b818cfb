"""Restores: an older copy replaced the database, as `loa restore` reported or a proof shows (SPEC B-1, B-2).

Every restore has a moment, which answers name and clients send back. So a client that comes a month later does not
report the same one again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, case, func, select, text
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.clock import now_ms
from server.core.points import Point
from server.core.problem_details import refuse_if
from server.models import Restoration
from server.models.continuity import BY_START
from server.services.audit import log as audit_log
from server.services.audit.acts import Act
from server.services.continuity import marks, revocations
from server.services.continuity.marks import Last, Looked, WireMark
from server.services.records import opening
from server.services.records.stored import Result
from server.services.records.streams import Cursor
from server.services.recovery import purges
from server.services.units.scope import Scope

log = logging.getLogger(__name__)

AFTER: Final[Point[Callable[[Session, Path | None], None]]] = Point()
"""What capabilities do when an older database came back, in the transaction that notes it. The path: revocations.py."""
MAY_PASS = ("unknown_unit", "unknown_campaign", "too_many_sides")
"""Refusals that writes of other clients may lift: a write that settled the sides may still be on its way."""


@dataclass(frozen=True, slots=True)
class PhoneKnows:
    """What a client sends that may prove a restore, besides cursors: the last restore it knows of, and a mark."""

    restored: int | None
    mark: WireMark | None


def proof(
    found: Looked, file: Last | None, phone: PhoneKnows, unknown: Sequence[Cursor], keys: Sequence[bytes]
) -> int | None:
    """If an unknown restore is proven, return the moment that it is later than; else None.

    The proof is a mark of this host's `file` or of the client that the database lacks, or an `unknown` cursor. What a
    client sends must have been issued by this server since its last restore, or since a later one that the client
    names; a mark issued since a later one proves that one forgotten. Anything older only shows that the client has not
    heard of the last restore.
    """
    if found.put_back and file is not None:
        return file.restored
    here = found.restored or 0
    for epoch in {here, max(here, phone.restored or 0)}:
        if (found.lacks or epoch > here) and phone.mark is not None and phone.mark.is_genuine(keys, epoch):
            return epoch
        if any(cursor.is_genuine(keys, epoch) for cursor in unknown):
            return epoch
    return None


def notice(session: Session, by: str, blobs: Blobs, *, seen: int | None, after: int) -> int | None:
    """Note a proven restore, unless another request just did. Returns the moment of the last one.

    `seen`: the last one when it was proven. `after`: the new one is later than this, too.
    """
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        session.execute(text("LOCK TABLE restoration IN SHARE ROW EXCLUSIVE MODE"))
    last = marks.latest(session)
    if last != seen:
        return last
    made = Restoration(at=max(now_ms(), after + 1, (last or 0) + 1), noticed_by=by)
    revocations.reapply(session)  # what follows a restore sees it: which holders lost the key, which rights ended
    _add(session, made)
    purges.reapply(session, blobs)
    return made.at


def notice_at_start(session: Session, said: Last | None, blobs: Blobs) -> None:
    """Note a restore that happened while nothing ran. `said`: read before the transaction began."""
    found = marks.look(session, said)
    if said is not None and found.put_back:
        notice(session, BY_START, blobs, seen=found.restored, after=said.restored)


def tell(
    session: Session, taken_at: int, holds_until: int | None, at: int | None = None, path: Path | None = None
) -> None:
    """Note a restore on behalf of `loa restore`.

    `at`: its moment, the same if it was cut short and begun again. `path`: as in revocations.py.
    """
    at = max(at or now_ms(), (marks.latest(session) or 0) + 1)
    _add(session, Restoration(at=at, taken_at=taken_at, holds_until=holds_until), path)


def _add(session: Session, made: Restoration, path: Path | None = None) -> None:
    """B-14: leave gaps in numbers also for forgotten restores, behind which numbers were given. Then remember them."""
    forgotten = revocations.restores(session, path) - {made.at, *session.scalars(select(Restoration.at))}
    made.at = max([made.at, *(at + 1 for at in forgotten)])
    audit_log.append(session, Act.RESTORED, ("restore", str(made.at)))
    for _, after in AFTER.named():
        after(session, path)
    session.add_all([made, *(Restoration(at=at) for at in sorted(forgotten))])
    session.flush()
    marks.renew(session)
    opening.skip_numbers(session, len(forgotten))
    line = {"at": made.at, "what": revocations.RESTORE, "id": str(made.at), "ended": True}
    if path is None:
        revocations.note(session, line)
    else:
        revocations.append(path, [line])


def patient(session: Session, writes: Sequence[Any], results: list[Result]) -> list[Result]:
    """After a restore, turn refusals that may pass into `later`: what the write needs may come back (B-7).

    Or it may be made again. No table can hold the id of a missing unit, so the log has it for `loa unit add --id`.
    """
    if not any(result.code in MAY_PASS for result in results) or not marks.lately(session):
        return results
    lost = {str(each["unit"]) for each, of in zip(writes, results, strict=True) if of.code == "unknown_unit"}
    for unit in sorted(lost):
        log.warning("a phone waits with records of a unit that is not here: loa unit add --id %s", unit)
    return [replace(result, result="later") if result.code in MAY_PASS else result for result in results]


UNCONFIRMED: Final = 2
ANY: Final[ColumnElement[int]] = select(
    func.max(case((Restoration.confirmed_at.is_(None), UNCONFIRMED), else_=1))
).scalar_subquery()
"""Nothing where there was no restore; UNCONFIRMED while one is not confirmed; else 1."""


def unconfirmed(session: Session) -> Restoration | None:
    """The last restore, until an administrator confirms that people know of it."""
    query = select(Restoration).where(Restoration.confirmed_at.is_(None)).order_by(Restoration.at.desc())
    return session.scalars(query.limit(1)).first()


def all_of_them(session: Session) -> list[Restoration]:
    """Every restore, the last one first."""
    return list(session.scalars(select(Restoration).order_by(Restoration.at.desc())))


def confirm(session: Session, scope: Scope, at: int) -> None:
    """Confirm that all concerned know of this restore and earlier ones.

    Raises Problem for others than administrators of the top unit: it concerns the whole installation.
    """
    refuse_if(not scope.is_chief(), "forbidden")
    open_ones = select(Restoration).where(Restoration.at <= at, Restoration.confirmed_at.is_(None))
    for row in session.scalars(open_ones):
        row.confirmed_at, row.confirmed_by = now_ms(), scope.officer_id
        audit_log.append(session, Act.RESTORE_CONFIRMED, ("restore", str(row.at)))
    session.flush()
