"""Delete what is of no use any more: expired ways in, and superseded lines of the revocations file.

No rule reads these again: an expired code, link or session is invalid, whether its row is there or not. They are kept a
while, for people who ask who gave whom access. It is a nightly job, and part of `loa sweep`; where neither runs, the
rows and lines grow with what people do, by some hundred bytes each, and nothing becomes wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, CursorResult, and_, delete, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from server.core.clock import now_ms
from server.models import DeskSession, EnrolmentCode, ExportLink, RecoveryCode, SecondFactor, WelcomeLink
from server.services.access.desk_sessions import LONGEST_MS
from server.services.continuity import revocations
from server.services.jobs import Attempt, Jobs

KIND: Final = "access.compact"
NIGHTLY: Final = time(1, 20)
KEPT_MS: Final = 90 * 24 * 3600 * 1000
"""How long a way in is kept after its end."""


def rows(session: Session) -> int:
    """Delete codes, links, desk sessions and second factors that ended long ago. Returns their number."""
    before = now_ms() - KEPT_MS
    begun = and_(SecondFactor.confirmed_at.is_(None), SecondFactor.made_at < before)
    over = or_(SecondFactor.ended_at < before, begun)
    return sum(
        (
            _drop(session, EnrolmentCode.code_hash, EnrolmentCode.expires_at < before),
            _drop(session, WelcomeLink.token_hash, WelcomeLink.expires_at < before),
            _drop(session, RecoveryCode.code_hash, RecoveryCode.factor_id.in_(select(SecondFactor.id).where(over))),
            _drop(session, SecondFactor.id, over),
            _drop(session, ExportLink.id, or_(ExportLink.ended_at < before, ExportLink.expires_at < before)),
            _drop(session, DeskSession.token_hash, DeskSession.created_at < before - LONGEST_MS),
        )
    )


def _drop(session: Session, key: InstrumentedAttribute[str], over: ColumnElement[bool]) -> int:
    gone: CursorResult[Any] = session.execute(  # type: ignore[assignment]  # a DELETE has no rows
        delete(key.class_).where(over), execution_options={"synchronize_session": False}
    )
    return gone.rowcount


def register(jobs: Jobs, path: Path) -> None:
    """Make the nightly job known, and the chore of each host. `path`: this host's file of revocations."""

    def run(attempt: Attempt, _ids: Sequence[str]) -> None:
        with attempt.finish() as session:
            rows(session)

    def chore() -> bool:
        if path.exists():
            revocations.compact(path, now_ms())
        return True

    jobs.register(KIND, run, nightly=NIGHTLY)
    jobs.register_chore("revocations.compact", chore, nightly=NIGHTLY)
