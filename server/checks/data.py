"""Checks of what is served: the tables, backups and their trials, jobs, phones that fell behind, guessed codes."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server import migrate
from server.backups import databases, repository
from server.checks import CheckContext
from server.core.build import own_version
from server.core.clock import DAY_MS, local
from server.core.findings import HealthFinding, Level
from server.models import AuditLine, Device
from server.services.access import code_door
from server.services.audit.acts import Act
from server.services.jobs import listing

BACKUP_DAYS, TRIAL_DAYS, BEHIND_DAYS = 2, 14, 14
BACKUP_LASTS_MS = DAY_MS // 2
"""A backup that began longer ago, did not end and does not run was killed; a first one of many photos runs longer."""


def tables(context: CheckContext) -> Iterator[HealthFinding]:
    """The database answers and has the tables of this version."""
    if context.session is None:
        yield HealthFinding("tables", "silent", Level.BAD)
        return
    engine = context.session.get_bind().engine
    if migrate.is_usable(engine):
        yield HealthFinding("tables", "good", Level.GOOD)
        return
    there, made = migrate.revision(engine), migrate.made_by(engine)
    said = {
        "there": ", ".join(there) or "–",
        "made": made,
        "own": own_version(),
        "needs": ", ".join(migrate.expected()),
    }
    try:
        migrate.check(*there)
        what = "other"
    except migrate.ForeignTables:
        what = "newer" if made else "unknown"
    yield HealthFinding("tables", what, Level.BAD, said)


def backup(context: CheckContext) -> Iterator[HealthFinding]:
    """The last good backup, and how the newest try ended."""
    if context.session is None:
        return
    act, at = AuditLine.act, func.max(AuditLine.at)
    last = {
        name: context.session.scalar(select(at).where(act == name.value)) or 0
        for name in (Act.BACKUP_BEGUN, Act.BACKUP_DONE, Act.BACKUP_FAILED, Act.RESTORE_TRIED, Act.RESTORED)
    }
    done, failed, begun = last[Act.BACKUP_DONE], last[Act.BACKUP_FAILED], last[Act.BACKUP_BEGUN]
    said = {"day": f"{local(done):%H:%M %d/%m/%Y}" if done else "–", "at": done}
    # What was restored holds the beginning of its own backup and not the end, which came behind it.
    ended, folder = max(done, last[Act.RESTORED]), context.settings.backup_dir
    killed = begun > ended and context.now - begun > BACKUP_LASTS_MS and not (folder and repository.is_busy(folder))
    if failed > ended or killed:
        yield HealthFinding("backup", "failed", Level.BAD, said)
    elif not done:
        yield HealthFinding("backup", "first" if folder else "never", Level.WARN, said)
    else:
        old = context.now - done > BACKUP_DAYS * DAY_MS
        yield HealthFinding("backup", "old" if old else "good", Level.BAD if old else Level.GOOD, said)
    if done:
        yield _store(context.session)
    if folder is None or not done:
        return
    if found := repository.last_verified(folder):
        faults = {"faults": len(found.faults)}
        yield HealthFinding(
            "pool", "bad" if found.faults else "good", Level.BAD if found.faults else Level.GOOD, faults
        )
    tried = context.session.scalars(
        select(AuditLine.new).where(act == Act.RESTORE_TRIED.value).order_by(AuditLine.number.desc()).limit(1)
    ).first()
    when = {"day": f"{local(last[Act.RESTORE_TRIED]):%d/%m/%Y}"}
    if tried is not None and '"bad"' in tried:
        yield HealthFinding("trial", "bad", Level.BAD, when)
    elif tried is None or context.now - last[Act.RESTORE_TRIED] > TRIAL_DAYS * DAY_MS:
        yield HealthFinding("trial", "never" if tried is None else "old", Level.WARN, when)
    else:
        yield HealthFinding("trial", "good", Level.GOOD, when)


def replaced(context: CheckContext) -> Iterator[HealthFinding]:
    """What restores and rollbacks replaced and kept: it takes room, and holds what was purged since."""
    if context.session is None:
        return
    bind = context.session.get_bind().engine
    for where in databases.kept_aside(bind):
        yield HealthFinding("replaced", "kept", Level.GOOD, {"where": where})
    for where in databases.half_aside(bind):
        yield HealthFinding("replaced", "half", Level.WARN, {"where": where})


def _store(session: Session) -> HealthFinding:
    """What the last backup missed in the store of photos."""
    newest = select(AuditLine.new).where(AuditLine.act == Act.BACKUP_DONE.value).order_by(AuditLine.number.desc())
    said = json.loads(session.scalars(newest.limit(1)).first() or "{}")
    count = int(said.get("amount", 0))
    return HealthFinding("store", "lost" if count else "good", Level.BAD if count else Level.GOOD, {"count": count})


def jobs(context: CheckContext) -> Iterator[HealthFinding]:
    """Nothing failed in the last week."""
    if context.session is None:
        return
    failed = listing.failed_since(context.session, context.now - 7 * DAY_MS)
    yield HealthFinding("jobs", "failed" if failed else "good", Level.WARN if failed else Level.GOOD, {"count": failed})


def phones(context: CheckContext) -> Iterator[HealthFinding]:
    """Phones that said they hold unsent work, and were not heard of for long."""
    if context.session is None:
        return
    held = func.coalesce(Device.held_writes, 0) + func.coalesce(Device.held_photos, 0)
    behind = select(func.count()).select_from(Device).where(held > 0, Device.revoked_at.is_(None))
    count = context.session.scalar(behind.where(Device.seen_at < context.now - BEHIND_DAYS * DAY_MS)) or 0
    yield HealthFinding("phones", "behind" if count else "good", Level.WARN if count else Level.GOOD, {"count": count})


def wrong_codes(context: CheckContext) -> Iterator[HealthFinding]:
    """Somebody guesses enrolment codes."""
    if context.session is None:
        return
    count = code_door.alarm(context.session)
    yield HealthFinding("codes", "many" if count else "good", Level.BAD if count else Level.GOOD, {"count": count or 0})
