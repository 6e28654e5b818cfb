"""Short looks around, each in a thread of its own: one that hangs, as on a dead mount, keeps no job waiting."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from server.services.jobs.kinds import Jobs, Tick

log = logging.getLogger(__name__)


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
            if time.monotonic() < self._next.get(name, 0) or (thread is not None and thread.is_alive()):
                continue
            self._next[name] = time.monotonic() + tick.every_s
            self._threads[name] = threading.Thread(target=self._run, args=(name, tick), name=name, daemon=True)
            self._threads[name].start()

    def _run(self, name: str, tick: Tick) -> None:
        try:
            with self._enter():
                tick.run()
        except Exception as error:  # noqa: BLE001  # the next one is no worse for it
            log.warning("%s: %s", name, type(error).__name__)
