"""That an older copy took the database's place: told by `loa restore`, or noticed by a phone (SPEC B-1, B-2).

Every restore has a moment, which answers name and phones send back; so a phone that comes a month later does not
announce the same one anew.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.clock import now_ms
from server.models import Restoration
from server.problems import Problem
from server.services import purges, revocations, streams
from server.services.journal import Result
from server.services.scope import ADMIN, Scope

log = logging.getLogger(__name__)

NOTICE_EVERY_MS = 10 * 60 * 1000
"""A restore makes every phone send again all that it keeps: a broken or hostile one must not ask that of them often."""
BY_ONE_EVERY_MS = 24 * 60 * 60 * 1000
"""Nor one device time and again, where all others find nothing amiss."""

MADE_SINCE = ("unknown_unit", "unknown_campaign")
PATIENCE_MS = 30 * 24 * 3600 * 1000
"""As long as phones keep what was stored (H-2): what was not made again until then is not made again."""


def latest(session: Session) -> int | None:
    """The moment of the last restore; None where there was none."""
    return session.scalar(select(func.max(Restoration.at)))


def lately(session: Session) -> bool:
    """True while what was made since the backup may still be made again."""
    return now_ms() - (latest(session) or 0) <= PATIENCE_MS


def is_news(last: int | None, phone_knows: int | None, *, gone: bool) -> bool:
    """True when this phone tells of a restore not known here.

    `gone`: it has a cursor that this database never gave out. That counts only from a phone that knows the last
    restore; another has simply not heard of it. One that knows a later restore than this database had it put back.
    """
    knows, here = phone_knows or 0, last or 0
    return here < knows <= now_ms() or (gone and knows == here)


def notice(session: Session, device_id: str, phone_knows: int | None, blobs: Blobs) -> int | None:
    """Note what this device gave away, unless one was noted a moment ago; the moment of the last restore, if any."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        session.execute(text("LOCK TABLE restoration IN SHARE ROW EXCLUSIVE MODE"))
    last = latest(session)
    by_it = session.scalar(select(func.max(Restoration.at)).where(Restoration.noticed_by == device_id))
    if now_ms() - (last or 0) < NOTICE_EVERY_MS or now_ms() - (by_it or 0) < BY_ONE_EVERY_MS:
        return last
    made = Restoration(at=max(now_ms(), (phone_knows or 0) + 1), noticed_by=device_id)
    _add(session, made)
    revocations.reapply(session)
    purges.reapply(session, blobs)
    return made.at


def tell(
    session: Session, taken_at: int, holds_until: int | None, at: int | None = None, path: Path | None = None
) -> None:
    """`loa restore` says it itself.

    `at`: its moment, the same where it was cut short and begun again. `path`: as in revocations.py.
    """
    at = max(at or now_ms(), (latest(session) or 0) + 1)
    _add(session, Restoration(at=at, taken_at=taken_at, holds_until=holds_until), path)


def _add(session: Session, made: Restoration, path: Path | None = None) -> None:
    """B-8: numbers were given behind the gaps of restores that this database does not remember, too. Now it does."""
    forgotten = revocations.restores(session, path) - {made.at, *session.scalars(select(Restoration.at))}
    made.at = max([made.at, *(at + 1 for at in forgotten)])
    session.add_all([made, *(Restoration(at=at) for at in sorted(forgotten))])
    session.flush()
    streams.skip_numbers(session, len(forgotten))
    line = {"at": made.at, "what": revocations.RESTORE, "id": str(made.at), "ended": True}
    if path is None:
        revocations.note(session, line)
    else:
        revocations.append(path, [line])


def patient(session: Session, writes: Sequence[Any], results: list[Result]) -> list[Result]:
    """After a restore a unit or campaign not held here may have come into being since the backup: the write waits.

    No table can hold the id of a unit that is not there, so the log has it for `loa unit add --id` (B-7).
    """
    if not any(result.code in MADE_SINCE for result in results) or not lately(session):
        return results
    lost = {str(each["unit"]) for each, of in zip(writes, results, strict=True) if of.code == "unknown_unit"}
    for unit in sorted(lost):
        log.warning("a phone waits with records of a unit that is not here: loa unit add --id %s", unit)
    return [replace(result, result="later") if result.code in MADE_SINCE else result for result in results]


def unconfirmed(session: Session) -> Restoration | None:
    """The last restore, while no administrator has said that people know of it."""
    query = select(Restoration).where(Restoration.confirmed_at.is_(None)).order_by(Restoration.at.desc())
    return session.scalars(query.limit(1)).first()


def all_of_them(session: Session) -> list[Restoration]:
    """Every restore, the last one first."""
    return list(session.scalars(select(Restoration).order_by(Restoration.at.desc())))


def confirm(session: Session, scope: Scope, at: int) -> None:
    """An administrator has told whom it concerns: this restore and those before it. Raises Problem for anybody else."""
    if not scope.has_role(ADMIN):
        raise Problem("forbidden")
    open_ones = select(Restoration).where(Restoration.at <= at, Restoration.confirmed_at.is_(None))
    for row in session.scalars(open_ones):
        row.confirmed_at, row.confirmed_by = now_ms(), scope.officer_id
    session.flush()
