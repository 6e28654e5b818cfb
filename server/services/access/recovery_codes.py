"""Printed codes for an officer whose authenticator is lost: each stands in for it once.

They are stored as keyed hashes, for 59 random bits could be searched in a stolen database. A used code stays used after
a restore: revocations.py writes that outside the database, too (SPEC B-6).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.core.keyring import Key, Keyring
from server.models import RecoveryCode, SecondFactor
from server.services.audit import log
from server.services.audit.acts import Act

PURPOSE: Final = "recovery-codes"
COUNT: Final = 10
LENGTH: Final = 12
GROUP: Final = 4
LETTERS: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""Without those that are read as others: I, L, O, U, 0, 1."""


def make(session: Session, factor: SecondFactor, keyring: Keyring) -> list[str]:
    """Make ten codes for this second factor; earlier unused ones become void. Returns them in groups, to print once."""
    now = now_ms()
    for row in session.scalars(_unused(factor)):
        row.used_at = now
    codes = ["".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(COUNT)]
    key = keyring.current(PURPOSE)
    session.add_all(RecoveryCode(code_hash=_hash(code, key), factor_id=factor.id, made_at=now) for code in codes)
    session.flush()
    log.append(session, Act.RECOVERY_CODES_MADE, ("officer", factor.officer_id))
    return ["-".join(code[at : at + GROUP] for at in range(0, LENGTH, GROUP)) for code in codes]


def looks_like_one(typed: str) -> bool:
    """True if this has the length of a recovery code."""
    return sum(char.isalnum() for char in typed) == LENGTH


def use(session: Session, factor: SecondFactor, typed: str, keyring: Keyring) -> bool:
    """Use the code up. Returns False if it is none of this second factor, or was used. The caller locked the factor."""
    code = "".join(char for char in typed.upper() if char.isalnum())
    hashes = [_hash(code, key) for key in keyring.all(PURPOSE)]
    row = session.scalar(_unused(factor).where(RecoveryCode.code_hash.in_(hashes)))
    if row is None:
        return False
    row.used_at = now_ms()  # on the object, not in bulk: revocations.py listens to flushes
    session.flush()
    log.append(session, Act.RECOVERY_CODE_USED, ("officer", factor.officer_id))
    return True


def left(session: Session, factor: SecondFactor) -> int:
    """Number of codes that were not used."""
    return session.scalar(select(func.count()).select_from(_unused(factor).subquery())) or 0


def _unused(factor: SecondFactor) -> Select[RecoveryCode]:
    return select(RecoveryCode).where(RecoveryCode.factor_id == factor.id, RecoveryCode.used_at.is_(None))


def _hash(code: str, key: Key) -> str:
    return hmac.new(key.material, b"recovery:" + code.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
