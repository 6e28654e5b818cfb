"""Write the log: lines are collected while a transaction works, and chained as its last step before the commit.

So a line and its act are stored together or not at all. The lock of the chain is the last lock that a transaction
takes, after those of streams, marks and whatever else, so it can be part of no deadlock; and it is held only for three
statements, the head's line in the file, and the commit.

Wrong tries are summed by minute and account before they become lines: nobody outside can fill the chain or hold it up.
A try adds to a row of its minute, in the transaction that counts it anyway (access/tries.py), and takes no lock of the
chain. Sums of closed minutes become lines with the next act that is logged, or once a minute if there is none. A minute
gives at most LINES lines: those of the accounts that were tried most, and one for all others.

The head goes to a file outside the database before each commit (heads.py), for QUICK acts once a minute, and from there
off this machine where that is set (witness.py).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from sqlalchemy import ColumnElement, Engine, Row, bindparam, case, delete, exists, or_, select, text, tuple_
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from server.core.acting import Actor, actor
from server.core.bulk import insert_all, inserting
from server.core.clock import MINUTE_MS, new_id, now_ms
from server.core.db import is_reading, writing
from server.core.keyring import Keyring
from server.core.problem_details import RETRY_AFTER_S, Problem
from server.core.unit_of_work import Ending, EndingStep, keep, owe, part_of
from server.models import AuditHead, AuditLine, WrongTry
from server.services.audit import heads
from server.services.audit.acts import QUICK, About, Act, Values
from server.services.audit.chain import ChainKeys, Entry, Line
from server.services.audit.heads import Head
from server.services.audit.witness import Witness

log = logging.getLogger(__name__)
SHORT: Final = 12
"""Digits of a head that people compare: a forger would need 2^48 tries, each with the key."""
EVERY_S: Final = 60.0
"""How often the head of quick acts is written to the file, and how often sums of wrong tries are looked for."""
LOCK: Final = 0x10A_A0D17
"""Advisory lock: one transaction at a time adds to the chain."""
Watcher = Callable[[Session, Entry], None]
_WATCHERS: Final[dict[Act, Watcher]] = {}


class NotLogged(Problem):
    """The act is not done, because its line cannot be written."""

    def __init__(self) -> None:
        super().__init__("unavailable", retry_after_s=RETRY_AFTER_S)


@dataclass(slots=True)
class _ChainPlace:
    """Where a database's chain gets its keys and puts its heads. Times by the monotonic clock of this process."""

    keys: ChainKeys
    path: Path
    ring: Keyring
    witness: Witness | None
    witnessed: float = float("-inf")
    summed: float = float("-inf")


def keep_in(engine: Engine, ring: Keyring, data_dir: Path, witness: Witness | None = None) -> None:
    """Chain the acts on this database with these keys from now on; keep heads in this folder, copies at `witness`."""
    keep(engine, _ChainPlace(ChainKeys.of(ring), data_dir / heads.NAME, ring, witness))


def watch(acts: Iterable[Act], watcher: Watcher) -> None:
    """Say what else follows from these acts, in their transaction. Raises RuntimeError where another one watches.

    The watcher of before may come again, since a process may make several applications.
    """
    acts = list(acts)
    if taken := [act for act in acts if _WATCHERS.get(act, watcher) is not watcher]:
        raise RuntimeError(f"another capability watches {taken[0]}")
    _WATCHERS.update(dict.fromkeys(acts, watcher))


def append(
    session: Session,
    act: Act,
    about: About | None = None,
    *,
    old: Values | None = None,
    new: Values | None = None,
    times: int = 1,
) -> None:
    """Log an act in the caller's transaction. `about`: (kind, id); `old`, `new`: values of columns (acts.py).

    Raises NotNameable, and RuntimeError where nothing will be committed.
    """
    if is_reading(session):
        raise RuntimeError("reading() commits nothing: use log.note() before or after it")
    entry = Entry.of(act, about, old=old, new=new, times=times)
    if act in _WATCHERS:
        _WATCHERS[act](session, entry)
    owe(session, STEP, entry)


def note(
    act: Act, about: About | None = None, *, old: Values | None = None, new: Values | None = None, times: int = 1
) -> None:
    """Log an act that writes nothing else, like a download, in a transaction of its own. Raises NotLogged."""
    with writing() as session:
        append(session, act, about, old=old, new=new, times=times)


def place_of(session: Session) -> tuple[ChainKeys, Path]:
    """Return the keys of this session's chain and the file of its heads."""
    place = _place(session)
    return place.keys, place.path


def witness_of(session: Session) -> Witness | None:
    """Return where heads are copied to; None for nowhere."""
    return _place(session).witness


