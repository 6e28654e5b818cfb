"""One unit of work: what a transaction owes at its end, and what this process keeps of a database.

What a process keeps of a database (locks, files beside it, jobs) is found by its engine or by a session on it.

What a transaction owes at its end is an explicit ordered list of steps, settled around the commit:

    owe(session, STEP, line)

Services say in the course of a transaction what must follow from it. `ending()`, which `writing()` opens, settles what
is owed in the order of `ENDING`, commits, and then does what may only be done after that. A transaction that owes
nothing enters none of the files of these steps.

The commit itself raises while something is owed: nobody can commit a revocation without its line, or an act without its
line in the log, by another way or because a step was left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum, auto
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, event, inspect
from sqlalchemy.orm import Session, SessionTransaction, UOWTransaction

Part = TypeVar("Part")
_parts: WeakKeyDictionary[Engine, dict[type[Any], Any]] = WeakKeyDictionary()


def keep(engine: Engine, part: object) -> None:
    """Keep this part of the engine's database, in place of one of the same class."""
    _parts.setdefault(engine, {})[type(part)] = part


def part_of(at: Engine | Session, kind: type[Part]) -> Part | None:
    """Return the part of this class; None if nobody kept one."""
    bind = at.get_bind() if isinstance(at, Session) else at
    found: Part | None = _parts.get(bind.engine if isinstance(bind, Connection) else bind, {}).get(kind)
    return found


class Ending(IntEnum):
    """The steps in their order. The locks of both chains are the last that a transaction takes."""

    REVOCATIONS = auto()
    """Lines in a file outside the database. After a crash there may be one too many, never one too few."""
    MARK = auto()
    """The mark that proves a restore."""
    AUDIT = auto()
    """The lines of the log, chained. The chain's end goes to its file before the commit."""
    CASES = auto()
    """The lines of the confidential cases' log, chained. Only their own transactions owe it."""
    HEADS = auto()
    """After the commit: the ends of both chains are confirmed in their files."""
    MARK_FILE = auto()
    """After the commit: the mark goes to its file."""
    JOBS = auto()
    """After the commit: ids of new jobs go to the queue."""


ENDING = tuple(Ending)


class Owing(RuntimeError):  # noqa: N818  # a programming error, not a condition to handle
    """A commit by which something that must follow from it would not have been done."""


class NotLocked(RuntimeError):  # noqa: N818  # a programming error, not a condition to handle
    """A row was changed without the lock that its changes take."""


Settle = Callable[[Session, list[Any]], None]


@dataclass(frozen=True, slots=True, eq=False)
class EndingStep:
    """One capability's part of the end of a transaction: functions that take what is owed. Each may be left out."""

    place: Ending
    settle: Settle | None = None
    """Before the commit. May raise: then nothing is committed."""
    committed: Settle | None = None
    undone: Settle | None = None
    """Behind a rollback that came after `settle` began."""


@dataclass(frozen=True, slots=True)
class _EachTime:
    """The steps of every transaction of a database."""

    steps: tuple[EndingStep, ...] = ()


@dataclass(slots=True)
class _Work:
    """Of the transaction under way. Each entry has the savepoint in which it was made, if any."""

    owed: list[tuple[SessionTransaction | None, EndingStep, Any]] = field(default_factory=list)
    locks: list[tuple[SessionTransaction | None, str]] = field(default_factory=list)
    settled: list[tuple[EndingStep, list[Any]]] = field(default_factory=list)


_WORK: Final = "unit of work"
_watchers: dict[type[Any], list[Callable[[Session, Any], None]]] = {}


def owe(session: Session, step: EndingStep, item: Any = None) -> None:
    """Have this step settle the item at the end of the transaction, unless the savepoint around it is rolled back."""
    _work(session).owed.append((session.get_nested_transaction(), step, item))


