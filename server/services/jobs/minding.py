"""Mind the jobs: what a worker looks after every few seconds, beside working.

Leases that ran out, jobs that wait and are not in the queue, nightly jobs that are due. Several workers may do it at
once. Nothing is written while there is nothing to do.

Short looks around, each in a thread of its own: one that hangs, as on a dead mount, keeps no job waiting.

Nightly chores on a host's own data folder: each host's own worker does them, without a row or a queue.

A job is done by whichever host draws it, and reaches no other host's folder. When a chore was last done stands in a
file in the folder. Several workers on one folder may do a chore twice, which is harmless.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from time import monotonic
from typing import Final

from sqlalchemy import delete, or_, select, text
from sqlalchemy.orm import Session

from server.core import atomic_files
from server.core.clock import local, now_ms
from server.core.db import reading, writing
from server.models import Job
from server.services.jobs import leases
from server.services.jobs.enqueuing import enqueue
from server.services.jobs.kinds import Chore, JobKind, Jobs, Tick, urgency
from server.services.jobs.leases import DONE, QUEUED, RUNNING
from server.services.jobs.queue import JobQueue


def last_night(nightly: time, at_ms: int) -> date:
    """Return the day on which it was last due, in Việt Nam. `nightly`: when it is due there, each day."""
    here = local(at_ms)
    return here.date() if here.time() >= nightly else here.date() - timedelta(days=1)


FILE: Final = "chores.json"
PAUSE_S: Final = 600
"""Pause after a chore that could not be done: a backup runs, or the disk is full."""


class Chores:
    """The chores of one host, as its worker minds them."""

    def __init__(self, jobs: Jobs) -> None:
        self._chores, self._file = jobs.chores, jobs.data_dir / FILE
        self._not_before: dict[str, float] = {}

    def mind(self) -> None:
        """Do what is due, and was not tried in the last minutes. Raises OSError if that cannot be noted."""
        done = _read(self._file)
        for name, chore in self._chores.items():
            night = last_night(chore.nightly, now_ms()).isoformat()
            if done.get(name) == night or monotonic() < self._not_before.get(name, 0):
                continue
            if _is_done(name, chore):
                done = _read(self._file) | {name: night}
                atomic_files.write(self._file, json.dumps(done))
            else:
                self._not_before[name] = monotonic() + PAUSE_S


def _is_done(name: str, chore: Chore) -> bool:
    try:
        return chore.run()
    except Exception as error:  # noqa: BLE001  # the next chore is no worse for it
        log.warning("%s: %s, tried again in %d s", name, type(error).__name__, PAUSE_S)
        return False


def _read(file: Path) -> dict[str, str]:
    try:
        found = json.loads(file.read_text("utf-8"))
    except (FileNotFoundError, ValueError):  # damaged: all is due again
        return {}
    return found if isinstance(found, dict) else {}


class Ticks:
    """The ticks of one worker. One that still runs is not begun again."""

    def __init__(self, jobs: Jobs, enter: Callable[[], AbstractContextManager[object]]) -> None:
        """`enter`: the application's context, in which each runs."""
        self._ticks, self._enter = jobs.ticks, enter
        self._threads: dict[str, threading.Thread] = {}
        self._next: dict[str, float] = {}

    def mind(self) -> None:
        """Begin those that are due."""
        for name, tick in self._ticks.items():
            thread = self._threads.get(name)
            if monotonic() < self._next.get(name, 0) or (thread is not None and thread.is_alive()):
                continue
            self._next[name] = monotonic() + tick.every_s
            self._threads[name] = threading.Thread(target=self._run, args=(name, tick), name=name, daemon=True)
            self._threads[name].start()

    def _run(self, name: str, tick: Tick) -> None:
        try:
            with self._enter():
                tick.run()
        except Exception as error:  # noqa: BLE001  # the next one is no worse for it
            log.warning("%s: %s", name, type(error).__name__)


log = logging.getLogger(__name__)

AT_ONCE: Final = 500
PAUSE_MS: Final = 60_000
"""Least time between two jobs of a kind that runs whenever there is something to do."""
_ASKING: Final = 0x10A_0B6
"""Advisory lock: one worker asks for jobs."""
UNKNOWN_ATTEMPTS: Final = 5
"""Most attempts of a job whose kind only another version knows."""


