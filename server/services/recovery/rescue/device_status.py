"""Who may hand in a device's file, and whether its writes are taken without review (SPEC R-7, R-9)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.problem_details import refuse_if, required
from server.models import Device, Membership, Officer, Rescue
from server.services.units.scope import ADMIN, COORDINATOR, REVIEWER, Scope


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """The standing of a file's device; `author_id` is None if this database does not know it."""

    device_id: str
    author_id: str | None
    held: bool


def of(session: Session, scope: Scope, device_id: str) -> DeviceStatus:
    """The standing of this device's file if this person hands it in. Raises Problem."""
    device = session.get(Device, device_id)
    if device is None:
        refuse_if(not scope.has_role(REVIEWER, COORDINATOR, ADMIN), "rescue_foreign")
        return DeviceStatus(device_id, None, held=True)
    officer = session.get_one(Officer, device.officer_id)
    managed = manages(session, scope, officer.id)
    refuse_if(
        not managed and officer.id != scope.officer_id and not _are_colleagues(session, scope, officer.id),
        "rescue_elsewhere",
    )
    held = is_shut_out(session, device)
    refuse_if(held and not managed, "rescue_revoked")
    return DeviceStatus(device_id, officer.id, held)


def _are_colleagues(session: Session, scope: Scope, officer_id: str) -> bool:
    """True if both write for one unit today: a colleague's phone is broken, and the file comes by Zalo (R-7)."""
    units = select(Membership.unit_id).where(Membership.officer_id == officer_id, Membership.ended_at.is_(None))
    return any(scope.is_member(unit) for unit in session.scalars(units))


def is_shut_out(session: Session, device: Device) -> bool:
    """True for a revoked device, or one of a disabled account."""
    officer = session.get_one(Officer, device.officer_id)
    return device.revoked_at is not None or officer.disabled_at is not None


def manages(session: Session, scope: Scope, officer_id: str | None) -> bool:
    """True if this person manages a unit of the officer, past or present; for an unknown officer, any unit."""
    if officer_id is None:
        return scope.has_role(REVIEWER, COORDINATOR, ADMIN)
    units = session.scalars(select(Membership.unit_id).where(Membership.officer_id == officer_id).distinct())
    return any(scope.may_manage(unit) for unit in units)


def row(session: Session, scope: Scope, rescue_id: str) -> Rescue:
    """A file that was handed in, for that person and for managers of its author. Raises Problem `not_found`."""
    found = required(session.get(Rescue, rescue_id))
    if found.held:
        mine = manages(session, scope, found.author_id)
    else:
        mine = found.officer_id == scope.officer_id or manages(session, scope, found.author_id)
    refuse_if(not mine, "not_found")
    return found
