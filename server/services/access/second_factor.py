"""The second factor: an authenticator app (TOTP, RFC 6238), or one of the printed recovery codes (recovery_codes.py).

A code is taken in its 30 seconds and in those before and after, once: the row remembers the last one that was taken,
and a code of that time or before is refused. The row is locked meanwhile, so of two requests with one code one is
refused. Wrong codes are counted like wrong passwords (tries.py): five in 15 minutes. Guessing one of a million codes,
three of which are right, then takes years, and only somebody who has the password can begin.

Roles whose holders need a second factor at the desk: a setting of the whole installation.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

import pyotp
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.core.clock import new_id, now_ms
from server.core.db import add_now
from server.core.keyring import Keyring
from server.core.problem_details import refuse_if
from server.models import Absence, DeskSession, Membership, RequiredFactor, SecondFactor
from server.services.access import recovery_codes, sealing, tries
from server.services.access.desk_sessions import FACTOR_COUNTS
from server.services.access.sealing import SealedSecret
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.installation import sample
from server.services.units import deputies
from server.services.units.scope import CONFIDENTIAL, REVIEWER, ROLES

ALWAYS = frozenset((CONFIDENTIAL,))
"""Roles that require one whatever the setting says (desk_sessions.py has the same)."""


def roles(session: Session) -> list[str]:
    """The roles that require one, from the lowest to the highest."""
    required = ALWAYS | set(session.scalars(select(RequiredFactor.role)))
    return [role for role in ROLES if role in required]


def require(session: Session, wanted: Iterable[str], by_id: str | None) -> None:
    """Require a second factor of these roles and of no others, at once. Raises Problem for an unknown role."""
    named = set(wanted)
    refuse_if(not named <= set(ROLES), "bad_request", "role")
    for row in session.scalars(select(RequiredFactor)):
        if row.role not in named:
            session.delete(row)
            log.append(session, Act.FACTOR_NOT_REQUIRED, old={"role": row.role})
    for role in sorted(named - set(roles(session)) - ALWAYS):
        session.add(RequiredFactor(role=role, since=now_ms(), by_id=by_id))
        log.append(session, Act.FACTOR_REQUIRED, new={"role": role})
    session.flush()


def is_required(session: Session, officer_id: str) -> bool:
    """True if the officer holds a role that requires one, or stands in for a reviewer where that role does."""
    held: Sequence[str] = session.scalars(
        select(Membership.role).where(Membership.officer_id == officer_id, Membership.ended_at.is_(None))
    ).all()
    meanwhile = deputies.standing_in(REVIEWER, now_ms()).where(Absence.deputy_id == officer_id)
    stands_in = {REVIEWER} if session.execute(meanwhile.limit(1)).first() else set[str]()
    return bool((set(held) | stands_in) & set(roles(session)))


PURPOSE: Final = "second-factor"
STEP_MS: Final = 30 * 1000
AROUND: Final = 1
"""Steps before and after the server's own in which a code is taken."""
FAR: Final = 120
"""Steps in which a code is looked for while an authenticator is set up, to say how wrong its clock is: one hour.

Never later: who guesses would learn from it which code will be right in ten minutes.
"""
DIGITS: Final = 6
SET_UP_MS: Final = 60 * 60 * 1000
"""How long a set-up that was begun may be confirmed."""


class CodeOutcome(StrEnum):
    """What became of a code."""

    GOOD = "good"
    WRONG = "wrong"
    USED = "used"
    SEALED = "sealed"
    """The secret does not open: its key was retired, or the row was altered."""


def in_use(session: Session, officer_id: str, *, lock: bool = False) -> SecondFactor | None:
    """The account's second factor; None if it has none."""
    query = select(SecondFactor).where(SecondFactor.officer_id == officer_id, *FACTOR_COUNTS)
    return session.scalar(query.with_for_update() if lock else query)


def begun(session: Session, officer_id: str, *, lock: bool = False) -> SecondFactor | None:
    """The set-up that this account began lately and did not confirm; with `lock` until the transaction ends."""
    lately = (SecondFactor.confirmed_at.is_(None), SecondFactor.made_at > now_ms() - SET_UP_MS)
    query = select(SecondFactor).where(SecondFactor.officer_id == officer_id, SecondFactor.ended_at.is_(None), *lately)
    newest = query.order_by(SecondFactor.made_at.desc(), SecondFactor.id).limit(1)
    return session.scalar(newest.with_for_update() if lock else newest)


def begin(session: Session, officer_id: str, keyring: Keyring) -> SecondFactor:
    """Draw a secret for a new authenticator. The one in use stays until this one is confirmed."""
    for row in _unconfirmed(session, officer_id):
        row.ended_at = now_ms()
    row = SecondFactor(id=new_id(), officer_id=officer_id, made_at=now_ms(), last_step=0)
    _seal(row, pyotp.random_base32(), keyring)
    return add_now(session, row)


def secret_of(row: SecondFactor, keyring: Keyring) -> str | None:
    """The secret in base32; None if it does not open."""
    return sealing.opened(keyring, PURPOSE, _place(row), SealedSecret(row.key_id, row.sealed))


