"""Versions of lines: what was uploaded, what of it holds, and the act that takes it over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core.clock import local, new_id, now_ms
from server.core.db import add_now
from server.core.paging import ListPage, page_of
from server.core.problem_details import refuse_if, required
from server.models import Officer, RegimeVersion
from server.models.installation import lock_catalog
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.checklist.regimes import LineVersion
from server.services.units.scope import Scope

PAGE: Final = 50


def in_force(session: Session) -> list[LineVersion]:
    """Return the lines of all versions that were taken over, in that order."""
    taken = select(RegimeVersion).where(RegimeVersion.number.is_not(None)).order_by(RegimeVersion.number)
    return [line for row in session.scalars(taken) for line in lines_of(row)]


def newest(session: Session) -> str:
    """Return the id of the version that was taken over last, or "". It changes with all that `in_force` returns."""
    taken = select(RegimeVersion.id).where(RegimeVersion.number.is_not(None))
    return session.scalar(taken.order_by(RegimeVersion.number.desc()).limit(1)) or ""


def sent(line: LineVersion) -> dict[str, Any]:
    """Return a line as clients get it: days as `2021-07-30`."""
    days = {"since": line.since, "until": line.until, "taken": line.taken}
    return {"law": line.law, "kind": line.kind, "row": line.row} | {name: day.isoformat() for name, day in days.items()}


def lines_of(row: RegimeVersion) -> list[LineVersion]:
    """Return the lines of one version."""
    day = local(row.taken_at or row.at).date()
    return [
        LineVersion(
            each["law"], each["kind"], date.fromisoformat(each["from"]), date.fromisoformat(each["to"]),
            each["row"], day,
        )
        for each in row.lines
    ]  # fmt: skip


def draft(session: Session, scope: Scope, lines: Sequence[dict[str, Any]], sha256: str) -> RegimeVersion:
    """Store a version as a dry run: nothing follows it yet. `lines`: as uploading.read made them."""
    _only_chiefs(scope)
    return add_now(
        session,
        RegimeVersion(
            id=new_id(), number=None, officer_id=scope.officer_id, at=now_ms(), sha256=sha256, lines=list(lines)
        ),
    )


def get(session: Session, scope: Scope, id_: str) -> RegimeVersion:
    """Return a version, for an administrator of the whole installation; else Problem `not_found`."""
    _only_chiefs(scope)
    return required(session.get(RegimeVersion, id_))


def take(session: Session, scope: Scope, id_: str) -> RegimeVersion:
    """Take a version over; a second time does nothing. It is never altered: a later one corrects it."""
    lock_catalog(session)
    row = get(session, scope, id_)
    if row.number is not None:
        return row
    row.number = (session.scalar(select(func.max(RegimeVersion.number))) or 0) + 1
    row.taken_at = now_ms()
    session.flush()
    log.append(session, Act.REGIMES_TAKEN, ("file", row.id), new={"amount": len(row.lines), "hash": row.sha256[:32]})
    return row


def listed(session: Session, page: int = 1) -> ListPage[tuple[RegimeVersion, str]]:
    """Return a page of the versions that were taken over with the name of who did it, the newest first."""
    rows = select(RegimeVersion, Officer.name).join(Officer, Officer.id == RegimeVersion.officer_id)
    taken = rows.where(RegimeVersion.number.is_not(None)).order_by(RegimeVersion.number.desc())
    return page_of(session, taken, page, PAGE).map(lambda found: (found[0], found[1]))


def _only_chiefs(scope: Scope) -> None:
    refuse_if(not scope.is_chief(), "not_found")
