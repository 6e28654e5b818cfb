"""Write the log: lines are collected while a transaction works, and chained as its last step before the commit.

So a line and its act are stored together or not at all. The lock of the chain is the last lock that a transaction
takes, after those of streams, marks and whatever else, so it can be part of no deadlock; and it is held only for three
statements, the head's line in the file, and the commit.

The head goes to a file outside the database before each commit (heads.py), for QUICK acts once a minute.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, event, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, SessionTransaction

from server.core.bulk_insert import insert_all
from server.core.clock import new_id
from server.core.db import is_reading, writing
from server.core.keyring import Keyring
from server.core.problem_details import RETRY_AFTER_S, Problem
from server.models import AuditLine
from server.services.audit import heads, wrong_tries
from server.services.audit.acts import QUICK, About, Act, Values
from server.services.audit.chain import ChainKeys, Line
from server.services.audit.entry import Entry
from server.services.audit.heads import Head
from server.services.continuity import marks, revocations

log = logging.getLogger(__name__)
EVERY_S: Final = 60.0
"""How often the head of quick acts is written to the file, and how often sums of wrong tries are looked for."""
LOCK: Final = 0x10A_A0D17
"""Advisory lock: one transaction at a time adds to the chain."""
_PENDING, _HEAD = "audit lines", "audit head"
_AFTER = (marks, revocations)
"""Imported first: listeners run in the order of registration, and the chain's lock comes after their statements."""


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
    witnessed: float = float("-inf")
    summed: float = float("-inf")


_places: WeakKeyDictionary[Engine, _ChainPlace] = WeakKeyDictionary()


def keep_in(engine: Engine, ring: Keyring, data_dir: Path) -> None:
    """Chain the acts on this database with these keys from now on, and keep heads in this folder."""
    _places[engine] = _ChainPlace(ChainKeys.of(ring), data_dir / heads.NAME, ring)


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
    session.info.setdefault(_PENDING, []).append((session.get_nested_transaction(), entry))


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


def ring_of(session: Session) -> Keyring:
    """Return the keyring of this session's database."""
    return _place(session).ring


def _place(session: Session) -> _ChainPlace:
    bind = session.get_bind()
    place = _places.get(bind.engine if isinstance(bind, Connection) else bind)
    if place is None:
        raise RuntimeError("nobody said where this database's audit log has its keys")
    return place


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    if session.in_nested_transaction():
        return
    entries = [entry for _, entry in session.info.pop(_PENDING, [])]
    counted = session.info.pop(wrong_tries.TICK, False)
    if not entries and not counted:
        return
    place = _place(session)
    if not entries and time.monotonic() - place.summed < EVERY_S:
        return
    session.flush()  # its errors are the act's own
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
    entries = [*wrong_tries.closed(session), *entries]
    if not entries:
        return
    # Behind the lock: a statement that waited for it would see the end of before.
    last = session.execute(_LAST).first()
    if last is None:
        entries.insert(0, Entry.of(Act.CHAIN_BEGUN, ("chain", new_id())))
    lines = _linked(place.keys, entries, *(last or (0, "", "")))
    insert_all(session, AuditLine, [line._asdict() for line in lines])
    quick = all(entry.act in QUICK for entry in entries)
    if quick and time.monotonic() - place.witnessed < EVERY_S:
        return
    head = Head(lines[0].number, lines[-1].number, lines[0].prev, lines[-1].mac, max(line.at for line in lines))
    heads.intend(place.path, head)
    place.witnessed = time.monotonic()
    session.info[_HEAD] = head


_LAST = select(AuditLine.number, AuditLine.day, AuditLine.mac).order_by(AuditLine.number.desc()).limit(1)


def _linked(keys: ChainKeys, entries: Iterable[Entry], number: int, day: str, mac: str) -> list[Line]:
    lines = []
    for entry in entries:
        number += 1
        line = keys.sealed(entry.line(number, day, mac))
        day, mac = line.day, line.mac
        lines.append(line)
    return lines


@event.listens_for(Session, "after_commit")
def _committed(session: Session) -> None:
    if not session.in_nested_transaction() and (head := session.info.pop(_HEAD, None)) is not None:
        heads.keep(_place(session).path, head)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    if session.in_nested_transaction():  # `_undone` does it
        return
    if session.info.pop(_HEAD, None) is not None:
        _place(session).witnessed = float("-inf")
    session.info.pop(_PENDING, None)
    session.info.pop(wrong_tries.TICK, None)


@event.listens_for(Session, "after_soft_rollback")
def _undone(session: Session, ended: SessionTransaction) -> None:
    """Forget the lines of a savepoint that was rolled back."""
    if ended.nested and (pending := session.info.get(_PENDING)):
        session.info[_PENDING] = [each for each in pending if each[0] is not ended]
