"""Passwords: argon2id, in a short queue, so that a crowd at the door does not stop the phones.

A process hashes one password at a time. Few requests may wait for that; the next is refused at once with `Busy`, and
its thread serves others. Hashing must never happen inside a transaction: other writers would wait for it.

The hashing thread has the priority of the others. With a lower one a busy machine could put it aside while it holds
Python's global lock, and with it the whole process.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from server.core.problem_details import Problem

AT_ONCE = 1
"""Passwords that one process hashes at a time."""
WAITING = 8
"""Requests of one process that may wait for that: less than a second's work."""
RETRY_MIN_S = 5
RETRY_MOST_S = 60
REMEMBERED_S = 30
T = TypeVar("T")

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""argon2id as OWASP recommends it (m = 19 MiB, t = 2, p = 1): 0.03 s of one core.

Until here it was the library's (64 MiB, t = 3, p = 4): 0.24 s on four threads, so that a crowd took both cores.
"""


class Busy(Problem):
    """Too many passwords are waiting. `seconds` is when to try again, as the Retry-After header says it."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__("busy", headers={"Retry-After": str(seconds)})


class Queue:
    """A few who hash, and a bounded queue before them."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._places = threading.BoundedSemaphore(at_once + waiting)
        self._turns = threading.BoundedSemaphore(at_once)
        self._refused: deque[float] = deque(maxlen=1000)

    @contextmanager
    def place(self) -> Iterator[Hasher]:
        """Hold a place in the queue. Raises Busy at once when it is full."""
        if not self._places.acquire(blocking=False):
            raise Busy(self._retry_s())
        try:
            yield Hasher(self._turns)
        finally:
            self._places.release()

    def _retry_s(self) -> int:
        """When to try again: later, the more were sent away lately, and drawn, so that they do not come back as one."""
        now = time.monotonic()
        self._refused.append(now)
        lately = sum(at > now - REMEMBERED_S for at in tuple(self._refused))
        return RETRY_MIN_S + secrets.randbelow(min(RETRY_MOST_S - RETRY_MIN_S, 5 + lately // 4))


class Hasher:
    """What the holder of a place may do."""

    def __init__(self, turns: threading.BoundedSemaphore) -> None:
        self._turns = turns

    def hash(self, password: str) -> str:
        """argon2id with its own salt."""
        return self._in_turn(lambda: _hasher.hash(password))

    def matches(self, password: str, stored: str | None) -> bool:
        """True when it is the password. Without a stored hash it is never, which takes as long."""
        return self._in_turn(lambda: _matches(password, stored or _nobody())) and stored is not None

    def _in_turn(self, work: Callable[[], T]) -> T:
        with self._turns:
            return work()


_queue = Queue(AT_ONCE, WAITING)


def place() -> AbstractContextManager[Hasher]:
    """A place in this process's queue. Raises Busy."""
    return _queue.place()


def hash_password(password: str) -> str:
    """argon2id with its own salt. Raises Busy."""
    with place() as hasher:
        return hasher.hash(password)


def check_password(password: str, stored: str | None) -> bool:
    """True when it is the password. Raises Busy."""
    with place() as hasher:
        return hasher.matches(password, stored)


def is_outdated(stored: str) -> bool:
    """True for a hash that was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def _matches(password: str, stored: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    """A hash that no password matches; not made at the start, for commands that check no password."""
    return _hasher.hash(secrets.token_urlsafe(16))
