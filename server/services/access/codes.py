"""Enrolment codes: made for an officer, used once by an installation, which becomes a device (SPEC ID-4, ID-5)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from server.core.acting import ActorKind, acting_as
from server.core.clock import DAY_MS, now_ms
from server.core.keyring import Keyring, Purpose
from server.core.secrets_at_rest import (
    DEVICE_TOKEN_BYTES,
    EARLIER_TOKEN_BYTES,
    code_hash,
    new_code,
    token_for,
    token_hash,
)
from server.models import Device, EnrolmentCode
from server.services.access.devices import Enrolled, add_device
from server.services.audit import log
from server.services.audit.acts import Act
from sync.code import CODE_DIGITS
from sync.protocol import CODE_DAYS


def make_code(
    session: Session,
    officer_id: str,
    made_by: str | None,
    keyring: Keyring,
    days: int = CODE_DAYS,
    until: int | None = None,
) -> str:
    """Make a code for this officer. Earlier unused codes of the officer become void.

    `until`: its end, where that is not whole days from now.
    """
    now = now_ms()
    session.execute(
        update(EnrolmentCode)
        .where(EnrolmentCode.officer_id == officer_id, EnrolmentCode.used_at.is_(None))
        .values(used_at=now)
    )
    code = new_code()
    session.merge(
        EnrolmentCode(
            code_hash=code_hash(code, keyring.current(Purpose.CODES)),
            digits=CODE_DIGITS,
            officer_id=officer_id,
            made_by=made_by,
            made_at=now,
            expires_at=now + days * DAY_MS if until is None else until,
            used_at=None,
            device_id=None,
            nonce_hash=None,
        )
    )
    session.flush()
    log.append(session, Act.CODE_MADE, ("officer", officer_id), new={"days": days})
    return code


@dataclass(frozen=True, slots=True)
class Phone:
    """The installation that enrols: what it calls itself, and the nonce it drew for this (SPEC ID-4)."""

    label: str
    nonce: str | None = None


def use_code(session: Session, code: str, phone: Phone, keyring: Keyring) -> Enrolled | None:
    """Enrol a device with a code. Returns None if the code is wrong, expired, or was used by another phone.

    The officer's previous device becomes "được thay thế": it may push its outbox and nothing else.
    """
    row = _locked(session, code, keyring)
    if row is None or row.expires_at < now_ms():
        return None
    if row.used_at is not None:
        return _enrolled_before(session, row, phone, keyring)
    row.used_at = now_ms()
    replaced: list[str] = list(
        session.scalars(
            update(Device)
            .where(Device.officer_id == row.officer_id, Device.replaced_at.is_(None), Device.script.is_(False))
            .values(replaced_at=now_ms())
            .returning(Device.id)
        )
    )
    enrolled = add_device(session, row.officer_id, phone.label)
    enrolled.device.code_by, enrolled.device.confirmed_at = row.made_by, None
    session.flush()
    with acting_as(ActorKind.DEVICE, enrolled.device.id):
        log.append(session, Act.CODE_USED, ("device", enrolled.device.id), new={"officer": row.officer_id})
        for device in sorted(replaced):
            log.append(session, Act.DEVICE_REPLACED, ("device", device), new={"officer": row.officer_id})
    row.device_id = enrolled.device.id
    if phone.nonce is None:
        session.flush()
        return enrolled
    row.nonce_hash = token_hash(phone.nonce)
    token = token_for(enrolled.device.id, phone.nonce, keyring.current(Purpose.TOKENS))
    enrolled.device.token_hash = token_hash(token)
    session.flush()
    return replace(enrolled, token=token)


def _enrolled_before(session: Session, row: EnrolmentCode, phone: Phone, keyring: Keyring) -> Enrolled | None:
    """Repeat the answer for the phone that used the code: the answer was lost, or its request came twice."""
    if phone.nonce is None or row.device_id is None or row.nonce_hash != token_hash(phone.nonce):
        return None
    device = session.get_one(Device, row.device_id)
    if device.revoked_at is not None:
        return None
    tokens = (
        token_for(device.id, phone.nonce, key, size)
        for key in keyring.all(Purpose.TOKENS)
        for size in (DEVICE_TOKEN_BYTES, EARLIER_TOKEN_BYTES)
    )
    token = next((token for token in tokens if token_hash(token) == device.token_hash), None)
    return Enrolled(device, token) if token else None


def hash_of(code: str, keyring: Keyring) -> str:
    """The hash under which a code that was just made is stored."""
    return code_hash(code, keyring.current(Purpose.CODES))


def _hashes(code: str, keyring: Keyring) -> list[str]:
    """The hashes under which a code may be stored: that of each key with which it may have been made."""
    return [code_hash(code, key) for key in keyring.all(Purpose.CODES)]


def _locked(session: Session, code: str, keyring: Keyring) -> EnrolmentCode | None:
    rows = (session.get(EnrolmentCode, hash_, with_for_update=True) for hash_ in _hashes(code, keyring))
    return next((row for row in rows if row is not None), None)


def may_serve(session: Session, code: str, keyring: Keyring) -> bool:
    """True for a code that exists and has not expired. Takes no lock."""
    known = (EnrolmentCode.code_hash.in_(_hashes(code, keyring)), EnrolmentCode.expires_at >= now_ms())
    return bool(session.scalar(select(exists().where(*known))))


def unused_until(session: Session, officer_ids: Collection[str]) -> dict[str, int]:
    """When the code that nobody used ends, ms, by officer; an officer without one is left out."""
    unused = (EnrolmentCode.used_at.is_(None), EnrolmentCode.expires_at >= now_ms())
    ends = select(EnrolmentCode.officer_id, func.max(EnrolmentCode.expires_at))
    ends = ends.where(EnrolmentCode.officer_id.in_(officer_ids), *unused).group_by(EnrolmentCode.officer_id)
    return {officer: int(until) for officer, until in session.execute(ends)}
