"""Whom to call at a unit: those who record there first, then those who review."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import Membership, Officer
from server.services.units.scope import COORDINATOR, OFFICER, REVIEWER

_ORDER = (OFFICER, REVIEWER, COORDINATOR)


@dataclass(frozen=True, slots=True)
class UnitContact:
    """A person at a unit; `phone` as it was typed, possibly empty."""

    name: str
    phone: str


def of_units(session: Session, unit_ids: Iterable[str]) -> dict[str, list[UnitContact]]:
    """Return each unit's people who may sign in, in one statement."""
    query = (
        select(Membership.unit_id, Membership.role, Officer.id, Officer.name, Officer.phone)
        .join(Officer, Officer.id == Membership.officer_id)
        .where(Membership.unit_id.in_(list(unit_ids)), Membership.role.in_(_ORDER))
        .where(Membership.ended_at.is_(None), Officer.disabled_at.is_(None))
        .order_by(Officer.sort_key, Officer.id)
    )
    rows = sorted(session.execute(query), key=lambda row: _ORDER.index(row.role))  # stable: by name within a role
    found: dict[str, dict[str, UnitContact]] = {}
    for row in rows:
        found.setdefault(row.unit_id, {}).setdefault(row.id, UnitContact(row.name, row.phone))
    return {unit: list(people.values()) for unit, people in found.items()}
