"""Delete what is of no use any more: expired ways in, and superseded lines of the revocations file.

No rule reads these again: an expired code, link or session is invalid, whether its row is there or not. They are kept a
while, for people who ask who gave whom access.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, CursorResult, delete, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import InstrumentedAttribute, Session

from server.core.clock import now_ms
from server.core.db import writing
from server.models import DeskSession, EnrolmentCode, WelcomeLink
from server.services.access.devices import SESSION_MS
from server.services.continuity import revocations

log = logging.getLogger(__name__)

KEPT_MS: Final = 90 * 24 * 3600 * 1000
"""How long a way in is kept after its end."""
AT_ONCE: Final = 1_000
"""Most rows of each kind to delete during a request."""
WORTH_BYTES: Final = 256 * 1024
"""A smaller file of revocations is not rewritten during a request."""


def rows(session: Session, most: int | None = None) -> int:
    """Delete codes, links and desk sessions that ended long ago, at most `most` of each. Returns their number."""
    before = now_ms() - KEPT_MS
    return sum(
        (
            _drop(session, EnrolmentCode.code_hash, EnrolmentCode.expires_at < before, most),
            _drop(session, WelcomeLink.token_hash, WelcomeLink.expires_at < before, most),
            _drop(session, DeskSession.token_hash, DeskSession.created_at < before - SESSION_MS, most),
        )
    )


def _drop(session: Session, key: InstrumentedAttribute[str], over: ColumnElement[bool], most: int | None) -> int:
    some = select(key).where(over).limit(most)
    gone: CursorResult[Any] = session.execute(  # type: ignore[assignment]  # a DELETE has no rows
        delete(key.class_).where(key.in_(some)), execution_options={"synchronize_session": False}
    )
    return gone.rowcount


def beside_a_request(path: Path) -> None:
    """Do a bounded part of the work during a request. A failure here does not fail the request."""
    try:
        with writing() as session:
            rows(session, AT_ONCE)
        if path.exists() and path.stat().st_size >= WORTH_BYTES:
            revocations.compact(path, now_ms())
    except (OSError, SQLAlchemyError) as error:
        log.warning("not compacted: %s", type(error).__name__)
