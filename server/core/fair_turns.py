"""Turns at something scarce, in the order in which they came, where whoever had much lately steps back.

A device that took the lock for a second within the last ten waits as if it had come later than it did: ten times what
it had, and five seconds at most. So a phone that comes for its first turn goes before one that floods, and nobody
waits for ever. Somebody at the desk (`None`) and a phone after a quiet minute wait from the moment they came. What a
device had is forgotten at a tenth of a second for each second.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import TimeoutError as TooLong

BEHIND: int = 10
MOST_BEHIND_S = 5.0
FORGOTTEN_A_SECOND = 0.1
MOST_KNOWN = 1_000
"""Devices whose turns are kept; then those that are forgotten anyway are dropped."""


class _Waiter:
    __slots__ = ("came", "go", "number")

    def __init__(self, came: float, number: int) -> None:
        self.came, self.number = came, number
        self.go = threading.Lock()
        self.go.acquire()


class FairTurns:
    """So many turns at once, among the threads of this process."""

    def __init__(self, at_once: int) -> None:
        self._guard = threading.Lock()
        self._free = at_once
        self._waiting: list[_Waiter] = []
        self._number = 0
        self._had: dict[str, tuple[float, float]] = {}
        """By device: seconds that it had, and when this was so."""

    @contextmanager
    def turn(self, who: str | None, patience_s: float) -> Iterator[None]:
        """Have a turn. Raises sqlalchemy.exc.TimeoutError after `patience_s` seconds of waiting."""
        self._acquire(who, patience_s)
        begun = time.monotonic()
        try:
            yield
        finally:
            self._release(who, begun)

    def waiting(self) -> int:
        """How many wait now."""
        return len(self._waiting)

    def known(self) -> set[str]:
        """Devices whose turns are remembered."""
        return set(self._had)

    def _acquire(self, who: str | None, patience_s: float) -> None:
        with self._guard:
            if self._free and not self._waiting:
                self._free -= 1
                return
            now = time.monotonic()
            self._number += 1
            waiter = _Waiter(now + self._behind(who, now), self._number)
            self._waiting.append(waiter)
        if waiter.go.acquire(timeout=max(0.0, patience_s)):
            return
        with self._guard:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
                raise TooLong("another writer did not end")
        # It was handed over in the very moment.

    def _release(self, who: str | None, begun: float) -> None:
        now = time.monotonic()
        with self._guard:
            if who is not None:
                self._had[who] = (self._left(who, now) + now - begun, now)
                if len(self._had) > MOST_KNOWN:
                    self._had = {each: had for each, had in self._had.items() if self._left(each, now)}
            if not self._waiting:
                self._free += 1
                return
            first = min(self._waiting, key=lambda waiter: (waiter.came, waiter.number))
            self._waiting.remove(first)
            first.go.release()

    def _behind(self, who: str | None, now: float) -> float:
        return 0.0 if who is None else min(MOST_BEHIND_S, BEHIND * self._left(who, now))

    def _left(self, who: str, now: float) -> float:
        had, at = self._had.get(who, (0.0, now))
        return max(0.0, had - (now - at) * FORGOTTEN_A_SECOND)
