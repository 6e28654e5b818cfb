"""Retention: cases closed for long are reduced to counts, and the case itself is deleted.

A count is of a unit, a month and the campaigns that the day of reception was in, so that figures stay right. The log
keeps who worked when and why (erasing.py), and gets a tombstone for each case. That it was reduced is noted outside
the database too, so that a restore does not bring it back (restoring.py).
"""

from __future__ import annotations

import calendar
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.core.clock import local, now_ms, today
from server.core.keyring import Keyring
from server.core.problem_details import Problem
from server.models import Campaign, CaseEntry, CaseFile
from server.services.cases import case_log, counting, entering, erasing, store, taking_over
from server.services.cases.case_log import COMMAND
from server.services.cases.store import HeldCase
from server.services.continuity import revocations

LEAST_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Reduction:
    """How many cases would be reduced, or were; how many wait, and how many cannot be opened and stay.

    A case waits while a campaign of its day is not archived, or another case of the same person is not closed so long.
    """

    reduced: int
    waiting: int
    unread: int


def reduce(session: Session, ring: Keyring, months: int, *, dry: bool) -> Reduction:
    """Reduce the cases that were closed so many months ago or earlier. `dry`: only count them."""
    held, unread = _every(session, ring, lock=not dry)
    before = _months_ago(today(), months).isoformat()
    closed = [each for each in held if not each.data.is_open and each.data.closed <= before]
    lasting = [each for each in _campaigns(session) if each.status != "archived"]
    ready = [each for each in closed if not any(_has(campaign, each) for campaign in lasting)]
    ready = _whole(ready, set(session.scalars(select(CaseFile.id))))  # those too that cannot be opened
    if not dry:
        _reduce(session, ring, ready)
    return Reduction(len(ready), len(closed) - len(ready), unread)


def again(session: Session, ring: Keyring, noted: Mapping[str, int]) -> None:
    """Reduce cases that were reduced once and that an older database brought back. `noted`: when, in ms, by id.

    The note is written before the commit. If that failed the case lived on, so one that is open, or was closed after
    the note, stays.
    """
    held, _ = _every(session, ring, lock=True)
    gone = [each for each in held if each.id in noted and _was_closed(each, noted[each.id])]
    _reduce(session, ring, _whole(gone, {each.id for each in held}))


def _was_closed(held: HeldCase, at_ms: int) -> bool:
    return not held.data.is_open and held.data.closed <= local(at_ms).date().isoformat()


def _whole(ready: Sequence[HeldCase], there: Collection[str]) -> list[HeldCase]:
    """Return those whose linked case, if it is there, is among them too: one person is reduced at once."""
    ids = {each.id for each in ready}
    return [each for each in ready if all(other in ids or other not in there for other in _partners(each))]


def _every(session: Session, ring: Keyring, *, lock: bool) -> tuple[list[HeldCase], int]:
    """All cases that can be opened, and how many cannot."""
    rows = select(CaseFile).order_by(CaseFile.id).execution_options(populate_existing=True)
    held, unread = [], 0
    for row in session.scalars(rows.with_for_update() if lock else rows).all():
        try:
            held.append(store.opened(ring, row))
        except Problem:
            unread += 1
    return held, unread


def _reduce(session: Session, ring: Keyring, ready: Sequence[HeldCase]) -> None:
    if not ready:
        return
    campaigns = _campaigns(session)
    partners = store.partners(session, ring, ready)
    counts = [(each, counting.totals_of(each.data, partners)) for each in ready]  # before the linked ones go
    for each, total in counts:
        if not each.data.counts_as and not total.is_nil:
            inside = sorted(campaign.id for campaign in campaigns if _has(campaign, each))
            taking_over.add_month(session, ring, each.data.received_by, (_month(each.data.received_on), inside), total)
        session.delete(each.row)
        noted = {"at": now_ms(), "what": revocations.CASE_REDUCED, "id": each.id, "ended": True}
        revocations.note(session, noted)
        case_log.append(session, ring, case_log.REDUCED, COMMAND, case=each.id)
    session.execute(delete(CaseEntry).where(CaseEntry.seen_at < now_ms() - entering.IDLE_MS))
    session.flush()
    erasing.erase(session, ring, {each.id for each in ready})


def _campaigns(session: Session) -> Sequence[Campaign]:
    return session.scalars(select(Campaign).where(Campaign.practice.is_(False)).order_by(Campaign.id)).all()


def _has(campaign: Campaign, held: HeldCase) -> bool:
    """The person was received in the campaign's days."""
    return campaign.starts_on <= held.data.received_on <= campaign.ends_on


def _partners(held: HeldCase) -> list[str]:
    """Cases of the same person: they are reduced together, because they count together."""
    return [*held.data.same, *([held.data.counts_as] if held.data.counts_as else [])]


def _month(day: date) -> str:
    """The last day of the month: the day of reception is not kept."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1]).isoformat()


def _months_ago(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
