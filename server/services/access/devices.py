"""Devices and their tokens."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import BigInteger, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from server.core.clock import new_id, now_ms
from server.core.problem_details import Problem
from server.core.secrets_at_rest import new_token, token_hash
from server.models import Device, Membership, Officer
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.units.scope import HeldRole

HOUR_MS = 60 * 60 * 1000
DAY_MS = 24 * HOUR_MS
_MARKS = "ABCDEGHKLMNPQRSTVXY"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A new device, with its token, which is shown only this once."""

    device: Device
    token: str


def add_device(session: Session, officer_id: str, label: str, *, script: bool = False) -> Enrolled:
    """Add a device of an officer; `script`: it is a program that uses the API.

    The officer is notified of a program, as of a phone that enrolled with a code (people.py).
    """
    token, now = new_token(), now_ms()
    device = Device(
        id=new_id(),
        officer_id=officer_id,
        label=label[:200],
        mark=secrets.choice(_MARKS) + str(secrets.randbelow(10)),
        token_hash=token_hash(token),
        script=script,
        created_at=now,
        seen_at=now,
        confirmed_at=None if script else now,
    )
    session.add(device)
    session.flush()
    if script:  # a phone comes in by a code, which has its own line
        log.append(session, Act.DEVICE_ADDED, ("device", device.id), new={"officer": officer_id})
    return Enrolled(device, token)


_DEVICE_OF = (
    select(Device)
    .join(Officer, Officer.id == Device.officer_id)
    .where(Device.token_hash == bindparam("token_hash"), Device.revoked_at.is_(None), Officer.disabled_at.is_(None))
)


_CALLER = _DEVICE_OF.add_columns(Membership.unit_id, Membership.role, Membership.ended_at).outerjoin(
    Membership,
    and_(
        Membership.officer_id == Device.officer_id,
        or_(Membership.ended_at.is_(None), Membership.ended_at > bindparam("after", type_=BigInteger)),
    ),
)


def caller_of(session: Session, token: str, after: int) -> tuple[Device, tuple[HeldRole, ...]] | None:
    """The device with this token, and its officer's roles, also those that ended `after` (ms)."""
    rows = session.execute(_CALLER, {"token_hash": token_hash(token), "after": after}).all()
    roles = tuple((unit, role, ended_at) for _, unit, role, ended_at in rows if unit is not None)
    return (rows[0][0], roles) if rows else None


def device_of(session: Session, token: str) -> Device | None:
    """The device with this token; None if it was revoked or its officer disabled."""
    return session.scalar(_DEVICE_OF, {"token_hash": token_hash(token)})


def is_idle(seen_at: int, idle_ms: int) -> bool:
    """True if a device was not heard of for so long that it enrols again (SPEC X-44).

    Only its last contact says so: it stays as it is while the device hands in its outbox. So a server whose clock was
    wrong for a day, or that gets a longer limit, takes such a device back by itself.
    """
    return seen_at < now_ms() - idle_ms


_STANDS = (
    select(Device.replaced_at)
    .join(Officer, Officer.id == Device.officer_id)
    .where(Device.id == bindparam("device"), Device.revoked_at.is_(None), Officer.disabled_at.is_(None))
)


def is_replaced(session: Session, device_id: str) -> bool:
    """True if the device was replaced since it was authenticated. Raises `unauthenticated` if it was revoked since."""
    row = session.execute(_STANDS, {"device": device_id}).first()
    if row is None:
        raise shut_out()
    return row.replaced_at is not None


def shut_out() -> Problem:
    """The answer to an invalid token; a client keeps its outbox then (SPEC W-7)."""
    return Problem("unauthenticated")
