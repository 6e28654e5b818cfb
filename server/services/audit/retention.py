"""Remove lines of days that closed long ago; the head of each such day stays, so that the rest still verifies.

The nightly job removes a day in one transaction: it writes the day's head with the key, deletes the lines, which the
triggers allow only where such a head covers them, and logs that it did. Beside it each host drops superseded heads
from its file.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from server.core.clock import today
from server.core.db import writing
from server.core.keyring import Keyring
from server.models import AuditDay, AuditLine
from server.services.audit import heads, log
from server.services.audit.acts import Act
from server.services.audit.chain import ChainKeys, Day
from server.services.jobs import Attempt, Jobs

KIND: Final = "audit.retain"
NIGHTLY: Final = time(1, 40)


def register(jobs: Jobs, data_dir: Path, days: int, ring: Keyring) -> None:
    """Make the nightly job known, and the chore of each host. `days`: how long lines stay; 0 is for ever."""

    def run(attempt: Attempt, _ids: Sequence[str]) -> None:
        if days:
            while True:
                attempt.progress(0, 1)
                with writing() as session:
                    if not remove_oldest(session, days):
                        return

    def chore() -> bool:
        for name in (heads.NAME, heads.CASES):
            heads.compact(data_dir / name, today().isoformat(), ChainKeys.of(ring))
        return True

    jobs.register(KIND, run, nightly=NIGHTLY)
    jobs.register_chore("audit.compact_heads", chore, nightly=NIGHTLY)


def remove_oldest(session: Session, days: int) -> bool:
    """Remove the lines of the oldest day that is more than `days` days ago. Returns False if there is none.

    The last line of all always stays: the next one is chained to it.
    """
    until = (today() - timedelta(days=days)).isoformat()
    last = session.scalar(select(func.max(AuditLine.number)))
    oldest = session.scalar(select(AuditLine.day).order_by(AuditLine.number).limit(1))
    if oldest is None or oldest >= until:
        return False
    first, end = session.execute(
        select(func.min(AuditLine.number), func.max(AuditLine.number)).where(AuditLine.day == oldest)
    ).one()
    if end == last:
        return False
    head = session.scalars(select(AuditLine.mac).where(AuditLine.number == end)).one()
    keys, _ = log.place_of(session)
    session.execute(insert(AuditDay).values(keys.sealed_day(Day(oldest, first, end, head, ""))._asdict()))
    session.execute(delete(AuditLine).where(AuditLine.number.between(first, end)))
    log.append(session, Act.DAYS_REMOVED, ("day", oldest), new={"from": first, "to": end})
    return True
