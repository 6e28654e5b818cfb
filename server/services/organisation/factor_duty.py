"""Second factors of others: which roles require one, who still lacks it, and a lost one taken away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.models import Membership, Officer, SecondFactor, Unit
from server.services.access import accounts, required, second_factor
from server.services.access.desk_sessions import FACTOR_COUNTS
from server.services.organisation import managed_people
from server.services.units.scope import ROLES, Scope

LISTED: Final = 50


@dataclass(frozen=True, slots=True)
class RoleDuty:
    """One role: whether it requires a second factor, how many hold it, and how many of these lack one.

    `always`: it requires one whatever the setting says.
    """

    role: str
    required: bool
    holders: int
    lacking: int
    always: bool


@dataclass(frozen=True, slots=True)
class FactorDuties:
    """All roles, and the first fifty of those who must have a second factor and do not."""

    roles: list[RoleDuty]
    lacking: list[tuple[Officer, Unit]]


_LACKS = ~exists().where(SecondFactor.officer_id == Membership.officer_id, *FACTOR_COUNTS)


def duties(session: Session, scope: Scope) -> FactorDuties:
    """The state of the whole installation. Raises `forbidden` for anybody but its administrators."""
    _chiefs_only(scope)
    must = required.roles(session)
    rows = [
        RoleDuty(
            role,
            role in must,
            _count(session, _holders(role)),
            _count(session, _holders(role).where(_LACKS)),
            role in required.ALWAYS,
        )
        for role in ROLES
    ]
    late = (
        select(Officer, Unit)
        .join(Membership, Membership.officer_id == Officer.id)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(Membership.ended_at.is_(None), Officer.disabled_at.is_(None), Membership.role.in_(must), _LACKS)
        .order_by(Unit.sort_key, Officer.sort_key, Officer.id)
        .limit(LISTED)
    )
    return FactorDuties(rows, list(dict.fromkeys((officer, unit) for officer, unit in session.execute(late))))


def require(session: Session, scope: Scope, roles: Iterable[str]) -> None:
    """Require a second factor of these roles and no others. Raises Problem."""
    _chiefs_only(scope)
    required.require(session, roles, scope.officer_id)


def reset(session: Session, scope: Scope, officer_id: str) -> None:
    """Take a lost second factor away and sign the account out, so that a new one is set up. Raises Problem.

    For managers above all the account's units, and administrators at them; nobody does it for themselves.
    """
    officer = managed_people.managed(session, scope, officer_id)
    held = select(Membership.unit_id).where(Membership.officer_id == officer_id, Membership.ended_at.is_(None))
    if officer_id == scope.officer_id or not all(scope.may_reset(unit) for unit in session.scalars(held)):
        raise Problem("forbidden")
    second_factor.end(session, officer.id)
    accounts.end_sessions(session, officer.id)


def _holders(role: str) -> Select[str]:
    return (
        select(Membership.officer_id)
        .join(Officer, Officer.id == Membership.officer_id)
        .where(Membership.role == role, Membership.ended_at.is_(None), Officer.disabled_at.is_(None))
        .distinct()
    )


def _count(session: Session, query: Select[str]) -> int:
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def _chiefs_only(scope: Scope) -> None:
    if not scope.is_chief():
        raise Problem("forbidden")
