"""Rows under a key that is not current are sealed anew each night, so that an old key can be retired."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import time
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.db import writing
from server.core.keyring import Keyring
from server.models import SealedAnnex, SealedTotals
from server.services.confidential import sealed
from server.services.jobs import Attempt, Jobs

log = logging.getLogger(__name__)
KIND: Final = "confidential.reseal"
NIGHTLY: Final = time(1, 40)
AT_ONCE: Final = 200


def anew(session: Session, ring: Keyring, past: dict[str, str] | None = None) -> tuple[int, int]:
    """Seal a few rows anew. Returns how many were, and how many could not be read.

    `past`: by table, the last id that was tried; it is moved on, so that unreadable rows do not stop those behind them.
    """
    past = {} if past is None else past
    done = unread = 0
    current = ring.current(sealed.PURPOSE).id
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
            text = sealed.sealed_anew(ring, place, row.key_id, row.sealed)
        except sealed.Unreadable:
            unread += 1
            continue
        row.key_id, row.sealed = text.key_id, text.text
        done += 1
    session.flush()
    return done, unread


def register(jobs: Jobs, ring: Keyring) -> None:
    """Register the nightly job."""

    def run(attempt: Attempt, _ids: Sequence[str]) -> Path | None:
        past: dict[str, str] = {}
        tried, unread = 1, 0
        while tried:
            attempt.progress(0, 1)
            with writing() as session:
                done, missed = anew(session, ring, past)
            tried, unread = done + missed, unread + missed
        if unread:
            log.error("%s sealed totals cannot be read: their key was retired, or they were altered", unread)
        return None

    jobs.register(KIND, run, nightly=NIGHTLY)
