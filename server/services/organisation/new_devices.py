"""Devices that enrolled for an officer who has not yet confirmed them as their own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import BigInteger, ColumnElement, bindparam, exists, select
from sqlalchemy.orm import Session

from server.core.clock import DAY_MS, now_ms
from server.core.problem_details import refuse_if, required
from server.models import Device, Officer
from server.services.access.devices import ARE_NEW, are_new, new_device_parameters
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.records.authors import others_who_decide
from server.services.units.scope import Scope
from sync.protocol import CODE_MAKER_DAYS


@dataclass(frozen=True, slots=True)
class NewDevice:
    """A device that enrolled for an officer. `code_by`: name of the person who made its code; empty: the administrator.

    `contact`: whom to tell if it is a stranger's. A reviewer above, but never the maker of its code.
    """

    id: str
    label: str
    mark: str
    script: bool
    at: int
    code_by: str
    contact: Officer | None


_NEW = (  # built once and run on the connection, because every exchange asks it
    select(Device.id, Device.label, Device.mark, Device.script, Device.created_at, Device.code_by, Officer.name)
    .outerjoin(Officer, Officer.id == Device.code_by)
    .where(*ARE_NEW)
    .order_by(Device.created_at, Device.id)
)


HAS_UNCONFIRMED: Final[ColumnElement[bool]] = exists().where(
    *are_new(bindparam("now", type_=BigInteger) - CODE_MAKER_DAYS * DAY_MS)
)
"""Condition: `unconfirmed` has something for the officer. Parameters: `officer`, `now` (ms)."""


def unconfirmed(session: Session, officer_id: str, since: int = 0, but: str = "") -> list[NewDevice]:
    """Devices of the last 30 days, and after `since`, that this officer did not confirm."""
    found = []
    for row in session.connection().execute(_NEW, new_device_parameters(officer_id, since, but)):
        contact = _contact(session, officer_id, but=row.code_by)
        new = NewDevice(row.id, _short(row.label), row.mark, row.script, row.created_at, row.name or "", contact)
        found.append(new)
    return found


def _short(label: str) -> str:
    """The part of a browser's description that names the phone."""
    platform = re.search(r"\(([^)]+)\)", label)
    return platform[1] if platform and label.startswith("Mozilla/") else label


def _contact(session: Session, officer_id: str, but: str | None) -> Officer | None:
    scope = Scope(session, officer_id)
    units = scope.own_units() or scope.tops()
    others = others_who_decide(session, scope, units[0], {officer_id, but or ""}) if units else []
    return others[0] if others else None


def confirm_device(session: Session, officer_id: str, device_id: str) -> None:
    """Confirm that this device is the officer's own: nobody else counts as an author of what it writes (SPEC D-6)."""
    device = required(session.get(Device, device_id))
    refuse_if(device.officer_id != officer_id, "not_found")
    if device.confirmed_at is None:
        device.confirmed_at = now_ms()
        session.flush()
        log.append(session, Act.DEVICE_CONFIRMED, ("device", device.id))
