"""A new key: every row is sealed anew with it and gets new tags, so that the old key can be retired."""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.core.keyring import Keyring
from server.core.problem_details import Problem
from server.models import CaseCount, CaseEntry, CaseFile, CaseLogLine
from server.services.cases import case_log, sealing, store

COMMAND: Final = "command"


def rotate(session: Session, ring: Keyring) -> tuple[int, int]:
    """Seal what is under an older key anew. Returns how many rows were, and how many cannot be read: those stay.

    Everybody who is in has to enter again.
    """
    current = ring.current(sealing.PURPOSE).id
    done = unread = 0
    session.execute(delete(CaseEntry))
    for row in session.scalars(select(CaseFile).where(CaseFile.key_id != current).with_for_update()):
        try:
            held = store.opened(ring, row)
        except Problem:
            unread += 1
            continue
        store.save(session, ring, held)
        done += 1
    for count in session.scalars(select(CaseCount).where(CaseCount.key_id != current).with_for_update()):
        place = f"case_count:{count.id}:sealed"
        try:
            said = sealing.opened(ring, place, count.key_id, count.sealed)
        except Problem:
            unread += 1
            continue
        made = sealing.seal(ring, place, said)
        count.key_id, count.sealed, count.unit_tag = made.key_id, made.text, sealing.tag(ring, "unit", said["unit"])
        done += 1
    for line in session.scalars(select(CaseLogLine).where(CaseLogLine.key_id != current)).all():
        try:
            case_log.sealed_anew(session, ring, line)
        except Problem:
            unread += 1
            continue
        done += 1
    session.flush()
    if done:
        case_log.append(session, ring, "rotated", COMMAND)
    return done, unread
