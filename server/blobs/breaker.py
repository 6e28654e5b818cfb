"""Fail at once while a store is known to be silent.

Each wait for a silent store holds a thread, and phones that bring photos would soon hold all of them. So after one wait
in vain everybody is refused for a moment. Then one caller tries, while the others are still refused.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from server.blobs import StoreSilent
from server.core.shell_words import t

REST_S: Final = 5.0
"""Seconds between two tries of a silent store."""
WAIT_S: Final = 1.0
"""A failure that came faster held no thread: a refused connection."""
log = logging.getLogger(__name__)


_waiting: Final[set[int]] = set()


def waits(thread: int) -> bool:
    """Return True while this thread of the process waits for a store."""
    return thread in _waiting


class Breaker:
    """What this process knows of one store. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._silent_until: float | None = None

    @contextmanager
    def guard(self, *, trips: bool) -> Iterator[None]:
        """Run a call to the store. Raises StoreSilent without a call while the store is silent.

        `trips`: a slow StoreSilent in the block means that the store is silent.
        """
        self._enter()
        began = time.monotonic()
        _waiting.add(threading.get_ident())
        try:
            yield
        except StoreSilent:
            if trips and time.monotonic() - began >= WAIT_S:
                self._trip()
            raise
        except BaseException:  # an answer, though not the wanted one
            self._close()
            raise
        finally:
            _waiting.discard(threading.get_ident())
        self._close()

    def _enter(self) -> None:
        with self._lock:
            now = time.monotonic()
            if self._silent_until is None:
                return
            if now < self._silent_until:
                raise StoreSilent(t("The photo store gave no answer a moment ago."))
            self._silent_until = now + REST_S  # this caller tries for all

    def _trip(self) -> None:
        with self._lock:
            first, self._silent_until = self._silent_until is None, time.monotonic() + REST_S
        if first:
            log.error("photo store: no answer; photos are answered 503 meanwhile")

    def _close(self) -> None:
        with self._lock:
            was, self._silent_until = self._silent_until, None
        if was is not None:
            log.warning("photo store: answers again")
