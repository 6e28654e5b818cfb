"""The recovery sheet: a text on paper in the office's safe that makes a confidential officer a holder, once."""

from __future__ import annotations

import secrets
from typing import Final

from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.core.keyring import Keyring
from server.core.problem_details import Problem, refuse_if, required
from server.models import KeyHolder
from server.services.access import tries
from server.services.access.recovery_codes import LETTERS
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.keyholders import holders, sealing, vault
from server.services.keyholders.vault import Vault

LENGTH: Final = 36
"""176 random bits: it needs no stretching."""


def make(session: Session, opened: Vault, officer_id: str) -> str:
    """Make a sheet; an earlier one is worth nothing any more. Returns its text in groups, to print once.

    Raises Problem `case_locked`.
    """
    row = required(vault.key(session, lock=True), "case_locked")
    refuse_if(not opened.private, "case_locked")
    text = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    row.recovery, row.recovery_at = sealing.seal_with(text.encode(), _place(row.id), opened.private), now_ms()
    session.flush()
    log.append(session, Act.RECOVERY_SHEET_MADE, ("officer", officer_id))
    return sealing.grouped(text)


def use(session: Session, ring: Keyring, officer_id: str, typed: str) -> bool:
    """Make an officer who has a key of their own a holder, by the sheet, which is used up.

    Returns False for a wrong text, which is counted, so commit in any case. Raises Problem `rate_limited`, and
    `case_locked` for those who chose no passphrase yet.
    """
    tries.check(session, tries.case_key_keys(officer_id))
    key = vault.key(session, lock=True)
    row = session.get(KeyHolder, officer_id, with_for_update=True)
    if key is None or row is None:
        raise Problem("case_locked")
    private = sealing.opened_with(sealing.typed(typed).encode(), _place(key.id), key.recovery) if key.recovery else None
    if private is None:
        holders.note_wrong(session, officer_id)
        return False
    key.recovery, key.recovery_at = "", None
    holders.take_in(session, Vault(ring, key.id, sealing.decoded(key.public), private), row, officer_id)
    session.flush()
    log.append(session, Act.RECOVERY_SHEET_USED, ("officer", officer_id))
    return True


def _place(key_id: str) -> str:
    return f"case_key:{key_id}:recovery"
