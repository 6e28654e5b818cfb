"""Rows under a key of the ring are sealed anew each night with the case key, once there is one, or with the newest key.

So an old key can be retired. What is under the case key needs none of them, and nobody opens it here. Once the key is
made, a job drops what PostgreSQL keeps of the rows of before (SQLite overwrites it).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import time
from pathlib import Path
from typing import Final

from sqlalchemy import URL, NullPool, create_engine, select
from sqlalchemy.orm import Session

from server.core.db import writing
from server.core.keyring import Keyring
from server.models import CaseCount, CaseFile, CaseLogLine, SealedAnnex, SealedTotals
from server.services.confidential import sealed
from server.services.jobs import Attempt, Jobs, enqueuing
from server.services.keyholders import vault
from server.services.keyholders.vault import Vault

log = logging.getLogger(__name__)
KIND: Final = "confidential.reseal"
NIGHTLY: Final = time(1, 40)
AT_ONCE: Final = 200
VACUUM: Final = "confidential.vacuum"
TABLES: Final = (CaseFile, CaseCount, CaseLogLine, SealedTotals, SealedAnnex)
"""What the case key takes over."""


def anew(session: Session, opened: Vault, past: dict[str, str] | None = None) -> tuple[int, int]:
    """Seal a few rows anew. Returns how many were, and how many could not be read.

    `past`: by table, the last id that was tried; it is moved on, so that unreadable rows do not stop those behind them.
    """
    past = {} if past is None else past
    done = unread = 0
    current = opened.current(sealed.PURPOSE)
    found: list[tuple[str, SealedTotals | SealedAnnex]] = []
    older = select(SealedTotals).where(SealedTotals.key_id != current, SealedTotals.id > past.get("sealed_totals", ""))
    rows = session.scalars(older.order_by(SealedTotals.id).limit(AT_ONCE).with_for_update())
    found += [("sealed_totals", row) for row in rows]
    frozen = select(SealedAnnex).where(SealedAnnex.key_id != current, SealedAnnex.id > past.get("sealed_annex", ""))
    annexes = session.scalars(frozen.order_by(SealedAnnex.id).limit(AT_ONCE).with_for_update())
    found += [("sealed_annex", row) for row in annexes]
    for table, row in found:
        past[table] = row.id
        try:
            place = sealed.place_of(table, row.id)
            text = sealed.sealed_anew(opened, place, row.key_id, row.sealed)
        except sealed.Unreadable:
            unread += 1
            continue
        row.key_id, row.sealed = text.key_id, text.text
        done += 1
    session.flush()
    return done, unread


def take_over(session: Session, opened: Vault) -> None:
    """Seal all that the keyring sealed before there was a case key."""
    past: dict[str, str] = {}
    while sum(anew(session, opened, past)):
        pass
    enqueuing.enqueue(session, VACUUM, once=f"{VACUUM}:{opened.id}")


def vacuum(url: URL) -> None:
    """Write the tables anew, without the rows of before: PostgreSQL keeps them until others take their room.

    In a session of its own, past any pooler: it waits for each table a while, and not for good.
    """
    if url.get_backend_name() != "postgresql":
        return
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("SET lock_timeout = '15s'")
        for table in TABLES:
            connection.exec_driver_sql(f"VACUUM FULL {table.__tablename__}")


def register(jobs: Jobs, ring: Keyring) -> None:
    """Register both jobs."""

    def run(attempt: Attempt, _ids: Sequence[str]) -> Path | None:
        past: dict[str, str] = {}
        tried, unread = 1, 0
        while tried:
            attempt.progress(0, 1)
            with writing() as session:
                done, missed = anew(session, vault.closed(session, ring), past)
            tried, unread = done + missed, unread + missed
        if unread:
            log.error("%s sealed totals cannot be read: their key was retired, or they were altered", unread)
        return None

    def drop_old(attempt: Attempt, _ids: Sequence[str]) -> Path | None:
        attempt.progress(0, 1)
        vacuum(jobs.url)
        return None

    jobs.register(KIND, run, nightly=NIGHTLY)
    jobs.register(VACUUM, drop_old)
