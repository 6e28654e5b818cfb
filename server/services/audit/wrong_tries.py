"""Wrong tries, summed by minute and account before they become lines: nobody outside can fill the chain or hold it up.

A try adds to a row of its minute, in the transaction that counts it anyway (access/tries.py), and takes no lock of the
chain. Sums of closed minutes become lines with the next act that is logged, or once a minute if there is none. A minute
gives at most LINES lines: those of the accounts that were tried most, and one for all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from sqlalchemy import ColumnElement, Row, case, delete, or_, select, tuple_
from sqlalchemy.orm import Session

from server.core.bulk import inserting
from server.core.clock import MINUTE_MS, now_ms
from server.core.unit_of_work import Actor, acting
from server.models import WrongTry
from server.services.audit.acts import Act
from server.services.audit.chain import Entry

LINES: Final = 20
AT_ONCE: Final = 5_000

_ROWS = select(WrongTry.minute, WrongTry.act, WrongTry.subject, WrongTry.address, WrongTry.times)


def count(session: Session, act: Act, subject: str = "", times: int = 1) -> None:
    """Count a wrong try from the acting address. `subject`: the account; empty where there is none of that name."""
    address = acting().address
    row = {"minute": now_ms() // MINUTE_MS, "act": act, "subject": subject, "address": address, "times": times}
    same: ColumnElement[str] = case((WrongTry.address == address, address), else_="")
    session.execute(
        inserting(session, WrongTry)
        .values(row)
        .on_conflict_do_update(
            index_elements=["minute", "act", "subject"], set_={"times": WrongTry.times + times, "address": same}
        )
    )


def closed(session: Session) -> list[Entry]:
    """Take the sums of closed minutes out of their table; returns them as lines.

    Rows that another transaction counts in are left for the next time. A minute in the future is closed, too: the clock
    was set back since.
    """
    now = now_ms() // MINUTE_MS
    over = or_(WrongTry.minute < now, WrongTry.minute > now + 1)
    due = _ROWS.where(over).order_by(WrongTry.minute, WrongTry.act, WrongTry.times.desc(), WrongTry.subject)
    rows = session.execute(due.limit(AT_ONCE).with_for_update(skip_locked=True)).all()
    if not rows:
        return []
    keys = [(row.minute, row.act, row.subject) for row in rows]
    found = [
        entry
        for (minute, act), same in groupby(rows, lambda row: (row.minute, row.act))
        for entry in _lines(minute, Act(act), list(same))
    ]
    for at in range(0, len(keys), 200):
        some = tuple_(WrongTry.minute, WrongTry.act, WrongTry.subject).in_(keys[at : at + 200])
        session.execute(delete(WrongTry).where(some), execution_options={"synchronize_session": False})
    return found


def _lines(minute: int, act: Act, rows: Sequence[Row[int, str, str, str, int]]) -> list[Entry]:
    at = minute * MINUTE_MS
    found = []
    for row in rows[:LINES]:
        about = ("officer", row.subject) if row.subject else None
        found.append(Entry.of(act, about, times=row.times, at=at, by=Actor(address=row.address)))
    if others := rows[LINES:]:
        total = sum(row.times for row in others)
        found.append(Entry.of(act, new={"accounts": len(others)}, times=total, at=at, by=Actor()))
    return found