def link(secret: str, username: str, issuer: str) -> str:
    """The otpauth:// link that an authenticator reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=issuer)


def confirm(session: Session, officer_id: str, typed: str, keyring: Keyring) -> list[str] | int | None:
    """Take the new authenticator into use by a code that it shows; the one before ends with its recovery codes.

    Returns the new recovery codes. For a code of another time: by how many seconds the authenticator's clock is fast
    (negative: slow). For any other code None. Raises `rate_limited`.
    """
    row, held = begun(session, officer_id, lock=True), tries.second_factor_keys(officer_id)
    secret = secret_of(row, keyring) if row else None
    if row is None or secret is None:
        return None
    tries.check(session, held)
    step = _step_of(secret, _digits(typed), FAR)
    if step is None:
        _wrong(session, officer_id)
        return None
    now = _now_step()
    if abs(step - now) > AROUND:
        return (step - now) * STEP_MS // 1000
    end(session, officer_id)
    row.confirmed_at, row.last_step = now_ms(), step
    session.flush()
    log.append(session, Act.SECOND_FACTOR_SET, ("officer", officer_id))
    return recovery_codes.make(session, row, keyring)


def check(session: Session, officer_id: str, typed: str, keyring: Keyring) -> CodeOutcome:
    """Check a code of the authenticator, or a recovery code, and use it up. Raises `rate_limited`.

    A failure is counted in this transaction, so the caller commits it in any case.
    """
    row = in_use(session, officer_id, lock=True)
    if row is None:
        return CodeOutcome.WRONG
    # A recovery code has 59 random bits: nobody guesses it, and so nobody can lock its owner out by wrong codes.
    if recovery_codes.looks_like_one(typed) and recovery_codes.use(session, row, typed, keyring):
        return CodeOutcome.GOOD
    tries.check(session, tries.second_factor_keys(officer_id))
    outcome = _judge(session, row, typed, keyring)
    if outcome is CodeOutcome.WRONG:
        _wrong(session, officer_id)
    return outcome


def demo_code(session: Session, officer_id: str, keyring: Keyring) -> str | None:
    """The code that the account's authenticator shows now, or next if that one was used: for a stranger to a demo.

    None where the data is no sample, for an account without a second factor, and while both codes are used.
    """
    row = in_use(session, officer_id) if sample.is_demo(session) else None
    secret = secret_of(row, keyring) if row else None
    if row is None or secret is None:
        return None
    step = max(_now_step(), row.last_step + 1)
    return pyotp.HOTP(secret).at(step) if step <= _now_step() + AROUND else None


def end(session: Session, officer_id: str) -> bool:
    """End the account's second factor and its recovery codes. Returns False if there was none."""
    row = in_use(session, officer_id, lock=True)
    if row is None:
        return False
    row.ended_at = now_ms()  # on the object, not in bulk: revocations.py watches those
    # What was proved with it counts no more: where a role requires one later, open sessions set one up like others.
    session.execute(update(DeskSession).where(DeskSession.officer_id == officer_id).values(second_at=None))
    session.flush()
    log.append(session, Act.SECOND_FACTOR_ENDED, ("officer", officer_id))
    return True


def _wrong(session: Session, officer_id: str) -> None:
    tries.fail(session, tries.second_factor_keys(officer_id))
    log.count_wrong(session, Act.WRONG_SECOND_FACTOR, officer_id)


def _judge(session: Session, row: SecondFactor, typed: str, keyring: Keyring) -> CodeOutcome:
    digits = _digits(typed)
    if len(digits) != DIGITS or not digits.isdigit():
        return CodeOutcome.WRONG
    secret = secret_of(row, keyring)
    if secret is None:
        return CodeOutcome.SEALED
    step = _step_of(secret, digits, AROUND)
    if step is None:
        return CodeOutcome.WRONG
    if step <= row.last_step:
        return CodeOutcome.USED
    row.last_step = step
    if row.key_id != keyring.current(PURPOSE).id:
        _seal(row, secret, keyring)  # so that the older key can be retired
    session.flush()
    return CodeOutcome.GOOD


def _step_of(secret: str, digits: str, around: int) -> int | None:
    """The step nearest to now whose code this is."""
    now, codes = _now_step(), pyotp.HOTP(secret)
    for step in sorted(range(now - around, now + around + 1), key=lambda step: abs(step - now)):
        if hmac.compare_digest(codes.at(step), digits):
            return step
    return None


def _digits(typed: str) -> str:
    """What was typed without blanks; empty for what is no ASCII, which no comparison takes."""
    text = "".join(typed.split())
    return text if text.isascii() else ""


def _now_step() -> int:
    return now_ms() // STEP_MS


def _unconfirmed(session: Session, officer_id: str) -> list[SecondFactor]:
    open_ones = (SecondFactor.confirmed_at.is_(None), SecondFactor.ended_at.is_(None))
    return list(session.scalars(select(SecondFactor).where(SecondFactor.officer_id == officer_id, *open_ones)))


def _seal(row: SecondFactor, secret: str, keyring: Keyring) -> None:
    sealed = sealing.seal(keyring, PURPOSE, _place(row), secret)
    row.key_id, row.sealed = sealed.key_id, sealed.text


def _place(row: SecondFactor) -> str:
    return f"{SecondFactor.__tablename__}:{row.id}:{SecondFactor.sealed.key}"


def lacking(session: Session, officer_ids: set[str]) -> set[str]:
    """Those of these accounts that have no second factor."""
    have = select(SecondFactor.officer_id).where(SecondFactor.officer_id.in_(officer_ids), *FACTOR_COUNTS)
    return officer_ids - set(session.scalars(have))
