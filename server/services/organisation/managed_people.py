"""Accounts whose units somebody manages: find them, make codes for them, revoke their devices."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.core.keyring import Keyring
from server.core.problem_details import Problem
from server.models import Device, Membership, Officer
from server.services.access import codes
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.units.scope import Scope
from sync.protocol import CODE_DAYS


def managed(session: Session, scope: Scope, officer_id: str, *, disabled: bool = False) -> Officer:
    """The officer, if all their units are managed. Raises `not_found` for one out of sight, else `forbidden`.

    `disabled`: an account that was shut out will do, too.
    """
    return all_managed(session, scope, [officer_id], disabled=disabled)[0]


def all_managed(session: Session, scope: Scope, officer_ids: Iterable[str], *, disabled: bool = False) -> list[Officer]:
    """These officers in their order, as `managed` returns each; three statements, however many."""
    ids = list(officer_ids)
    officers = {row.id: row for row in session.scalars(select(Officer).where(Officer.id.in_(ids)))}
    held = select(Membership.officer_id, Membership.unit_id).where(Membership.officer_id.in_(ids))
    units: dict[str, list[str]] = {id_: [] for id_ in ids}
    for officer_id, unit_id in session.execute(held.where(Membership.ended_at.is_(None))):
        units[officer_id].append(unit_id)
    scope.read_chains({unit for theirs in units.values() for unit in theirs})
    for id_ in ids:
        if id_ not in officers or not any(scope.may_see(unit) for unit in units[id_]):
            raise Problem("not_found")
        is_shut = officers[id_].disabled_at is not None and not disabled
        if is_shut or not all(scope.may_manage(unit) for unit in units[id_]):
            raise Problem("forbidden")
    return [officers[id_] for id_ in ids]


def make_code(session: Session, scope: Scope, officer_id: str, keyring: Keyring, days: int = CODE_DAYS) -> str:
    """Make an enrolment code for an officer. All the officer's units must be managed, as a code opens each of them."""
    return codes.make_code(session, managed(session, scope, officer_id).id, scope.officer_id, keyring, days)


def revoke(session: Session, scope: Scope, device_id: str) -> Device:
    """Revoke the device. What it sent stays."""
    device = session.get(Device, device_id)
    if device is None:
        raise Problem("not_found")
    managed(session, scope, device.officer_id)
    if device.revoked_at is None:
        device.revoked_at = now_ms()
        log.append(session, Act.DEVICE_REVOKED, ("device", device.id), new={"officer": device.officer_id})
    session.flush()
    return device
