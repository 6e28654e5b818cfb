"""Backups that the server makes by itself, where the settings name a repository: jobs, each drawn by one host."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from functools import partial
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.backups import repository
from server.backups.noting import noted
from server.backups.trial import try_restore
from server.core.clock import DAY_MS, HOUR_MS, now_ms
from server.models import AuditLine, Job
from server.services.audit.acts import Act
from server.services.jobs import Attempt, Jobs
from server.services.jobs.attempt import Later
from server.settings import Settings

NIGHT: Final = time(2, 15)
VERIFY_DAYS, TRY_DAYS = 30, 7
"""All photos of pool and store are read once a month, the newest night is loaded into a scratch database each week."""
LONGEST_S, NIGHT_LONGEST_S = 12 * 3600, 36 * 3600
"""The first night copies each photo: of a country more than half a day."""
WAIT_S: Final = 3600


def register(jobs: Jobs, settings: Settings) -> None:
    """Make the jobs known, if there is a repository."""
    folder = settings.backup_dir
    if folder is None:
        return

    def night(_attempt: Attempt, _ids: Sequence[str]) -> None:
        if repository.is_busy(folder):  # the night before, on another host: it is no failure of this one
            raise Later(WAIT_S)
        before = repository.last_verified(folder) or repository.Verified(0, 0, 0)
        began = now_ms()
        reads = began - before.store_at > VERIFY_DAYS * DAY_MS
        noted(folder, lambda: repository.back_up(settings, folder, reads=reads))
        every = began - before.all_at > VERIFY_DAYS * DAY_MS
        repository.verify(folder, every=every, store_at=began if reads else None)

    def hour(_attempt: Attempt, _ids: Sequence[str]) -> None:
        repository.back_up(settings, folder, photos=False)

    def attempt_restore(_attempt: Attempt, _ids: Sequence[str]) -> None:
        try_restore(settings, repository.newest(folder))

    jobs.register("backups.night", night, nightly=NIGHT, longest_s=NIGHT_LONGEST_S, attempts=3)
    jobs.register("backups.hour", hour, due=partial(_is_due, kind="backups.hour", every_ms=HOUR_MS), attempts=1)
    jobs.register(
        "backups.trial",
        attempt_restore,
        due=partial(_is_due, kind="backups.trial", every_ms=TRY_DAYS * DAY_MS),
        longest_s=LONGEST_S,
        attempts=1,
    )


def _is_due(session: Session, kind: str, every_ms: int) -> bool:
    """Return True if there is a backup, and none of this kind began for so long."""
    last = session.scalar(select(func.max(Job.asked_at)).where(Job.kind == kind)) or 0
    if now_ms() - last < every_ms:
        return False
    return session.scalar(select(AuditLine.number).where(AuditLine.act == Act.BACKUP_DONE.value).limit(1)) is not None