def each_time(engine: Engine, step: EndingStep) -> None:
    """Settle this step in every transaction of this database, without an item if nothing is owed to it."""
    kept = part_of(engine, _EachTime) or _EachTime()
    keep(engine, _EachTime((*(each for each in kept.steps if each is not step), step)))


def watch(table: type[Any], look: Callable[[Session, Any], None]) -> None:
    """Call `look` before each flush with each object of this table that is new, changed or deleted."""
    _watchers.setdefault(table, []).append(look)


def locked(session: Session, name: str) -> None:
    """Note that the transaction holds this lock from now on."""
    _work(session).locks.append((session.get_nested_transaction(), name))


def is_locked(session: Session, name: str) -> bool:
    """True if the transaction holds the lock."""
    return any(name == held for _, held in _work(session).locks)


def check_locked(session: Session, name: str) -> None:
    """Raise NotLocked unless the transaction holds the lock."""
    if not is_locked(session, name):
        raise NotLocked(f"changed without the lock {name}")


def changed(thing: Any, *columns: str) -> bool:
    """True if a flush is about to change one of these columns of an object, or to insert or delete it."""
    state = inspect(thing)
    if not state.persistent or state.session is None or thing in state.session.deleted:
        return True
    return any(state.attrs[name].history.has_changes() for name in columns)


@contextmanager
def ending(session: Session) -> Iterator[None]:
    """The transaction of this session: committed at the end with all that it owes, rolled back by any exception."""
    _begin(session)
    try:
        yield
        _settle(session)
        session.commit()
    except BaseException:
        session.rollback()
        work = _begin(session)
        left: dict[EndingStep, list[Any]] = {}  # steps that were not come to: what they were owed may be marked as done
        for _, step, item in work.owed:
            left.setdefault(step, []).append(item)
        for step, items in (*work.settled, *left.items()):
            if step.undone is not None:
                step.undone(session, items)
        raise
    for step, items in _begin(session).settled:
        if step.committed is not None:
            step.committed(session, items)


def _begin(session: Session) -> _Work:
    """Forget the work of the transaction before, and return it."""
    work = _work(session)
    session.info[_WORK] = _Work()
    return work


def _work(session: Session) -> _Work:
    work: _Work = session.info.setdefault(_WORK, _Work())
    return work


def _settle(session: Session) -> None:
    session.flush()  # its watchers may owe something
    work, always = _work(session), (part_of(session, _EachTime) or _EachTime()).steps
    for place in ENDING:
        due: dict[EndingStep, list[Any]] = {step: [] for step in always if step.place is place}
        for _, step, item in work.owed:
            if step.place is place:
                due.setdefault(step, []).append(item)
        for step, items in due.items():
            work.settled.append((step, items))  # first: what fails half-way is undone
            if step.settle is not None:
                step.settle(session, items)
        work.owed = [each for each in work.owed if each[1] not in due]


@event.listens_for(Session, "before_flush")
def _look(session: Session, _context: UOWTransaction, _objects: object) -> None:
    for thing in (*session.new, *session.dirty, *session.deleted):
        for look in _watchers.get(type(thing), ()):
            look(session, thing)


@event.listens_for(Session, "before_commit")
def _guard(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    if left := sorted({step.place for _, step, _ in _work(session).owed}):
        raise Owing(f"committed without {', '.join(place.name for place in left)}")


@event.listens_for(Session, "after_soft_rollback")
def _undone(session: Session, ended: SessionTransaction) -> None:
    """Forget what was owed and locked in a savepoint that was rolled back, or in one inside it."""
    if ended.nested and (work := session.info.get(_WORK)) is not None:
        work.owed = [each for each in work.owed if not _is_inside(each[0], ended)]
        work.locks = [each for each in work.locks if not _is_inside(each[0], ended)]


def _is_inside(savepoint: SessionTransaction | None, outer: SessionTransaction) -> bool:
    while savepoint is not None:
        if savepoint is outer:
            return True
        savepoint = savepoint.parent
    return False
