"""Refused tries, summed by minute and officer before they become lines: nobody can fill the cases' log or hold it up.

A try adds to a row of its minute and takes no lock of the chain. Sums of closed minutes become lines with the next line
that is written, or with a later try. A minute gives at most LINES lines for each act, and one for all other officers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from sqlalchemy import ColumnElement, case, delete, or_, select, tuple_
from sqlalchemy.orm import Session

from server.core.bulk import inserting
from server.core.clock import MINUTE_MS, now_ms
from server.models import CaseTry

LINES: Final = 20
AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class TrySum:
    """Tries of one minute. `officer`: empty for the rest of many. `what`: the page; empty if there were several."""

    at: int
    act: str
    officer: str
    what: str
    times: int


def count(session: Session, act: str, officer: str, what: str) -> None:
    """Count a try. `what`: the name of the page."""
    row = {"minute": now_ms() // MINUTE_MS, "act": act, "officer_id": officer, "what": what[:40], "times": 1}
    same: ColumnElement[str] = case((CaseTry.what == what[:40], CaseTry.what), else_="")
    session.execute(
        inserting(session, CaseTry)
        .values(row)
        .on_conflict_do_update(
            index_elements=["minute", "act", "officer_id"], set_={"times": CaseTry.times + 1, "what": same}
        )
    )


def are_due(session: Session) -> bool:
    """True if a minute is over whose tries are not in the log yet."""
    return session.execute(select(CaseTry.minute).where(_over()).limit(1)).first() is not None


def closed(session: Session) -> list[TrySum]:
    """Take the sums of closed minutes out of their table. Rows that are being counted in are left for the next time."""
    rows = session.execute(
        select(CaseTry.minute, CaseTry.act, CaseTry.officer_id, CaseTry.what, CaseTry.times)
        .where(_over())
        .order_by(CaseTry.minute, CaseTry.act, CaseTry.times.desc(), CaseTry.officer_id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    if rows:
        taken = tuple_(CaseTry.minute, CaseTry.act, CaseTry.officer_id).in_([tuple(row[:3]) for row in rows])
        session.execute(delete(CaseTry).where(taken), execution_options={"synchronize_session": False})
    sums = [TrySum(row[0] * MINUTE_MS, row[1], row[2], row[3], row[4]) for row in rows]
    return [each for _, same in groupby(sums, lambda row: (row.at, row.act)) for each in _bounded(list(same))]


def _bounded(sums: Sequence[TrySum]) -> list[TrySum]:
    """The officers who tried most, and one sum of all others."""
    others = sums[LINES:]
    rest = [TrySum(others[0].at, others[0].act, "", "", sum(each.times for each in others))] if others else []
    return [*sums[:LINES], *rest]


def _over() -> ColumnElement[bool]:
    """A minute in the future is over, too: the clock was set back since."""
    now = now_ms() // MINUTE_MS
    return or_(CaseTry.minute < now, CaseTry.minute > now + 1)
