"""One-time links to the desk: made in the shell. A button uses them up, because chat previews open every link."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from server.core.acting import ActorKind, acting_as
from server.core.clock import HOUR_MS, now_ms
from server.core.db import add_now
from server.core.passwords import hash_password
from server.core.problem_details import refuse_if
from server.core.secrets_at_rest import new_token, token_hash
from server.models import Officer, WelcomeLink
from server.services.access import accounts
from server.services.access.password_rules import fault
from server.services.audit import log
from server.services.audit.acts import Act
from sync.protocol import LINK_HOURS


def make_welcome(session: Session, officer_id: str) -> str:
    """Make a token for this officer, valid 72 hours. Earlier unused ones become void."""
    now = now_ms()
    accounts.void_links(session, officer_id)
    token = new_token()
    add_now(
        session,
        WelcomeLink(
            token_hash=token_hash(token), officer_id=officer_id, made_at=now, expires_at=now + LINK_HOURS * HOUR_MS
        ),
    )
    log.append(session, Act.LINK_MADE, ("officer", officer_id))
    return token


def reset_password(session: Session, officer: Officer) -> str:
    """Remove the password, sign the officer out everywhere, and return a token to choose a new one."""
    officer.password_hash = None
    accounts.end_sessions(session, officer.id)
    log.append(session, Act.PASSWORD_REMOVED, ("officer", officer.id))
    return make_welcome(session, officer.id)


def find_welcome(session: Session, token: str, *, lock: bool = False) -> Officer | None:
    """The officer of this link; None if it is wrong, used, expired, or of a disabled account."""
    row = session.get(WelcomeLink, token_hash(token), with_for_update=lock)
    if row is None or row.used_at is not None or row.expires_at < now_ms():
        return None
    officer = session.get_one(Officer, row.officer_id)
    return officer if officer.disabled_at is None else None


def choose_password(password: str, about: Sequence[str] = ()) -> str:
    """Hash a new password, before any transaction. Raises Problem for one that others would guess, and Busy.

    `about`: names and units of the account (password_rules.py).
    """
    refuse_if(fault(password, about) is not None, "bad_request", "password")
    return hash_password(password)


def use_welcome(session: Session, token: str, password_hash: str) -> Officer | None:
    """Set the password and use up the link. Returns None if the link is no longer valid."""
    officer = find_welcome(session, token, lock=True)
    if officer is None:
        return None
    officer.password_hash = password_hash
    accounts.end_sessions(session, officer.id)
    accounts.void_links(session, officer.id)
    session.flush()
    with acting_as(ActorKind.OFFICER, officer.id):
        log.append(session, Act.PASSWORD_CHOSEN, ("officer", officer.id))
    return officer
