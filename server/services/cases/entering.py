"""The way in: a fresh second factor, as long as something is done every five minutes, and a reason for each case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.core.db import add_now
from server.core.problem_details import Problem, refuse_if
from server.core.secrets_at_rest import token_hash
from server.models import CaseEntry
from server.services.cases import case_log, sealing
from server.services.cases.lists import REASONS
from server.services.keyholders.vault import Vault

IDLE_MS: Final = 5 * 60 * 1000
FRESH_MS: Final = 60 * 1000
"""How old the second factor may be that opens the way in."""


@dataclass(frozen=True, slots=True)
class Presence:
    """An officer who is in. `reasons`: why each case was opened since they entered."""

    officer: str
    reasons: dict[str, str]


def begin(session: Session, vault: Vault, token: str, officer_id: str) -> None:
    """Let an officer in. `token`: of the session at the desk, which gave its proof just now."""
    now = now_ms()
    session.execute(delete(CaseEntry).where((CaseEntry.officer_id == officer_id) | (CaseEntry.seen_at < now - IDLE_MS)))
    name = token_hash(token)
    made = sealing.seal(vault, _place(name), {})
    add_now(
        session,
        CaseEntry(
            token_hash=name, officer_id=officer_id, begun_at=now, seen_at=now, key_id=made.key_id, sealed=made.text
        ),
    )
    case_log.append(session, vault, "entered", officer_id)


def present(session: Session, vault: Vault, token: str, officer_id: str) -> Presence | None:
    """Return who is in; None if nobody entered with this session, or nothing was done for five minutes.

    Raises Problem `case_locked` for those who entered and did not open the case key.
    """
    row = session.get(CaseEntry, token_hash(token))
    if row is None or row.officer_id != officer_id or not 0 <= now_ms() - row.seen_at <= IDLE_MS:
        return None
    try:
        return Presence(row.officer_id, sealing.opened(vault, _place(row.token_hash), row.key_id, row.sealed))
    except Problem as refused:
        if refused.code == "case_locked":
            raise
        return None  # under another key: enter again


def touch(session: Session, token: str) -> None:
    """Note that something is being done."""
    row = session.get(CaseEntry, token_hash(token))
    if row is not None:
        row.seen_at = now_ms()


def leave(session: Session, vault: Vault, token: str, officer_id: str) -> None:
    """Close the way in."""
    session.execute(delete(CaseEntry).where(CaseEntry.token_hash == token_hash(token)))
    case_log.append(session, vault, "left", officer_id)


def give_reason(session: Session, vault: Vault, token: str, officer_id: str, case: str, why: str) -> None:
    """Say why a case is opened, once per case and entry. Raises Problem `bad_request`, `not_found`."""
    refuse_if(why not in REASONS, "bad_request", "why")
    row = session.get(CaseEntry, token_hash(token), with_for_update=True)
    now = present(session, vault, token, officer_id)
    if row is None or now is None:
        raise Problem("not_found")
    made = sealing.seal(vault, _place(row.token_hash), now.reasons | {case: why})
    row.key_id, row.sealed = made.key_id, made.text
    session.flush()
    case_log.append(session, vault, case_log.OPENED, officer_id, case=case, why=why)


def _place(name: str) -> str:
    return f"case_entry:{name}:sealed"
