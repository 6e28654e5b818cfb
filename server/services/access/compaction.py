"""What is of no use any more goes: expired ways in, and lines of the revocations file that later ones supersede.

No rule reads these again: a code, a link or a session that expired opens nothing, whether its row is here or not. They
stay a while, for people who ask who let whom in.
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
"""How long a way in is remembered beyond its end."""
AT_ONCE: Final = 1_000
"""So many rows of each kind beside a request."""
WORTH_BYTES: Final = 256 * 1024
"""A smaller file of revocations is left as it is beside a request."""


def rows(session: Session, most: int | None = None) -> int:
    """Remove codes, links and desk sessions that ended long ago, at most so many of each; how many that were."""
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
    """A bounded part of it. What fails here fails no request."""
    try:
        with writing() as session:
            rows(session, AT_ONCE)
        if path.exists() and path.stat().st_size >= WORTH_BYTES:
            revocations.compact(path, now_ms())
    except (OSError, SQLAlchemyError) as error:
        log.warning("not compacted: %s", type(error).__name__)
