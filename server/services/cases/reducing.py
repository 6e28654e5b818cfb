"""Retention: cases closed for long are reduced to counts of their unit and month, and the case itself is deleted.

The sealed log keeps its lines, which say by internal id what was done and when, and gets a tombstone for each.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import today
from server.core.keyring import Keyring
from server.core.problem_details import Problem
from server.models import Campaign, CaseFile
from server.services.cases import case_log, counting, store, taking_over
from server.services.cases.store import HeldCase
from server.services.cases.taking_over import MONTH

COMMAND: Final = "command"
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
    ready, waiting, unread = [], 0, 0
    before = _months_ago(today(), months).isoformat()
    lasting = session.scalars(select(Campaign).where(Campaign.status != "archived", Campaign.practice.is_(False))).all()
    for row in session.scalars(select(CaseFile).order_by(CaseFile.id)).all():
        try:
            held = store.opened(ring, row)
        except Problem:
            unread += 1
            continue
        if held.data.is_open or held.data.closed > before:
            continue
        if any(each.starts_on <= held.data.received_on <= each.ends_on for each in lasting):
            waiting += 1
        else:
            ready.append(held)
    ids = {held.id for held in ready}
    alone = [held for held in ready if any(each not in ids and session.get(CaseFile, each) for each in _partners(held))]
    ready = [held for held in ready if held not in alone]
    waiting += len(alone)
    if not dry:
        counts = [(held, counting.totals_of(session, ring, held)) for held in ready]  # before the linked ones go
        for held, total in counts:
            if not held.data.counts_as:
                said = {"kind": MONTH, "received": _month(held.data.received_on), "totals": total.plain}
                taking_over.add(session, ring, held.data.received_by, said)
            _remove(session, ring, held)
    return Reduction(len(ready), waiting, unread)


def _partners(held: HeldCase) -> list[str]:
    """Cases of the same person: they are reduced together, because they count together."""
    return [*held.data.same, *([held.data.counts_as] if held.data.counts_as else [])]


def _remove(session: Session, ring: Keyring, held: HeldCase) -> None:
    session.delete(held.row)
    session.flush()
    case_log.append(session, ring, "reduced", COMMAND, case=held.id, unit=held.data.unit)


def _month(day: date) -> str:
    """The last day of the month: the day of reception is not kept."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1]).isoformat()


def _months_ago(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
