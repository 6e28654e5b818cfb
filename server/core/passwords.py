"""Passwords: argon2id behind a short queue, so that a rush of sign-ins does not block the phones' sync.

A process hashes one password at a time. Few requests may wait for that; the next is refused at once with `Busy`, and
its thread serves others. Half of the places, and every other turn, are for known people: who are signed in, or come
from a browser that signed in to their account before. So no crowd of strangers keeps them out. Never hash inside a
transaction: other writers would wait for it.

The hashing thread has normal priority. With a lower one, a busy machine could suspend it while it holds Python's global
lock, and so block the whole process.
"""

from __future__ import annotations

import secrets
import threading
import time
import unicodedata
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type, hash_secret_raw

from server.core.problem_details import Problem

AT_ONCE = 1
"""Passwords that one process hashes at a time."""
WAITING = 8
"""Requests of one process that may wait, half of them known: less than a second's work."""
RETRY_MIN_S = 5
RETRY_MOST_S = 60
REMEMBERED_S = 30
T = TypeVar("T")

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""argon2id as OWASP recommends it (m = 19 MiB, t = 2, p = 1): 0.03 s of one core.

The library's default (64 MiB, t = 3, p = 4), used before, took 0.24 s on four threads: a rush filled both cores.
"""


class Busy(Problem):
    """Too many passwords are waiting. `seconds`: when to try again."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__("busy", retry_after_s=seconds)


class Queue:
    """A few hashers and two bounded queues in front of them: of strangers, and of known people."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._at_once, self._hashing = at_once, 0
        self._left = {False: at_once + waiting - waiting // 2, True: waiting // 2}
        """Places that nobody holds, of strangers and of the known."""
        self._known: set[str] = set()
        self._lines: dict[bool, deque[object]] = {False: deque(), True: deque()}
        self._last = False
        self._changed = threading.Condition()
        self._refused: deque[float] = deque(maxlen=1000)

    @contextmanager
    def place(self, known: str | None = None) -> Iterator[Hasher]:
        """Hold a place in the queue. `known`: the person's id, if they are. Raises Busy at once when it is full.

        A person holds one place among the known; with more they are a stranger.
        """
        with self._changed:
            own = known is not None and known not in self._known and self._left[True] > 0
            if not self._left[own]:
                raise Busy(self._retry_s())
            self._left[own] -= 1
            if own and known is not None:
                self._known.add(known)
        try:
            yield Hasher(self, known=own)
        finally:
            with self._changed:
                self._left[own] += 1
                if own and known is not None:
                    self._known.discard(known)

    @contextmanager
    def turn(self, *, known: bool) -> Iterator[None]:
        """Wait for a hasher and hold it. Known people and strangers take turns."""
        me = object()
        with self._changed:
            self._lines[known].append(me)
            self._changed.wait_for(lambda: self._hashing < self._at_once and self._first() is me)
            self._lines[known].popleft()
            self._hashing += 1
            self._last = known
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._hashing -= 1
                self._changed.notify_all()

    def _first(self) -> object:
        return (self._lines[not self._last] or self._lines[self._last])[0]

    def _retry_s(self) -> int:
        """Seconds until a retry: longer the more requests were refused lately, and random, so that they spread out."""
        now = time.monotonic()
        self._refused.append(now)
        lately = sum(at > now - REMEMBERED_S for at in tuple(self._refused))
        return RETRY_MIN_S + secrets.randbelow(min(RETRY_MOST_S - RETRY_MIN_S, 5 + lately // 4))


class Hasher:
    """What the holder of a place in the queue may do."""

    def __init__(self, queue: Queue, *, known: bool) -> None:
        self._queue, self._known = queue, known

    def hash(self, password: str) -> str:
        """Hash with argon2id and a fresh salt."""
        return self._in_turn(lambda: _hasher.hash(password))

    def matches(self, password: str, stored: str | None) -> bool:
        """True when the password is right. Always False without a stored hash, after an equal amount of work."""
        return self._in_turn(lambda: _matches(password, stored or _nobody())) and stored is not None

    def stretch(self, passphrase: str, salt: bytes) -> bytes:
        """Make a key of a passphrase."""
        return self._in_turn(lambda: _stretched(passphrase, salt))

    def _in_turn(self, work: Callable[[], T]) -> T:
        with self._queue.turn(known=self._known):
            return work()


_queue = Queue(AT_ONCE, WAITING)


def place(known: str | None = None) -> AbstractContextManager[Hasher]:
    """A place in this process's queue. `known`: the person's id, if they are known (Queue). Raises Busy."""
    return _queue.place(known)


def hash_password(password: str, known: str | None = None) -> str:
    """Hash with argon2id and a fresh salt. Raises Busy."""
    with place(known) as hasher:
        return hasher.hash(password)


def check_password(password: str, stored: str | None, known: str | None = None) -> bool:
    """True when the password is right. Raises Busy."""
    with place(known) as hasher:
        return hasher.matches(password, stored)


def stretch(passphrase: str, salt: bytes, known: str | None = None) -> bytes:
    """Make a key of 32 bytes from a passphrase. Raises Busy.

    argon2id, 64 MiB, 3 rounds: a guesser may hold the database.
    """
    with place(known) as hasher:
        return hasher.stretch(passphrase, salt)


def is_outdated(stored: str) -> bool:
    """True for a hash made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def _stretched(passphrase: str, salt: bytes) -> bytes:
    text = unicodedata.normalize("NFC", passphrase).encode()
    return hash_secret_raw(text, salt, time_cost=3, memory_cost=64 * 1024, parallelism=1, hash_len=32, type=Type.ID)


def _matches(password: str, stored: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    """A hash that no password matches. Made on first use, so that commands that check no password skip the work."""
    return _hasher.hash(secrets.token_urlsafe(16))
