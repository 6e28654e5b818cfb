"""The cases' own log: who did what to which case and why, sealed, so that administrators cannot read it.

Each line is chained to the one before it with the keys of the audit log, and its head is noted outside the database,
so that `loa audit verify` finds what was altered or cut without reading any of it. Call `append` last in an act: the
lock of the chain comes after every other lock but the audit log's.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session

from server.core.clock import new_id, now_ms
from server.core.db import writing
from server.core.keyring import Keyring
from server.core.problem_details import RETRY_AFTER_S, Problem
from server.models import AuditLine, CaseLogLine
from server.services.access.sealing import SealedSecret
from server.services.audit import heads, log
from server.services.audit.acts import Act
from server.services.audit.heads import Head
from server.services.cases import sealing
from server.services.locks.canonical import canonical

LOCK: Final = 0x10A_CA5E5
HEADS: Final = "case_heads.ndjson"
REFUSED, VIEWED, OPENED = "refused", "viewed", "opened"
PAGE: Final = 100
ACTS: Final = (
    REFUSED, VIEWED, OPENED, "entered", "left", "listed", "made", "line", "step", "event", "identified", "closed",
    "reopened", "handed_over", "linked", "recoded", "taken_charge", "printed", "not_found", "figures", "published",
    "hand_dropped", "reduced", "log_read", "right_given", "right_ended", "rotated",
)  # fmt: skip
_MORE: Final = ("case", "unit", "why", "what")
_HEAD: Final = "case log head"


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line as it is read. `said` is None if its key is lost."""

    number: int
    said: dict[str, Any] | None


def append(session: Session, ring: Keyring, act: str, officer: str, **more: str) -> None:
    """Add a line in the caller's transaction. `more`: `case`, `unit`, `why` (of the list), `what` (an id or a word)."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    keys, path = log.place_of(session)
    last = session.execute(
        select(CaseLogLine.number, CaseLogLine.mac).order_by(CaseLogLine.number.desc()).limit(1)
    ).first()
    number, prev = (last[0] + 1, last[1]) if last else (1, "")
    now = now_ms()
    if act not in ACTS or not set(more) <= set(_MORE):
        raise ValueError(f"no act or no column of the log: {act} {sorted(more)}")
    said = {"at": now, "by": officer, "act": act, "salt": new_id()} | {name: more.get(name, "") for name in _MORE}
    made = sealing.seal(ring, _place(number), said, sealing.LINE_BLOCK)
    digest = hashlib.sha256(canonical(said).encode()).hexdigest()
    key, mac = keys.stamp(("case", number, prev, digest))
    row = CaseLogLine(number=number, digest=digest, prev=prev, mac=mac, chain_key=key, key_id=made.key_id, body_mac="")
    row.sealed = made.text
    row.body_mac = keys.stamp(("case body", number, made.text))[1]
    session.add(row)
    session.flush()
    head = Head(number, number, prev, mac, now)
    try:
        heads.intend(path.with_name(HEADS), head)
    except OSError as error:
        raise Problem("unavailable", retry_after_s=RETRY_AFTER_S) from error
    session.info.setdefault(_HEAD, []).append((path.with_name(HEADS), head))


def note(ring: Keyring, act: str, officer: str, **more: str) -> None:
    """Log an act that writes nothing else, in a transaction of its own."""
    with writing() as session:
        append(session, ring, act, officer, **more)


@event.listens_for(Session, "after_commit")
def _committed(session: Session) -> None:
    if not session.in_nested_transaction():
        for path, head in session.info.pop(_HEAD, []):
            heads.keep(path, head)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_HEAD, None)


def read(session: Session, ring: Keyring, page: int = 1) -> tuple[list[ReadLine], int]:
    """Return a page of lines, the newest first, and the number of pages."""
    total = session.scalar(select(func.count()).select_from(CaseLogLine)) or 0
    rows = select(CaseLogLine).order_by(CaseLogLine.number.desc()).limit(PAGE).offset((page - 1) * PAGE)
    return [ReadLine(row.number, _said(ring, row)) for row in session.scalars(rows)], -(-total // PAGE) or 1


def _said(ring: Keyring, row: CaseLogLine) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = sealing.opened(ring, _place(row.number), row.key_id, row.sealed)
    except Problem:
        return None
    return found


def sealed_anew(session: Session, ring: Keyring, row: CaseLogLine) -> None:
    """Seal a line's text with the current key; its place in the chain stays. Raises Problem `case_unreadable`."""
    said = sealing.opened(ring, _place(row.number), row.key_id, row.sealed)
    made: SealedSecret = sealing.seal(ring, _place(row.number), said, sealing.LINE_BLOCK)
    keys, _ = log.place_of(session)
    row.key_id, row.sealed = made.key_id, made.text
    row.body_mac = keys.stamp(("case body", row.number, made.text))[1]


def verify(session: Session) -> list[str]:
    """Return what is wrong with the log, in words for the command; nothing is opened."""
    keys, path = log.place_of(session)
    faults: list[str] = []
    macs: dict[int, str] = {}
    expected, prev = 1, ""
    for row in session.scalars(select(CaseLogLine).order_by(CaseLogLine.number).execution_options(yield_per=500)):
        if row.number != expected:
            faults.append(f"Lines {expected} to {row.number - 1} of the cases' log: missing.")
        elif row.prev != prev:
            faults.append(f"Line {row.number} of the cases' log: it does not follow the line before it.")
        genuine = keys.is_stamp(row.mac, ("case", row.number, row.prev, row.digest))
        if not (genuine and keys.is_stamp(row.body_mac, ("case body", row.number, row.sealed))):
            faults.append(f"Line {row.number} of the cases' log: not as it was written.")
        macs[row.number] = row.mac
        expected, prev = row.number + 1, row.mac
    return faults + _cut(session, macs, path.with_name(HEADS))


def _cut(session: Session, macs: dict[int, str], path: Path) -> list[str]:
    """Heads outside the database that it lacks, but for those that a restore named in the audit log took away."""
    lost = [head for head in heads.kept(path) if macs.get(head.n) != head.mac]
    restored = session.scalar(select(func.max(AuditLine.at)).where(AuditLine.act == Act.RESTORED)) or 0
    gone = [head.n for head in lost if head.at > restored]
    return (
        [f"Lines {min(gone)} to {max(gone)} of the cases' log: cut off, or others are in their place."] if gone else []
    )


def _place(number: int) -> str:
    return f"case_log_line:{number}:sealed"
