"""A holder whose access somebody else could have taken loses the case key, and all other holders see it.

Their copy, which their passphrase alone opens, is locked at once, and deleted when another holder opens the key: until
then it may be the last one.

A password that was reset, a second factor that was taken away, a confidential role that ended, a disabled account: what
an administrator does to an account makes nobody a holder. It follows from the audit log's line, in its transaction.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, String, bindparam, case, func, select
from sqlalchemy.orm import Session

from server.core.acting import ActorKind
from server.core.clock import now_ms
from server.models import AuditLine, CaseRight, KeyHolder, Officer
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.audit.chain import Entry
from server.services.keyholders import vault
from server.services.keyholders.vault import Vault
from server.services.units.roles import CONFIDENTIAL

WHY: Final = {
    Act.PASSWORD_REMOVED: "password",
    Act.PASSWORD_CHOSEN: "password",
    Act.SECOND_FACTOR_ENDED: "factor",
    Act.ROLE_ENDED: "role",
    Act.ACCOUNT_DISABLED: "account",
}
"""Acts by which others could have taken an account, and the word for each."""
SHOWN: Final = (
    Act.CASE_KEY_MADE, Act.KEY_HOLDER_WAITS, Act.KEY_HOLDER_ADMITTED, Act.KEY_HOLDER_LOST, Act.RECOVERY_SHEET_MADE,
    Act.RECOVERY_SHEET_USED,
)  # fmt: skip
"""What every holder gets to see of the others."""
MOST: Final = 50


@dataclass(frozen=True, slots=True)
class HolderEvent:
    """What happened to another holder. `why`: how they lost the key, else empty."""

    number: int
    at: int
    act: str
    name: str
    why: str


def watch(session: Session, entry: Entry) -> None:
    """Take the case key from whom an act of the audit log concerns, one of `WHY`."""
    why = WHY[entry.act]
    if entry.about[0] != "officer":
        return
    officer = entry.about[1]
    if entry.act is Act.ROLE_ENDED and json.loads(entry.old or "{}").get("role") != CONFIDENTIAL:
        return
    own = entry.by.kind is ActorKind.OFFICER and entry.by.id == officer
    if entry.act is Act.SECOND_FACTOR_ENDED and own:  # an authenticator replaced by its owner, who proved the old one
        return
    lose(session, officer, why)


def lose(session: Session, officer_id: str, why: str) -> None:
    """Lock a holder's copy of the case key; before there is one, end the right by which somebody would make it."""
    if vault.key(session) is None:
        given = (CaseRight.given_at.is_not(None), CaseRight.ended_at.is_(None))
        for right in session.scalars(select(CaseRight).where(CaseRight.officer_id == officer_id, *given)):
            right.ended_by, right.ended_at = "reset", now_ms()
            log.append(session, Act.CASE_RIGHT_ENDED, ("officer", officer_id), old={"unit": right.unit_id})
        return
    row = session.get(KeyHolder, officer_id)
    if row is None or row.lost_at is not None:
        return
    row.admitted_at, row.lost_at, row.lost_why = None, now_ms(), why
    vault.end_all(session, officer_id)
    session.flush()
    log.append(session, Act.KEY_HOLDER_LOST, ("officer", officer_id), new={"kind": why})


def forget_lost(session: Session, _opened: Vault) -> None:
    """Delete the copies of holders who lost the key: somebody has just opened another one."""
    for row in session.scalars(select(KeyHolder).where(KeyHolder.lost_at.is_not(None), KeyHolder.wrapped != "")):
        row.wrapped = ""
    session.flush()


_OFFICER: Final[ColumnElement[str]] = bindparam("officer", type_=String)
_SEEN = (
    select(KeyHolder.seen)
    .where(KeyHolder.officer_id == _OFFICER, KeyHolder.wrapped != "", KeyHolder.lost_at.is_(None))
    .scalar_subquery()
)
_LATER = (AuditLine.act.in_(SHOWN), AuditLine.number > _SEEN, AuditLine.about_id != _OFFICER)
"""Conditions: what happened to other holders since. Without the key nothing was seen, and nothing is later."""
_NEXT = select(AuditLine.number).where(*_LATER).limit(MOST).subquery()
EVENTS: Final[ColumnElement[int]] = case(
    (_SEEN.is_not(None), select(func.count()).select_from(_NEXT).scalar_subquery()), else_=0
)
"""How many `events` the officer of this parameter has."""


def events(session: Session, officer_id: str) -> list[HolderEvent]:
    """Return what happened to other holders since this one confirmed it last: the next few, the oldest first."""
    rows = select(AuditLine, Officer.name).outerjoin(Officer, Officer.id == AuditLine.about_id).where(*_LATER)
    return [
        HolderEvent(line.number, line.at, line.act, name or "", str(json.loads(line.new or "{}").get("kind", "")))
        for line, name in session.execute(rows.order_by(AuditLine.number).limit(MOST), {"officer": officer_id})
    ]


def confirm(session: Session, officer_id: str, number: int) -> None:
    """Note that a holder saw what happened, up to this line."""
    row = session.get(KeyHolder, officer_id)
    if row is not None:
        row.seen = max(row.seen, number)