def mind(jobs: Jobs, queue: JobQueue) -> None:
    """Do all that is due. Raises what database and queue raise."""
    with reading() as session:
        now = leases.now_of(session)
        expired = session.execute(
            select(Job.id, Job.lease, Job.kind).where(Job.state == RUNNING, Job.lease_until < now).limit(AT_ONCE)
        ).all()
        nights = {_once(kind.name, kind.nightly): kind.name for kind in jobs.kinds.values() if kind.nightly is not None}
        asked_for = list(_with_something_to_do(session, jobs, now))
        due = nights.keys() - set(session.scalars(select(Job.once).where(Job.once.in_(nights))))
    for id_, lease, kind in expired:
        log.warning("job %s (%s): its worker is gone", id_, kind)
        with writing() as session:
            leases.expire(session, id_, lease or "", _most(jobs.kinds.get(kind)))
    if due or asked_for:
        with writing() as session:
            _alone(session)
            for once in sorted(due):
                enqueue(session, nights[once], once=once)
            # Read again behind the lock: another worker may have asked for the same.
            under_way = UnderWay.read(session, [name for name, _ in asked_for], now)
            free = [(name, part) for name, part in asked_for if under_way.is_free(name, part)]
            # One of them is enough to see: they come every minute while people work, and have no result.
            ended = delete(Job).where(Job.kind.in_({name for name, _ in free}), Job.state == DONE, Job.once.is_(None))
            session.execute(ended)
            for name, part in free:
                enqueue(session, name, [part] if part else ())
    _hand_over(jobs, queue)


def _alone(session: Session) -> None:
    """Have workers that mind at once ask for jobs one after the other; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ASKING})


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Jobs that are waiting or running.

    `busy`: their (kind, part), or (kind,) of a kind without parts. `closed`: kinds of which no further job is enqueued
    now, because one was enqueued less than a minute ago, or a part still waits.
    """

    busy: frozenset[tuple[str, ...]]
    closed: frozenset[str]

    @classmethod
    def read(cls, session: Session, names: Collection[str], now: int) -> UnderWay:
        """Read what there is of these kinds."""
        recent = or_(Job.state.in_((QUEUED, RUNNING)), Job.asked_at > now - PAUSE_MS)
        rows = session.execute(select(Job.kind, Job.ids, Job.state, Job.asked_at).where(Job.kind.in_(names), recent))
        busy, closed = set[tuple[str, ...]](), set[str]()
        for kind, ids, state, asked_at in rows:
            if state in (QUEUED, RUNNING):
                busy.add((kind, *ids))
            # While one part waits, no worker is free for another, and asking `due` may take a second.
            if asked_at > now - PAUSE_MS or not ids or state == QUEUED:
                closed.add(kind)
        return cls(frozenset(busy), frozenset(closed))

    def is_free(self, name: str, part: str) -> bool:
        """True if such a job may be asked for. `part`: empty of a kind that has none."""
        return name not in self.closed and (name, part) not in self.busy


def _with_something_to_do(session: Session, jobs: Jobs, now: int) -> Iterator[tuple[str, str]]:
    """Yield (kind, part) for which there is something to do, and that are free."""
    kinds = {kind.name: kind.due for kind in jobs.kinds.values() if kind.due is not None}
    under_way = UnderWay.read(session, kinds, now)
    for name, due in sorted(kinds.items()):
        if name in under_way.closed:
            continue
        found = due(session)
        parts = ([""] if found else []) if isinstance(found, bool) else sorted(found)
        yield from ((name, part) for part in parts if under_way.is_free(name, part))


def _hand_over(jobs: Jobs, queue: JobQueue) -> None:
    """Hand over jobs that are due and not in the queue: it was lost, or a worker was killed with its task."""
    with reading() as session:
        ready = select(Job.id, Job.asked_by, Job.ids).where(
            Job.state == QUEUED, Job.not_before <= leases.now_of(session), Job.kind.in_(jobs.kinds)
        )
        waiting = session.execute(ready.order_by(Job.not_before, Job.id).limit(AT_ONCE)).all()
    if waiting:
        there = queue.waiting()
        for id_, asked_by, ids in waiting:
            if id_ not in there:
                queue.put(id_, urgency(asked_by, ids))


def _most(kind: JobKind | None) -> int:
    return kind.attempts if kind is not None else UNKNOWN_ATTEMPTS


def _once(name: str, nightly: time) -> str:
    return f"{name}/{last_night(nightly, now_ms()).isoformat()}"
