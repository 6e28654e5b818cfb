"""That an older copy took the database's place: told by `loa restore`, or noticed by a phone (SPEC B-1, B-2).

Every restore has a moment, which answers name and phones send back; so a phone that comes a month later does not
announce the same one anew.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.clock import now_ms
from server.models import Restoration
from server.problems import Problem
from server.services import purges, revocations, streams
from server.services.journal import Result
from server.services.scope import ADMIN, Scope

NOTICE_EVERY_MS = 10 * 60 * 1000
"""A restore makes every phone send again all that it keeps: a broken or hostile one must not ask that of them often."""

MADE_SINCE = ("unknown_unit", "unknown_campaign")


def latest(session: Session) -> int | None:
    """The moment of the last restore; None where there was none."""
    return session.scalar(select(func.max(Restoration.at)))


def is_news(last: int | None, phone_knows: int | None, *, gone: bool) -> bool:
    """True when this phone tells of a restore not known here.

    `gone`: it has a cursor that this database never gave out. That counts only from a phone that knows the last
    restore; another has simply not heard of it. One that knows a later restore than this database had it put back.
    """
    knows, here = phone_knows or 0, last or 0
    return here < knows <= now_ms() or (gone and knows == here)


def notice(session: Session, device_id: str, phone_knows: int | None, blobs: Blobs) -> int:
    """Note what this device gave away, unless it was noted a moment ago; the moment of the last restore."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        session.execute(text("LOCK TABLE restoration IN SHARE ROW EXCLUSIVE MODE"))
    last = latest(session)
    if last is not None and now_ms() - last < NOTICE_EVERY_MS:
        return last
    made = Restoration(at=max(now_ms(), (phone_knows or 0) + 1), noticed_by=device_id)
    session.add(made)
    session.flush()
    streams.skip_numbers(session)
    revocations.reapply(session)
    purges.reapply(session, blobs)
    return made.at


def tell(session: Session, taken_at: int, holds_until: int | None) -> None:
    """`loa restore` says it itself."""
    at = max(now_ms(), (latest(session) or 0) + 1)
    session.add(Restoration(at=at, taken_at=taken_at, holds_until=holds_until))
    session.flush()
    streams.skip_numbers(session)


def patient(session: Session, results: list[Result]) -> list[Result]:
    """After a restore a unit or campaign not held here may have come into being since the backup: the write waits."""
    if not any(result.code in MADE_SINCE for result in results) or latest(session) is None:
        return results
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
