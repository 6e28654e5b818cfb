"""Retention: cases closed for long are reduced to counts, and the case itself is deleted.

A count is of a unit, a month and the campaigns that the day of reception was in, so that figures stay right. Each case
carries its own, sealed (remaining.py): nothing is opened here, and nobody has to be in. The log keeps who worked when
and why (py), and gets a tombstone for each case. That it was reduced is noted outside the database too, so that
a restore does not bring it back (restoring.py).

What the log keeps of a case that was reduced: who worked with a case, when, and the reason from the list.

That is what an office has to answer for. Which case it was, whose unit, what was done, which benefit and how it ended
are gone. What is kept was sealed beside each line when it was written, so nobody has to open anything now; the chain is
made of hashes, so it verifies as before.
"""

from __future__ import annotations

import calendar
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.core.clock import local, now_ms, today
from server.core.problem_details import Problem
from server.models import CaseCount, CaseEntry, CaseFile, CaseLogLine
from server.services.cases import case_log, entering, remaining, sealing, store
from server.services.cases.case_log import COMMAND, REDUCED
from server.services.cases.remaining import CaseRest
from server.services.continuity import revocations
from server.services.keyholders.vault import Vault


def erase(session: Session, vault: Vault, cases: Collection[str]) -> int:
    """Erase what the log says of these cases, but for their tombstones. Returns how many lines it was."""
    tags = [tag for case in sorted(cases) for tag in sealing.log_tags(vault, case)]
    query = select(CaseLogLine).where(one_of(CaseLogLine.case_tag, tags)).order_by(CaseLogLine.number)
    rows = session.scalars(query).all()
    for row in rows:
        row.sealed = row.remains
        case_log.tag(session, vault, row, "")
    found = len(rows) + _before(session, vault, set(cases))
    session.flush()
    return found


def _before(session: Session, vault: Vault, cases: set[str]) -> int:
    """Lines of the time before there was a case key: they carry no tag, and the keyring opens them."""
    found = 0
    for row in session.scalars(select(CaseLogLine).where(CaseLogLine.remains == "")).all():
        said = case_log.opened(vault, row)
        if said is None or said["act"] == REDUCED or not {said["case"], said["what"]} & cases:
            continue
        case_log.seal(session, vault, row, case_log.remains_of(said))
        found += 1
    return found


LEAST_MONTHS: Final = 12
Ready = list[tuple[CaseFile, CaseRest]]


@dataclass(frozen=True, slots=True)
class Reduction:
    """How many cases would be reduced, or were; how many wait, and how many cannot be opened and stay.

    A case waits while a campaign that had begun when it was closed is not archived, or another case of the same person
    is not closed so long.
    """

    reduced: int
    waiting: int
    unread: int


def reduce(session: Session, vault: Vault, months: int, *, dry: bool) -> Reduction:
    """Reduce the cases that were closed so many months ago or earlier. `dry`: only count them."""
    held, unread = _every(session, vault, lock=not dry)
    before = _months_ago(today(), months).isoformat()
    closed = [each for each in held if each[1].closed and each[1].closed <= before]
    lasting = [each.starts_on.isoformat() for each in remaining.campaigns(session) if each.status != "archived"]
    ready = [each for each in closed if not any(begun <= each[1].closed for begun in lasting)]
    ready = _whole(ready, set(session.scalars(select(CaseFile.id))))  # those too that cannot be opened
    if not dry:
        _reduce(session, vault, ready)
    return Reduction(len(ready), len(closed) - len(ready), unread)


def note_done(session: Session) -> None:
    """Note outside the database which reductions were committed, in a transaction after these.

    That is each case that was noted and is not here: also one of an earlier run that ended before it came to this.
    """
    noted = {line["id"] for line in revocations.noted(session, revocations.CASE_REDUCED) if not line.get("done")}
    for id_ in sorted(noted - set(session.scalars(select(CaseFile.id)))):
        revocations.note(session, _noted(id_, done=True))


def again(session: Session, vault: Vault, noted: Mapping[str, Mapping[str, Any]]) -> None:
    """Reduce cases that were reduced once and that an older database brought back. `noted`: the lines, by id.

    The first line is written before the commit. If that failed the case lived on, so one that is open, or was closed
    less than the least time before the line, stays. Behind the commit comes a line that is `done`: then the case is
    reduced whatever it is in the older database, where it may be open, or under a key of the ring that is gone.
    """
    held, _ = _every(session, vault, lock=True)
    known = {row.id for row, _ in held}
    done = {id_ for id_, line in noted.items() if line.get("done")}
    rows = session.scalars(select(CaseFile).where(CaseFile.id.in_(done - known)))
    unread = [(row, CaseRest("", ())) for row in rows.all()]
    gone = [
        each
        for each in held
        if each[0].id in noted and (each[0].id in done or _was_closed(each[1], noted[each[0].id]["at"]))
    ]
    _reduce(session, vault, _whole([*gone, *unread], {*known, *(row.id for row, _ in unread)}), done)


def _was_closed(rest: CaseRest, at_ms: int) -> bool:
    return bool(rest.closed) and rest.closed <= _months_ago(local(at_ms).date(), LEAST_MONTHS).isoformat()


def _whole(ready: Ready, there: Collection[str]) -> Ready:
    """Return those whose linked case, if it is there, is among them too: one person is reduced at once."""
    ids = {row.id for row, _ in ready}
    return [each for each in ready if all(other in ids or other not in there for other in each[1].others)]


def _every(session: Session, vault: Vault, *, lock: bool) -> tuple[Ready, int]:
    """All cases with what is known of them while nobody is in, and of how many nothing is."""
    rows = select(CaseFile).order_by(CaseFile.id).execution_options(populate_existing=True)
    held, unread = [], 0
    for row in session.scalars(rows.with_for_update() if lock else rows).all():
        try:
            before = not row.rest  # of the time before there was a case key: the keyring opens it
            rest = remaining.rest_of(store.opened(vault, row).data) if before else remaining.rest(vault, row)
            held.append((row, rest))
        except Problem:
            unread += 1
    return held, unread


def _noted(id_: str, *, done: bool) -> dict[str, Any]:
    return {"at": now_ms(), "what": revocations.CASE_REDUCED, "id": id_, "ended": True} | (
        {"done": True} if done else {}
    )


def _reduce(
    session: Session, vault: Vault, ready: Sequence[tuple[CaseFile, CaseRest]], done: Collection[str] = ()
) -> None:
    """`done`: those whose reduction was committed before: their new line says it, too."""
    if not ready:
        return
    for row, _ in ready:  # all of them, before the linked ones go
        if not row.rest and row.id not in done:
            store.save(session, vault, store.opened(vault, row))
    for row, _ in ready:
        count = CaseCount(id=row.id, unit_tag=row.received_tag, key_id=row.key_id, sealed=row.remains)
        session.add(count)
        session.delete(row)
        revocations.note(session, _noted(row.id, done=row.id in done))
        case_log.append(session, vault, case_log.REDUCED, COMMAND, case=row.id)
    session.execute(delete(CaseEntry).where(CaseEntry.seen_at < now_ms() - entering.IDLE_MS))
    session.flush()
    erase(session, vault, {row.id for row, _ in ready})


def _months_ago(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
