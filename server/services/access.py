"""Ways in: enrolment codes, device tokens, desk sessions, and the brake on wrong tries."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_network

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from server.clock import new_id, now_ms
from server.models import Attempt, DeskSession, Device, EnrolmentCode, Officer
from server.problems import Problem
from server.secrets_at_rest import check_password, code_hash, new_code, new_token, token_for, token_hash
from sync.protocol import CODE_HOURS

TRIES = 10
TRY_WINDOW_MS = 15 * 60 * 1000
HOUR_MS = 60 * 60 * 1000
SESSION_MS = 12 * HOUR_MS
_MARKS = "ABCDEGHKLMNPQRSTVXY"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A new device and the only time its token is seen."""

    device: Device
    token: str


def make_code(session: Session, officer_id: str, made_by: str | None, key: str) -> str:
    """Eight digits for this officer, valid 72 hours; codes made before for the officer and not used are void."""
    now = now_ms()
    session.execute(
        update(EnrolmentCode)
        .where(EnrolmentCode.officer_id == officer_id, EnrolmentCode.used_at.is_(None))
        .values(used_at=now)
    )
    code = new_code()
    session.merge(
        EnrolmentCode(
            code_hash=code_hash(code, key),
            officer_id=officer_id,
            made_by=made_by,
            made_at=now,
            expires_at=now + CODE_HOURS * HOUR_MS,
            used_at=None,
            device_id=None,
            nonce_hash=None,
        )
    )
    session.flush()
    return code


@dataclass(frozen=True, slots=True)
class Phone:
    """What enrols: what it calls itself, and what it drew for this enrolment (SPEC ID-4)."""

    label: str
    nonce: str | None = None


def use_code(session: Session, code: str, phone: Phone, key: str) -> Enrolled | None:
    """A device for a good code; None for one that is wrong, used by another phone, or expired.

    The officer's device before becomes "được thay thế": it may hand in its outbox and nothing else.
    """
    row = session.get(EnrolmentCode, code_hash(code, key), with_for_update=True)
    if row is None or row.expires_at < now_ms():
        return None
    if row.used_at is not None:
        return _enrolled_before(session, row, phone, key)
    row.used_at = now_ms()
    session.execute(
        update(Device)
        .where(Device.officer_id == row.officer_id, Device.replaced_at.is_(None), Device.script.is_(False))
        .values(replaced_at=now_ms())
    )
    enrolled = add_device(session, row.officer_id, phone.label)
    if phone.nonce is None:
        return enrolled
    row.device_id, row.nonce_hash = enrolled.device.id, token_hash(phone.nonce)
    token = token_for(enrolled.device.id, phone.nonce, key)
    enrolled.device.token_hash = token_hash(token)
    session.flush()
    return replace(enrolled, token=token)


def _enrolled_before(session: Session, row: EnrolmentCode, phone: Phone, key: str) -> Enrolled | None:
    """The same for the phone that used the code: it lost the answer, or the network sent its request twice."""
    if phone.nonce is None or row.device_id is None or row.nonce_hash != token_hash(phone.nonce):
        return None
    device = session.get_one(Device, row.device_id)
    return None if device.revoked_at is not None else Enrolled(device, token_for(device.id, phone.nonce, key))


def add_device(session: Session, officer_id: str, label: str, *, script: bool = False) -> Enrolled:
    """A device of an officer; `script` for a program that speaks the interface."""
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
    )
    session.add(device)
    session.flush()
    return Enrolled(device, token)


_DEVICE_OF = (
    select(Device)
    .join(Officer, Officer.id == Device.officer_id)
    .where(Device.token_hash == bindparam("token_hash"), Device.revoked_at.is_(None), Officer.disabled_at.is_(None))
)


def device_of(session: Session, token: str) -> Device | None:
    """The device whose token this is, unless it was revoked or its officer disabled."""
    return session.scalar(_DEVICE_OF, {"token_hash": token_hash(token)})


_STANDS = (
    select(Device.replaced_at)
    .join(Officer, Officer.id == Device.officer_id)
    .where(Device.id == bindparam("device"), Device.revoked_at.is_(None), Officer.disabled_at.is_(None))
)


def is_replaced(session: Session, device_id: str) -> bool:
    """Of a device that was let in a while ago. Raises `unauthenticated` when it or its officer was shut out since."""
    row = session.execute(_STANDS, {"device": device_id}).first()
    if row is None:
        raise shut_out()
    return row.replaced_at is not None


def shut_out() -> Problem:
    """The answer to a token that is none, or is none any more; a client keeps its outbox then (SPEC X-14)."""
    return Problem("unauthenticated", headers={"WWW-Authenticate": "Bearer"})


def subject_of(kind: str, address: str | None) -> str:
    """Whose tries are counted together: an address, for IPv6 its network, of which anybody has 2^64 addresses."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return f"{kind}:{address}"
    return f"{kind}:{ip_network((parsed, 64), strict=False) if parsed.version == 6 else parsed}"


def begin_try(session: Session, *subjects: str) -> list[str]:
    """Count a try before it is judged, so that many at once are not all judged; `forgive` takes a good one back.

    Raises Problem `rate_limited` when one of the subjects (an address, an account) failed too often of late.
    """
    now = now_ms()
    session.execute(delete(Attempt).where(Attempt.at < now - TRY_WINDOW_MS))
    for subject in sorted(subjects):
        if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time anyway
            session.execute(select(func.pg_advisory_xact_lock(func.hashtext(subject))))
        failed = select(func.count()).select_from(Attempt).where(Attempt.subject == subject[:120])
        if (session.scalar(failed) or 0) >= TRIES:
            raise Problem("rate_limited", headers={"Retry-After": "900"})
    tries = [Attempt(id=new_id(), subject=subject[:120], at=now) for subject in subjects]
    session.add_all(tries)
    session.flush()
    return [row.id for row in tries]


def forgive(session: Session, tries: list[str]) -> None:
    """These tries were good."""
    session.execute(delete(Attempt).where(Attempt.id.in_(tries)))


def officer_by_password(session: Session, username: str, password: str) -> Officer | None:
    """The officer, or None; takes equally long for an account that is not there."""
    query = select(Officer.id, Officer.password_hash).where(Officer.username == username, Officer.disabled_at.is_(None))
    row = session.execute(query).first()
    session.rollback()  # the connection goes back: hashing takes its time and waits for others
    good = check_password(password, row.password_hash if row else None)
    return session.get(Officer, row.id) if row and good else None


def open_session(session: Session, officer_id: str) -> str:
    """A new desk session; the token is for the cookie only."""
    token = new_token()
    session.add(DeskSession(token_hash=token_hash(token), officer_id=officer_id, created_at=now_ms()))
    session.flush()
    return token


def session_officer(session: Session, token: str) -> Officer | None:
    """Who a desk session belongs to; None when it ended, is older than 12 hours, or the account is disabled."""
    query = select(Officer).join(DeskSession, DeskSession.officer_id == Officer.id)
    return session.scalar(
        query.where(
            DeskSession.token_hash == token_hash(token),
            DeskSession.ended_at.is_(None),
            DeskSession.created_at > now_ms() - SESSION_MS,
            Officer.disabled_at.is_(None),
        )
    )


def end_session(session: Session, token: str) -> None:
    """End this session: its cookie opens nothing any more."""
    row = session.get(DeskSession, token_hash(token))
    if row is not None and row.ended_at is None:
        row.ended_at = now_ms()  # on the object, not in bulk: revocations.py hears of it
    session.flush()
