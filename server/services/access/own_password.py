"""A signed-in officer's own password: checked again, and changed. Hashing is between transactions, as at sign-in."""

from __future__ import annotations

from enum import StrEnum

from server.core import passwords
from server.core.db import reading, writing
from server.models import Officer
from server.services.access import accounts, desk_sessions, password_rules, tries
from server.services.access.password_rules import PasswordFault
from server.services.audit import log
from server.services.audit.acts import Act


class PasswordRefusal(StrEnum):
    """Why a new password was not taken, beside the faults of password_rules.py."""

    WRONG = "wrong"
    SAME = "same"


def check(officer_id: str, password: str) -> bool:
    """True if this is the officer's password. Raises Problem `busy` or `rate_limited`."""
    held = tries.again_keys(officer_id)
    with passwords.place(officer_id) as hasher:
        with reading() as session:
            tries.check(session, held)
            stored = session.get_one(Officer, officer_id).password_hash
        good = hasher.matches(password, stored)
    if not good:
        with writing() as session:
            tries.fail(session, held)
            log.count_wrong(session, Act.WRONG_PASSWORD, officer_id)
    return good


def change(officer_id: str, current: str, new: str, token: str) -> PasswordFault | PasswordRefusal | None:
    """Change the password and end the officer's other sessions. `token`: of the session that stays.

    Returns why it was refused; None if it was changed. Raises Problem `busy` or `rate_limited`.
    """
    if not check(officer_id, current):
        return PasswordRefusal.WRONG
    if new == current:
        return PasswordRefusal.SAME
    with reading() as session:
        about = password_rules.about(session, session.get_one(Officer, officer_id))
    if fault := password_rules.fault(new, about):
        return fault
    hashed = passwords.hash_password(new, officer_id)
    with writing() as session:
        session.get_one(Officer, officer_id).password_hash = hashed
        accounts.void_links(session, officer_id)
        desk_sessions.end_others(session, officer_id, token)
        log.append(session, Act.PASSWORD_CHANGED, ("officer", officer_id))
    return None
