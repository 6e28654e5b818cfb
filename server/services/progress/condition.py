"""How the service itself is doing, for its administrators: room on the disk, last backup, jobs, accounts."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Final

from cryptography import x509
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from server.core.clock import DAY_MS, now_ms
from server.models import AuditLine, Device, Membership
from server.services.audit.acts import Act
from server.services.jobs import listing
from server.services.units.scope import Scope

BACKUP_DAYS: Final = 2
"""Without a backup for longer, the administrator is warned."""
BACKUP_LASTS_MS: Final = DAY_MS // 2
"""One that began longer ago and did not end was killed."""
LOW_SHARE: Final = 0.1
CERTIFICATE_DAYS: Final = 21


@dataclass(frozen=True, slots=True)
class Condition:
    """Sizes in bytes, times in ms. `backup_at`: when the last whole backup ended; None if none is in the log.

    `backup_failed`: the newest try failed, or did not end within half a day.

    `certificate_ends`: when the certificate that the server itself shows ends; None if another program shows one.
    """

    free: int
    size: int
    backup_at: int | None
    backup_failed: bool
    certificate_ends: int | None
    workers_idle: bool
    failed_jobs: int
    at: int

    @property
    def is_full(self) -> bool:
        """Little room is left."""
        return self.free < LOW_SHARE * self.size

    @property
    def lacks_backup(self) -> bool:
        """No backup was done lately, or the newest failed."""
        return self.backup_failed or self.backup_at is None or self.at - self.backup_at > BACKUP_DAYS * DAY_MS

    @property
    def certificate_days(self) -> int | None:
        """Days left of the certificate."""
        return None if self.certificate_ends is None else (self.certificate_ends - self.at) // DAY_MS

    @property
    def is_certificate_old(self) -> bool:
        """The certificate ends soon."""
        return self.certificate_days is not None and self.certificate_days < CERTIFICATE_DAYS


def condition(session: Session, data_dir: Path, certificate: Path | None) -> Condition:
    """Read it. `certificate`: the file of the server's own, if it has one."""
    disk, now = shutil.disk_usage(data_dir), now_ms()
    done, failed, begun = (last_at(session, act) for act in (Act.BACKUP_DONE, Act.BACKUP_FAILED, Act.BACKUP_BEGUN))
    return Condition(
        disk.free,
        disk.total,
        done,
        (failed or 0) > (done or 0) or ((begun or 0) > (done or 0) and now - (begun or 0) > BACKUP_LASTS_MS),
        _ends(certificate) if certificate else None,
        listing.is_idle(session),
        listing.failed_since(session, now - 7 * DAY_MS),
        now,
    )


def last_at(session: Session, act: Act) -> int | None:
    """Return when this was last done, by the audit log."""
    return session.scalar(select(func.max(AuditLine.at)).where(AuditLine.act == act.value))


def _ends(certificate: Path) -> int | None:
    try:
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
    except (OSError, ValueError):
        return None
    return int(found.not_valid_after_utc.astimezone(UTC).timestamp() * 1000)


def accounts(session: Session, scope: Scope) -> tuple[int, int]:
    """Return the number of people that the officer sees, and of those among them who never had a phone."""
    seen = select(Membership.officer_id).where(scope.sees(Membership.unit_id), Membership.ended_at.is_(None)).distinct()
    each = seen.subquery()
    bare = ~exists().where(Device.officer_id == each.c.officer_id)
    every = session.scalar(select(func.count()).select_from(each)) or 0
    return every, session.scalar(select(func.count()).select_from(each).where(bare)) or 0
