"""When the database was last restored from a backup, and for how long that still matters."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.models import Restoration

PATIENCE_MS = 30 * 24 * 3600 * 1000
"""As long as clients keep stored writes (H-2): what has not been made again by then will not be."""


def latest(session: Session) -> int | None:
    """The moment of the last restore; None where there was none."""
    return session.scalar(select(func.max(Restoration.at)))


def lately(session: Session) -> bool:
    """True while things made since the backup may still be made again."""
    return now_ms() - (latest(session) or 0) <= PATIENCE_MS