def note_head(session: Session, name: str, head: Head) -> None:
    """Note the head of a chain in the file of that name, before the commit. Raises OSError: then do not commit.

    The database gets the file's end in the same transaction. That the commit came about is noted after it.
    """
    place = _place(session)
    path = place.path.with_name(name)
    if not heads.of_file(path):
        _begin_files(place, new_id())
    line = heads.intend(path, head, place.keys, place.witness)
    key_id, mac = place.keys.stamp(("audit head", line.of, name, line.nth, line.tag))
    row = {"of": line.of, "file": name, "nth": line.nth, "tag": line.tag, "key_id": key_id, "mac": mac}
    made = inserting(session, AuditHead).values(row)
    session.execute(
        made.on_conflict_do_update(
            index_elements=[AuditHead.of, AuditHead.file],
            set_={column: made.excluded[column] for column in ("nth", "tag", "key_id", "mac")},
        )
    )
    owe(session, _HEADS, (path, head))


_FIRST_LINES: Final = 2
"""Of a file that was begun in another one's place: nothing has followed yet."""


def replace_files(session: Session) -> None:
    """After a restore: begin this machine's files anew if no key of this installation began them.

    A new machine's own first key wrote them, so nobody can check them with the keys that were put back. A file that
    this log names is its own: if nobody can check it, it was altered, and so the fault stays. Who alters the beginning
    of a file that this log does not know did no more than who removes it: copies elsewhere tell, as in `outside`.
    The cases' file comes first: a restore that is cut short between the two goes on with the other. Raises OSError.
    """
    place = _place(session)
    cases = place.path.with_name(heads.CASES)
    gone = heads.of_other_keys(place.path, place.keys)
    if not gone or _is_named(session, place, {gone, heads.read(place.path, place.keys).of} - {""}):
        return
    begun = heads.read(cases, place.keys)
    cut_short = len(begun.lines) == _FIRST_LINES and not _is_named(session, place, {begun.of})
    half = cut_short and gone in {file.of for file in begun.replaced}
    of = begun.of if half else new_id()
    if not half:
        if not begun.there:
            heads.begin(cases, of, place.keys, place.witness)
        elif heads.of_other_keys(cases, place.keys) != gone:
            return
        else:
            heads.replace(cases, of, place.keys, now_ms(), place.witness)
    heads.replace(place.path, of, place.keys, now_ms(), place.witness)


def _is_named(session: Session, place: _ChainPlace, ids: set[str]) -> bool:
    """True if this chain, by lines that its keys made, knows a file of heads with one of these ids."""
    columns = [AuditLine.__table__.c[name] for name in Line._fields]
    lines = session.execute(select(*columns).where(AuditLine.about_kind == "heads", AuditLine.about_id.in_(ids)))
    ends = session.scalars(select(AuditHead).where(AuditHead.of.in_(ids)))
    return any(place.keys.is_genuine(Line._make(row)) for row in lines) or any(is_end(row, place.keys) for row in ends)


def is_end(row: AuditHead, keys: ChainKeys) -> bool:
    """True if one of the keys made this row of a file's end."""
    return keys.is_stamp(row.mac, ("audit head", row.of, row.file, row.nth, row.tag))


def _begin_files(place: _ChainPlace, of: str) -> None:
    """Begin the files of both chains together, so that the cases' file tells nothing of when there was a first case."""
    for name in (heads.NAME, heads.CASES):
        heads.begin(place.path.with_name(name), of, place.keys, place.witness)


def ring_of(session: Session) -> Keyring:
    """Return the keyring of this session's database."""
    return _place(session).ring


def _place(session: Session) -> _ChainPlace:
    place = part_of(session, _ChainPlace)
    if place is None:
        raise RuntimeError("nobody said where this database's audit log has its keys")
    return place


LINES: Final = 20
"""Most lines of wrong tries in one minute."""
_AT_ONCE: Final = 5_000
_SUMS = select(WrongTry.minute, WrongTry.act, WrongTry.subject, WrongTry.address, WrongTry.times)


