"""Roles whose holders need a second factor at the desk: a setting of the whole installation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.core.problem_details import Problem
from server.models import Absence, Membership, RequiredFactor
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.units import deputies
from server.services.units.scope import CONFIDENTIAL, REVIEWER, ROLES

ALWAYS = frozenset((CONFIDENTIAL,))
"""Roles that require one whatever the setting says (desk_sessions.py has the same)."""


def roles(session: Session) -> list[str]:
    """The roles that require one, from the lowest to the highest."""
    required = ALWAYS | set(session.scalars(select(RequiredFactor.role)))
    return [role for role in ROLES if role in required]


def require(session: Session, wanted: Iterable[str], by_id: str | None) -> None:
    """Require a second factor of these roles and of no others, at once. Raises Problem for an unknown role."""
    named = set(wanted)
    if not named <= set(ROLES):
        raise Problem("bad_request", "role")
    for row in session.scalars(select(RequiredFactor)):
        if row.role not in named:
            session.delete(row)
            log.append(session, Act.FACTOR_NOT_REQUIRED, old={"role": row.role})
    for role in sorted(named - set(roles(session)) - ALWAYS):
        session.add(RequiredFactor(role=role, since=now_ms(), by_id=by_id))
        log.append(session, Act.FACTOR_REQUIRED, new={"role": role})
    session.flush()


def is_required(session: Session, officer_id: str) -> bool:
    """True if the officer holds a role that requires one, or stands in for a reviewer where that role does."""
    held: Sequence[str] = session.scalars(
        select(Membership.role).where(Membership.officer_id == officer_id, Membership.ended_at.is_(None))
    ).all()
    meanwhile = deputies.standing_in(REVIEWER, now_ms()).where(Absence.deputy_id == officer_id)
    stands_in = {REVIEWER} if session.execute(meanwhile.limit(1)).first() else set[str]()
    return bool((set(held) | stands_in) & set(roles(session)))
