"""Account, device and campaign commands of an administrator in the shell, where no scope applies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from server.core.bulk import grouped
from server.core.clock import now_ms
from server.models import Campaign, DeskSession, Device, Membership, Officer, Unit, WelcomeLink
from server.models.installation import lock_catalog
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.units.roles import ADMIN


@dataclass(frozen=True, slots=True)
class ListedAccount:
    """An officer with the roles that have not ended, each with its unit."""

    officer: Officer
    roles: list[tuple[Unit, str]]


def unit_by_code(session: Session, code: str, on: date) -> Unit | None:
    """The unit with this code on this day: codes were reused in 2025."""
    in_force = (Unit.valid_from <= on, or_(Unit.valid_to.is_(None), Unit.valid_to >= on))
    query = select(Unit).where(Unit.code == code, *in_force).order_by(Unit.valid_from.desc())
    return session.scalars(query).first()


def accounts(session: Session) -> list[ListedAccount]:
    """All accounts by user name."""
    query = select(Membership, Unit).join(Unit, Unit.id == Membership.unit_id).where(Membership.ended_at.is_(None))
    held = grouped(
        (membership.officer_id, (unit, membership.role))
        for membership, unit in session.execute(query.order_by(Unit.code, Membership.role))
    )
    officers = session.scalars(select(Officer).order_by(Officer.username))
    return [ListedAccount(officer, held.get(officer.id, [])) for officer in officers]


def disable(session: Session, officer: Officer, *, undo: bool = False) -> None:
    """Disable the account at once, at the desk and on every phone; what it sent stays. `undo`: enable it again."""
    lock_catalog(session)
    officer.disabled_at = None if undo else now_ms()
    end_sessions(session, officer.id)
    session.flush()
    log.append(session, Act.ACCOUNT_ENABLED if undo else Act.ACCOUNT_DISABLED, ("officer", officer.id))


def is_last_administrator(session: Session, officer: Officer) -> bool:
    """Return True if nobody else who is let in administers the unit at the top, where the officer does."""
    held = (
        select(Membership.officer_id)
        .join(Unit, Unit.id == Membership.unit_id)
        .join(Officer, Officer.id == Membership.officer_id)
        .where(Membership.role == ADMIN, Membership.ended_at.is_(None))
        .where(Unit.parent_id.is_(None), Officer.disabled_at.is_(None))
    )
    return set(session.scalars(held)) == {officer.id}


def end_sessions(session: Session, officer_id: str) -> None:
    """Sign the officer out of every browser."""
    open_ones = select(DeskSession).where(DeskSession.officer_id == officer_id, DeskSession.ended_at.is_(None))
    for row in session.scalars(open_ones):
        row.ended_at = now_ms()  # on the object, not in bulk: revocations.py watches those
    session.flush()


def end_all_sessions(session: Session) -> int:
    """Sign everybody out of every browser. Returns how many accounts that were."""
    still = select(DeskSession.officer_id).where(DeskSession.ended_at.is_(None)).distinct()
    signed_in = list(session.scalars(still.order_by(DeskSession.officer_id)))
    for officer_id in signed_in:
        sign_out(session, officer_id)
    return len(signed_in)


def sign_out(session: Session, officer_id: str) -> None:
    """Sign the officer out of every browser, as somebody else's act."""
    end_sessions(session, officer_id)
    log.append(session, Act.SESSIONS_ENDED, ("officer", officer_id))


def void_links(session: Session, officer_id: str) -> None:
    """Void the one-time links of the account that were not used."""
    unused = update(WelcomeLink).where(WelcomeLink.officer_id == officer_id, WelcomeLink.used_at.is_(None))
    session.execute(unused.values(used_at=now_ms()))


def devices(session: Session, officer_id: str | None = None) -> list[tuple[Device, Officer]]:
    """Devices with their officers, the newest first."""
    query = select(Device, Officer).join(Officer, Officer.id == Device.officer_id)
    if officer_id is not None:
        query = query.where(Device.officer_id == officer_id)
    rows = session.execute(query.order_by(Device.created_at.desc(), Device.id))
    return [(device, officer) for device, officer in rows]


def devices_in_use(session: Session, officer_id: str) -> list[Device]:
    """The account's devices that were not revoked, the newest first: a replaced one may still hand in (SPEC X-23)."""
    return [device for device, _ in devices(session, officer_id) if device.revoked_at is None]


def revoke(session: Session, device_id: str) -> Device | None:
    """Revoke the device. Returns None if there is none with that id."""
    device = session.get(Device, device_id)
    if device is not None and device.revoked_at is None:
        device.revoked_at = now_ms()
        session.flush()
        log.append(session, Act.DEVICE_REVOKED, ("device", device.id), new={"officer": device.officer_id})
    return device


def campaigns(session: Session) -> list[Campaign]:
    """All campaigns, the newest first."""
    return list(session.scalars(select(Campaign).order_by(Campaign.opened_at.desc(), Campaign.id)))
