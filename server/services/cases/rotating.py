"""A new key: every row is sealed anew with it and gets new tags, so that the old key can be retired."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.core.keyring import Keyring
from server.core.problem_details import Problem
from server.models import CaseCount, CaseEntry, CaseFile, CaseLogLine
from server.services.cases import case_log, sealing, store, taking_over
from server.services.cases.case_log import COMMAND


def rotate(session: Session, ring: Keyring) -> tuple[int, int]:
    """Seal what is under an older key anew. Returns how many rows were, and how many cannot be read: those stay.

    Rows that say they are under the current key are opened too: another machine's keys may have the same names.
    Everybody who is in has to enter again.
    """
    session.execute(delete(CaseEntry))
    parts = _cases(session, ring), _counts(session, ring), _lines(session, ring)
    done, unread = sum(each[0] for each in parts), sum(each[1] for each in parts)
    session.flush()
    if done:
        case_log.append(session, ring, "rotated", COMMAND)
    return done, unread


def _cases(session: Session, ring: Keyring) -> tuple[int, int]:
    done = unread = 0
    for row in session.scalars(select(CaseFile).order_by(CaseFile.id).with_for_update()).all():
        try:
            held = store.opened(ring, row)
        except Problem:
            unread += 1
            continue
        if not _is_current(ring, row):
            store.save(session, ring, held)
            done += 1
    return done, unread


def _counts(session: Session, ring: Keyring) -> tuple[int, int]:
    done = unread = 0
    for row in session.scalars(select(CaseCount).order_by(CaseCount.id).with_for_update()).all():
        try:
            said = taking_over.opened(ring, row)
        except Problem:
            unread += 1
            continue
        if not _is_current(ring, row):
            taking_over.seal(ring, row, said)
            done += 1
    return done, unread


def _lines(session: Session, ring: Keyring) -> tuple[int, int]:
    done = unread = 0
    for row in session.scalars(select(CaseLogLine).order_by(CaseLogLine.number)).all():
        said = case_log.opened(ring, row)
        if said is None:
            unread += 1
        elif not _is_current(ring, row):
            case_log.seal(session, ring, row, said)
            done += 1
    return done, unread


def _is_current(ring: Keyring, row: CaseFile | CaseCount | CaseLogLine) -> bool:
    return row.key_id == ring.current(sealing.PURPOSE).id
