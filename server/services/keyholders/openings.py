"""Sessions in which a holder opened the case key. It lies sealed with a secret that only the browser's cookie has.

So nothing at rest opens it: neither this table nor the keyring, nor both.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete, or_
from sqlalchemy.orm import Session

from server.core.clock import MINUTE_MS, now_ms
from server.core.secrets_at_rest import new_token, token_hash
from server.models import KeyHolder, KeyOpening
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.keyholders import sealing

IDLE_MS: Final = 30 * MINUTE_MS
"""Long enough for a form of the annex to be filled in; cases ask again after five minutes (cases/entering.py)."""
WHOLE_MS: Final = 8 * 60 * MINUTE_MS
TOUCHED_EVERY_MS: Final = MINUTE_MS // 2


def begin(session: Session, officer_id: str, private: bytes) -> str:
    """Keep the case key open for this session. Returns the secret for its cookie; an earlier opening ends."""
    now = now_ms()
    old = or_(KeyOpening.officer_id == officer_id, KeyOpening.seen_at < now - IDLE_MS)
    session.execute(delete(KeyOpening).where(old))
    secret = new_token()
    name = token_hash(secret)
    sealed = sealing.seal_with(secret.encode(), f"key_opening:{name}", private)
    session.add(KeyOpening(name=name, officer_id=officer_id, begun_at=now, seen_at=now, sealed=sealed))
    session.flush()
    log.append(session, Act.CASE_KEY_OPENED, ("officer", officer_id))
    return secret


def opened(session: Session, officer_id: str, secret: str) -> tuple[bytes, bool] | None:
    """Return the case key, and whether `touch` is due; None if it is closed, or its holder lost it."""
    row = session.get(KeyOpening, token_hash(secret))
    if row is None or row.officer_id != officer_id:
        return None
    now, holder = now_ms(), session.get(KeyHolder, officer_id)
    idle = now - row.seen_at
    if not (0 <= idle <= IDLE_MS and 0 <= now - row.begun_at <= WHOLE_MS):
        return None
    if holder is None or not holder.wrapped or holder.lost_at is not None:
        return None
    private = sealing.opened_with(secret.encode(), f"key_opening:{row.name}", row.sealed)
    return None if private is None else (private, idle >= TOUCHED_EVERY_MS)


def touch(session: Session, secret: str) -> None:
    """Note that something is being done."""
    row = session.get(KeyOpening, token_hash(secret))
    if row is not None:
        row.seen_at = now_ms()


def end_all(session: Session, officer_id: str) -> None:
    """Close what an officer opened."""
    session.execute(delete(KeyOpening).where(KeyOpening.officer_id == officer_id))