def count_wrong(session: Session, act: Act, subject: str = "", times: int = 1) -> None:
    """Count a wrong try from the acting address; sums of minutes that are over become lines with this commit, if due.

    `subject`: the account; empty where there is none of that name.
    """
    address = actor().address
    row = {"minute": now_ms() // MINUTE_MS, "act": act, "subject": subject, "address": address, "times": times}
    same: ColumnElement[str] = case((WrongTry.address == address, address), else_="")
    session.execute(
        inserting(session, WrongTry)
        .values(row)
        .on_conflict_do_update(
            index_elements=["minute", "act", "subject"], set_={"times": WrongTry.times + times, "address": same}
        )
    )
    owe(session, STEP, None)


def _closed(session: Session) -> list[Entry]:
    """Take the sums of closed minutes out of their table; returns them as lines.

    Rows that another transaction counts in are left for the next time. A minute in the future is closed, too: the clock
    was set back since.
    """
    now = now_ms() // MINUTE_MS
    over = or_(WrongTry.minute < now, WrongTry.minute > now + 1)
    due = _SUMS.where(over).order_by(WrongTry.minute, WrongTry.act, WrongTry.times.desc(), WrongTry.subject)
    rows = session.execute(due.limit(_AT_ONCE).with_for_update(skip_locked=True)).all()
    if not rows:
        return []
    keys = [(row.minute, row.act, row.subject) for row in rows]
    found = [
        entry
        for (minute, act), same in groupby(rows, lambda row: (row.minute, row.act))
        for entry in _summed(minute, Act(act), list(same))
    ]
    for at in range(0, len(keys), 200):
        some = tuple_(WrongTry.minute, WrongTry.act, WrongTry.subject).in_(keys[at : at + 200])
        session.execute(delete(WrongTry).where(some), execution_options={"synchronize_session": False})
    return found


def _summed(minute: int, act: Act, rows: Sequence[Row[int, str, str, str, int]]) -> list[Entry]:
    at = minute * MINUTE_MS
    found = []
    for row in rows[:LINES]:
        about = ("officer", row.subject) if row.subject else None
        found.append(Entry.of(act, about, times=row.times, at=at, by=Actor(address=row.address)))
    if others := rows[LINES:]:
        total = sum(row.times for row in others)
        found.append(Entry.of(act, new={"accounts": len(others)}, times=total, at=at, by=Actor()))
    return found


def _write(session: Session, owed: list[Entry | None]) -> None:
    entries = [entry for entry in owed if entry is not None]
    place = _place(session)
    if not entries and time.monotonic() - place.summed < EVERY_S:
        return
    try:
        _chain(session, place, entries)
    except (OSError, SQLAlchemyError) as error:
        fault = type(getattr(error, "orig", None) or error).__name__
        log.error("not logged, not done: %s (heads are in %s)", fault, place.path)  # noqa: TRY400
        raise NotLogged from error


def _chain(session: Session, place: _ChainPlace, entries: list[Entry]) -> None:
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    place.summed = time.monotonic()
    entries = [*_closed(session), *entries]
    if not entries:
        return
    # Behind the lock: a statement that waited for it would see the end of before.
    of = heads.of_file(place.path)
    last = session.execute(_LAST, {"of": of}).first()
    if last is None or not last[3]:
        if not of:
            _begin_files(place, of := new_id())
        entries.insert(0, Entry.of(Act.CHAIN_BEGUN if last is None else Act.HEADS_BEGUN, ("heads", of)))
    lines = _linked(place.keys, entries, *(last[:3] if last else (0, "", "")))
    insert_all(session, AuditLine, [line._asdict() for line in lines])
    quick = all(entry.act in QUICK for entry in entries)  # one that begins a file is not
    if quick and time.monotonic() - place.witnessed < EVERY_S:
        return
    head = Head(lines[0].number, lines[-1].number, lines[0].prev, lines[-1].mac, max(line.at for line in lines))
    note_head(session, heads.NAME, head)
    place.witnessed = time.monotonic()


_NAMED = exists().where(AuditHead.of == bindparam("of"), AuditHead.file == heads.NAME)
"""Whether the log has named this file of heads."""
_LAST = select(AuditLine.number, AuditLine.day, AuditLine.mac, _NAMED).order_by(AuditLine.number.desc()).limit(1)


def _linked(keys: ChainKeys, entries: Iterable[Entry], number: int, day: str, mac: str) -> list[Line]:
    lines = []
    for entry in entries:
        number += 1
        line = keys.sealed(entry.line(number, day, mac))
        day, mac = line.day, line.mac
        lines.append(line)
    return lines


def _committed(session: Session, noted: list[tuple[Path, Head]]) -> None:
    place = _place(session)
    for path, head in noted:
        heads.keep(path, head, place.keys, place.witness)


def _undone(session: Session, _noted: list[tuple[Path, Head]]) -> None:
    _place(session).witnessed = float("-inf")


STEP = EndingStep(Ending.AUDIT, settle=_write)
_HEADS = EndingStep(Ending.HEADS, committed=_committed, undone=_undone)


def head(session: Session) -> tuple[str, int, str] | None:
    """Return day, number and short mac of the last line; None while nothing was logged."""
    last = select(AuditLine.day, AuditLine.number, AuditLine.mac).order_by(AuditLine.number.desc()).limit(1)
    row = session.execute(last).first()
    return (row.day, row.number, row.mac[:SHORT]) if row else None
