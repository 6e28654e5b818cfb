"""Accounts made and changed at the desk, by administrators of all the units where the person holds a role.

Reviewers who manage a unit's phones may not: a link to choose a password is a way to act in another's name, and they
would decide on what they wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.problem_details import refuse_if, required
from server.models import Device, Membership, Officer, Unit
from server.models.installation import lock_catalog
from server.services.access import accounts, welcome
from server.services.administration import person_form
from server.services.administration.roster_sheet import ROLE_WORDS
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.organisation import people, staff
from server.services.organisation.staff import NewOfficer
from server.services.units.scope import ADMIN, Scope
from sync.text import is_well_formed, normal

NAME_LENGTH: Final = 200


@dataclass(frozen=True, slots=True)
class AccountPage:
    """A person with units, roles and devices. `may_change`: the asking officer administers all these units."""

    officer: Officer
    roles: list[tuple[Unit, str]]
    devices: list[Device]
    may_change: bool
    is_self: bool


@dataclass(frozen=True, slots=True)
class TypedPerson:
    """A new account as it was typed. `unit`: an id."""

    name: str
    username: str
    unit: str
    role: str
    phone: str = ""


def add(session: Session, scope: Scope, typed: TypedPerson) -> Officer:
    """Make an account with its first role. Raises Problem `bad_request` with the field, `username_taken`."""
    refuse_if(not scope.has_role(ADMIN), "forbidden")
    lock_catalog(session)
    username = required(person_form.username(typed.username), "bad_request", "username")
    refuse_if(staff.find_officer(session, username) is not None, "username_taken", "username")
    unit = required(session.get(Unit, typed.unit), "bad_request", "unit")
    refuse_if(unit.merged_at is not None or not scope.may_administer(unit.id), "bad_request", "unit")
    refuse_if(typed.role not in ROLE_WORDS, "bad_request", "role")
    officer = staff.add_officer(session, NewOfficer(username, _name(typed.name), phone=_phone(typed.phone)))
    staff.give_role(session, officer.id, unit.id, typed.role)
    return officer


def page(session: Session, scope: Scope, officer_id: str) -> AccountPage:
    """Return what a manager sees of a person. Raises Problem as `people.managed` does."""
    officer = people.managed(session, scope, officer_id, disabled=True)
    held = (
        select(Unit, Membership.role)
        .join(Membership, Membership.unit_id == Unit.id)
        .where(Membership.officer_id == officer_id, Membership.ended_at.is_(None))
        .order_by(Unit.code, Membership.role)
    )
    roles = [(unit, role) for unit, role in session.execute(held)]
    devices = [device for device, _ in accounts.devices(session, officer_id)]
    is_self = officer_id == scope.officer_id
    may = not is_self and all(scope.may_administer(unit.id) for unit, _ in roles)
    return AccountPage(officer, roles, devices, may, is_self)


def change(session: Session, scope: Scope, officer_id: str, name: str, phone: str) -> None:
    """Rename a person and note their number. What they wrote shows the new name."""
    officer = _administered(session, scope, officer_id)
    new_name, new_phone = _name(name), _phone(phone)
    if (new_name, new_phone) == (officer.name, officer.phone):
        return
    lock_catalog(session)
    officer.name, officer.phone = new_name, new_phone
    session.flush()
    log.append(session, Act.ACCOUNT_CHANGED, ("officer", officer.id))


def disable(session: Session, scope: Scope, officer_id: str, *, undo: bool = False) -> None:
    """Shut the account out, at the desk and on every phone, or let it in again."""
    officer = _administered(session, scope, officer_id)
    if (officer.disabled_at is None) == undo:
        return
    accounts.disable(session, officer, undo=undo)


def make_link(session: Session, scope: Scope, officer_id: str) -> str:
    """Return the token of a one-time link to choose a password. The password of now serves until then."""
    officer = _administered(session, scope, officer_id)
    refuse_if(officer.disabled_at is not None, "forbidden")
    return welcome.make_welcome(session, officer.id)


def _administered(session: Session, scope: Scope, officer_id: str) -> Officer:
    found = page(session, scope, officer_id)
    refuse_if(not found.may_change, "forbidden")
    return found.officer


def _name(text: str) -> str:
    name = normal(" ".join(text.split()))
    refuse_if(not name or len(name) > NAME_LENGTH or not is_well_formed(name), "bad_request", "name")
    return name


def _phone(text: str) -> str:
    return required(person_form.phone(text), "bad_request", "phone")
