"""Second factors of others: which roles require one, who still lacks it, and a lost one taken away."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from server.core.paging import ListPage, page_of
from server.core.problem_details import refuse_if
from server.models import Membership, Officer, SecondFactor, Unit
from server.services.access import accounts, second_factor
from server.services.access.desk_sessions import FACTOR_COUNTS
from server.services.organisation import people
from server.services.units.scope import ROLES, Scope

PAGE: Final = 50


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
    """All roles, and a page of those who must have a second factor and do not, each with the units where they must."""

    roles: list[RoleDuty]
    lacking: ListPage[tuple[Officer, list[Unit]]]


_LACKS = ~exists().where(SecondFactor.officer_id == Membership.officer_id, *FACTOR_COUNTS)


def duties(session: Session, scope: Scope, page: int = 1) -> FactorDuties:
    """The state of the whole installation. Raises `forbidden` for anybody but its administrators."""
    _chiefs_only(scope)
    must = second_factor.roles(session)
    rows = [
        RoleDuty(
            role,
            role in must,
            _count(session, _holders(role)),
            _count(session, _holders(role).where(_LACKS)),
            role in second_factor.ALWAYS,
        )
        for role in ROLES
    ]
    return FactorDuties(rows, _lacking(session, must, page))


def _lacking(session: Session, must: Collection[str], page: int) -> ListPage[tuple[Officer, list[Unit]]]:
    """A page of people: somebody with several roles is one of them."""
    held = Membership.ended_at.is_(None), Membership.role.in_(must)
    first = (
        select(Membership.officer_id, func.min(Unit.sort_key).label("place"))
        .join(Unit, Unit.id == Membership.unit_id)
        .where(*held, _LACKS)
        .group_by(Membership.officer_id)
        .subquery()
    )
    late = select(Officer).join(first, first.c.officer_id == Officer.id).where(Officer.disabled_at.is_(None))
    found = page_of(session, late.order_by(first.c.place, Officer.sort_key, Officer.id), page, PAGE)
    officers: list[Officer] = [row[0] for row in found.rows]
    units: dict[str, dict[str, Unit]] = {}
    theirs = select(Membership.officer_id, Unit).join(Unit, Unit.id == Membership.unit_id)
    theirs = theirs.where(*held, Membership.officer_id.in_([officer.id for officer in officers]))
    for officer_id, unit in session.execute(theirs.order_by(Unit.sort_key, Unit.id)):
        units.setdefault(officer_id, {})[unit.id] = unit
    return found.showing([(officer, list(units[officer.id].values())) for officer in officers])


def require(session: Session, scope: Scope, roles: Iterable[str]) -> None:
    """Require a second factor of these roles and no others. Raises Problem."""
    _chiefs_only(scope)
    second_factor.require(session, roles, scope.officer_id)


def reset(session: Session, scope: Scope, officer_id: str) -> None:
    """Take a lost second factor away and sign the account out, so that a new one is set up. Raises Problem.

    For managers above all the account's units, and administrators at them; nobody does it for themselves.
    """
    officer = people.managed(session, scope, officer_id)
    held = select(Membership.unit_id).where(Membership.officer_id == officer_id, Membership.ended_at.is_(None))
    refuse_if(
        officer_id == scope.officer_id or not all(scope.may_reset(unit) for unit in session.scalars(held)), "forbidden"
    )
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
    refuse_if(not scope.is_chief(), "forbidden")
