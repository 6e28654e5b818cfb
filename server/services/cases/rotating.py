"""A new key: every row is sealed anew with it and gets new tags, so that the old key can be retired.

Who is in takes over what the keyring sealed before there was a case key. While nobody is in, only what the keyring
seals is sealed anew: what is under the case key needs no key of the ring.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.models import CaseCount, CaseEntry, CaseFile, CaseLogLine
from server.services.cases import case_log, remaining, sealing, store, taking_over
from server.services.cases.case_log import COMMAND
from server.services.continuity import revocations
from server.services.keyholders.vault import Vault


def rotate(session: Session, vault: Vault) -> tuple[int, int]:
    """Seal what is under an older key anew. Returns how many rows were, and how many cannot be read: those stay.

    Rows that say they are under the current key of the ring are opened too: another machine's keys may have the same
    names. Everybody who is in has to enter again.
    """
    session.execute(delete(CaseEntry))
    parts = _cases(session, vault), _counts(session, vault), _lines(session, vault)
    done, unread = sum(each[0] for each in parts), sum(each[1] for each in parts)
    session.flush()
    if done:
        case_log.append(session, vault, "rotated", COMMAND)
    return done, unread


def mend(session: Session, vault: Vault) -> None:
    """Make anew what the keyring sealed, where it is another one by now: after a restore without its keys."""
    lost = []
    for row in session.scalars(select(CaseFile).order_by(CaseFile.id)).all():
        try:
            remaining.rest(vault, row)
        except Problem:
            lost.append(row)
    among = remaining.campaigns(session) if lost else ()
    for row in lost:
        with suppress(Problem):
            store.save(session, vault, store.opened(vault, row), among)
    _mend_tags(session, vault)


def _mend_tags(session: Session, vault: Vault) -> None:
    """Tag lines anew whose tag no key of the ring makes; erase those of cases that were reduced since.

    A restore erases them by their tags, which it does not know where a backup is older than the keys of the ring.
    """
    known = [CaseLogLine.case_tag.startswith(f"{key.id}.", autoescape=True) for key in vault.ring.all(sealing.LOG_TAGS)]
    rows = select(CaseLogLine).where(CaseLogLine.remains != "", ~or_(*known)).order_by(CaseLogLine.number)
    found = session.scalars(rows).all()
    gone = {line["id"] for line in revocations.noted(session, revocations.CASE_REDUCED)} if found else set()
    gone -= set(session.scalars(select(CaseFile.id))) if gone else set()
    for row in found:
        said = case_log.opened(vault, row)
        if said is None:
            continue
        case = said["case"] if said["act"] != case_log.REDUCED else ""
        if case in gone:
            row.sealed = row.remains
        case_log.tag(session, vault, row, "" if case in gone else case)


def tidy(session: Session, vault: Vault) -> None:
    """Do what can only be done by who is in, each time that somebody opens the case key."""
    mend(session, vault)
    taking_over.merge_months(session, vault)


def _cases(session: Session, vault: Vault) -> tuple[int, int]:
    done = unread = 0
    among = remaining.campaigns(session)
    for row in session.scalars(select(CaseFile).order_by(CaseFile.id).with_for_update()).all():
        try:
            if _is_by_key(vault, row):
                done += remaining.resealed(vault, row)
                continue
            held = store.opened(vault, row)
        except Problem:
            unread += 1
            continue
        if not _is_current(vault, row):
            store.save(session, vault, held, among)
            done += 1
    return done, unread


def _counts(session: Session, vault: Vault) -> tuple[int, int]:
    done = unread = 0
    for row in session.scalars(select(CaseCount).order_by(CaseCount.id).with_for_update()).all():
        if _is_by_key(vault, row):
            continue
        try:
            said = taking_over.opened(vault, row)
        except Problem:
            unread += 1
            continue
        if not _is_current(vault, row):
            taking_over.seal(vault, row, said)
            done += 1
    return done, unread


def _lines(session: Session, vault: Vault) -> tuple[int, int]:
    done = unread = 0
    new = dict(_new_tags(session, vault))
    for row in session.scalars(select(CaseLogLine).order_by(CaseLogLine.number)).all():
        if _is_by_key(vault, row):
            if row.case_tag.partition(".")[0] != vault.ring.current(sealing.LOG_TAGS).id:
                case_log.tag(session, vault, row, new.get(row.case_tag, ""))
                done += 1
            continue
        said = case_log.opened(vault, row)
        if said is None:
            unread += 1
        elif _needs(vault, row, said):
            # What is kept of a line of one case must not name the other.
            case_log.seal(session, vault, row, said | {"what": ""} if said["act"] == "linked" else said)
            done += 1
    return done, unread


def _needs(vault: Vault, row: CaseLogLine, said: case_log.Said) -> bool:
    """A line that names a restore stays under the keyring; one of before has no remainder yet."""
    if said["act"] == case_log.RESTORED:
        return row.key_id != vault.ring.current(sealing.PURPOSE).id or not row.remains
    return not _is_current(vault, row) or not row.remains


def _new_tags(session: Session, vault: Vault) -> Iterator[tuple[str, str]]:
    """Yield the tags of cases by older keys of the ring, with the case: nobody else has any."""
    for case in session.scalars(select(CaseFile.id)):
        for tag in sealing.log_tags(vault, case)[1:]:
            yield tag, case


def _is_by_key(vault: Vault, row: CaseFile | CaseCount | CaseLogLine) -> bool:
    return bool(vault.id) and row.key_id == vault.id


def _is_current(vault: Vault, row: CaseFile | CaseCount | CaseLogLine) -> bool:
    return row.key_id == vault.current(sealing.PURPOSE)
