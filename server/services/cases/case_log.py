"""The cases' own log: who did what to which case and why, sealed, so that administrators cannot read it.

Each line is chained to the one before it with the keys of the audit log, and its head is noted outside the database,
so that `loa audit verify` finds what was altered or cut without reading any of it (log_verifying.py).

Lines are collected while a transaction works, and chained as its last step before the commit, behind the audit log's.
So the lock of this chain is the last lock of all, wherever in an act `append` is called.

Refused tries, summed by minute and officer before they become lines: nobody can fill the cases' log or hold it up.

A try adds to a row of its minute and takes no lock of the chain. Sums of closed minutes become lines with the next line
that is written, or with a later try. A minute gives at most LINES lines for each act, and one for all other officers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy import ColumnElement, case, delete, or_, select, text, tuple_
from sqlalchemy.orm import Session

from server.core.bulk import inserting
from server.core.canonical import canonical
from server.core.clock import MINUTE_MS, ZONE, local, new_id, now_ms
from server.core.db import is_reading, writing
from server.core.paging import ListPage, page_of
from server.core.problem_details import RETRY_AFTER_S, Problem
from server.core.unit_of_work import Ending, EndingStep, owe
from server.models import CaseLogLine, CaseTry
from server.services.audit import heads, log
from server.services.audit.heads import Head
from server.services.cases import sealing
from server.services.keyholders.vault import Vault

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


LOCK: Final = 0x10A_CA5E5
COMMAND: Final = "command"
"""Who acts in a command or in a restore."""
REFUSED, VIEWED, OPENED, PRINTED = "refused", "viewed", "opened", "printed"
LEFT_LISTED = "left_listed"
"""The codes of a merged unit's open cases were put on paper."""
REDUCED, RESTORED, ERASED_READ, ERASED_CHANGE = "reduced", "restored", "erased_read", "erased_change"
PAGE: Final = 100
ACTS: Final = (
    REFUSED, VIEWED, OPENED, "entered", "left", "listed", "made", "line", "step", "event", "law", "identified",
    "unidentified", "found_anew", "closed", "reopened", "handed_over", "linked", "recoded", "taken_charge", PRINTED,
    "not_found", "figures", "published", "hand_dropped", REDUCED, "log_read", "right_given", "right_ended", "rotated",
    RESTORED, ERASED_READ, ERASED_CHANGE, LEFT_LISTED,
)  # fmt: skip
_MORE: Final = ("case", "unit", "why", "what")
Said = dict[str, Any]
"""What a line says: at, by, act, salt, times, case, unit, why, what."""


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line as it is read. `said` is None if its key is lost."""

    number: int
    said: Said | None


def append(session: Session, vault: Vault, act: str, officer: str, **more: str) -> None:
    """Log an act in the caller's transaction. `more`: `case`, `unit`, `why` (of the list), `what` (an id or a word).

    Raises RuntimeError where nothing will be committed.
    """
    if act not in ACTS or not set(more) <= set(_MORE):
        raise ValueError(f"no act or no column of the log: {act} {sorted(more)}")
    if is_reading(session):
        raise RuntimeError("reading() commits nothing: use case_log.note() before or after it")
    said = _said_of(act, officer, now_ms(), 1, more)
    owe(session, STEP, (vault, said))


def note(vault: Vault, act: str, officer: str, **more: str) -> None:
    """Log an act that writes nothing else, in a transaction of its own."""
    with writing() as session:
        append(session, vault, act, officer, **more)


def note_try(vault: Vault, act: str, officer: str, what: str = "") -> None:
    """Count a refused try. The sum of its minute becomes a line, so nobody can fill the log (py)."""
    with writing() as session:
        count(session, act, officer, what)
        owe(session, STEP, (vault, None))


def settle(vault: Vault) -> None:
    """Write the sums of minutes that are over, so that a reader sees them."""
    with writing() as session:
        owe(session, STEP, (vault, None))


def _said_of(act: str, officer: str, at: int, times: int, more: dict[str, str]) -> Said:
    said = {"at": at, "by": officer, "act": act, "salt": new_id(), "times": times}
    return said | {name: more.get(name, "") for name in _MORE}


def _write(session: Session, owed: list[tuple[Vault, Said | None]]) -> None:
    pending = [said for _, said in owed if said is not None]
    if not pending and not are_due(session):
        return
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    sums = [_said_of(each.act, each.officer, each.at, each.times, {"what": each.what}) for each in closed(session)]
    if said := [*sums, *pending]:
        _chain(session, owed[-1][0], said)


def _chain(session: Session, vault: Vault, lines: Sequence[Said]) -> None:
    keys, _ = log.place_of(session)
    # Behind the lock: a statement that waited for it would see the end of before.
    last = session.execute(
        select(CaseLogLine.number, CaseLogLine.mac).order_by(CaseLogLine.number.desc()).limit(1)
    ).first()
    number, prev = (last[0], last[1]) if last else (0, "")
    first, before = number + 1, prev
    for said in lines:
        number += 1
        digest = hashlib.sha256(canonical(said).encode()).hexdigest()
        key, mac = keys.stamp(("case", number, prev, digest))
        row = CaseLogLine(
            number=number, digest=digest, prev=prev, mac=mac, chain_key=key, key_id="", body_mac="", sealed=""
        )
        seal(session, vault, row, said)
        session.add(row)
        prev = mac
    session.flush()
    head = Head(first, number, before, prev, month_end(now_ms()))
    try:
        log.note_head(session, heads.CASES, head)
    except OSError as error:
        raise Problem("unavailable", retry_after_s=RETRY_AFTER_S) from error


def month_end(at_ms: int) -> int:
    """Return the last moment (ms) of the month: all that a head says of when, because a day names a case."""
    day = local(at_ms)
    after = datetime(day.year + day.month // 12, day.month % 12 + 1, 1, tzinfo=ZONE)
    return int(after.timestamp() * 1000) - 1


STEP = EndingStep(Ending.CASES, settle=_write)


def read(session: Session, vault: Vault, page: int = 1) -> ListPage[ReadLine]:
    """Return a page of lines, the newest first."""
    newest = select(CaseLogLine).order_by(CaseLogLine.number.desc())
    return page_of(session, newest, page, PAGE).map(lambda row: ReadLine(row[0].number, opened(vault, row[0])))


def opened(vault: Vault, row: CaseLogLine) -> Said | None:
    """Return what a line says; None if its key is lost, or nobody opened it."""
    try:
        found: Said = sealing.opened(vault, _place(row.number), row.key_id, row.sealed)
    except Problem:
        return None
    return found


def seal(session: Session, vault: Vault, row: CaseLogLine, said: Said) -> None:
    """Seal a line's text with the current key; its place in the chain stays.

    A line that names a restore is sealed with the keyring: the check of the log reads it while nobody is in.
    """
    own = Vault(vault.ring) if said["act"] == RESTORED else vault
    made = sealing.seal(own, _place(row.number), said, sealing.LINE_BLOCK)
    row.key_id, row.sealed = made.key_id, made.text
    row.remains = sealing.seal(own, _place(row.number), remains_of(said), sealing.LINE_BLOCK).text
    tag(session, vault, row, said["case"] if said["act"] != REDUCED else "")


def tag(session: Session, vault: Vault, row: CaseLogLine, case: str) -> None:
    """Tag a line with its case, or with nothing that is found, and stamp what may change in it."""
    row.case_tag = sealing.log_tag(vault, case or new_id())
    keys, _ = log.place_of(session)
    row.body_mac = keys.stamp(body_of(row))[1]


def body_of(row: CaseLogLine) -> tuple[str | int, ...]:
    """Return what `body_mac` covers. A line of before, which was not sealed anew since, has one text."""
    more = (row.remains, row.case_tag) if row.remains else ()
    return ("case body", row.number, row.sealed, *more)


def remains_of(said: Said) -> Said:
    """What is kept of a line once its case is reduced: who, when and why. Not its salt: the hash must tell nothing."""
    if not (said["case"] or said["act"] == "linked") or said["act"] == REDUCED:
        return said
    act = ERASED_READ if said["act"] in (OPENED, PRINTED, VIEWED) else ERASED_CHANGE
    kept = {name: said[name] for name in ("at", "by", "why")}
    return kept | {"act": act, "salt": "", "times": 1, "case": "", "unit": "", "what": ""}


def _place(number: int) -> str:
    return f"case_log_line:{number}:sealed"
