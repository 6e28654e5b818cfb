"""How fast a client sends or takes bytes, measured only while the server waits for it.

The floor is 30 kB in 30 s of waiting, over TLS handshake, head and body together. A phone on 2G moves 5 kB/s. The
server's own time never counts against the client.
"""

from __future__ import annotations

import time
from typing import Final

WINDOW_S: Final = 30.0
FLOOR: Final = 1_000
"""Bytes per second; a slower connection is always ended."""
SLOW: Final = 2_500
"""Bytes per second; slower connections are ended when threads run short. Half of what a phone on 2G moves."""


class Pace:
    """The pace of one direction of one request.

    `sure_s`: seconds of waiting before the rate is meaningful; `window_s`: over how many the floor is judged.
    """

    __slots__ = ("_bytes", "_since", "_sure_s", "_waited", "_window_s", "is_too_slow")

    def __init__(self, sure_s: float = WINDOW_S, window_s: float = WINDOW_S) -> None:
        self._sure_s, self._window_s = sure_s, window_s
        self._bytes, self._waited = 0, 0.0
        self._since: float | None = None
        self.is_too_slow = False

    @property
    def is_waiting(self) -> bool:
        """True while the server waits for the client."""
        return self._since is not None

    def wait(self) -> None:
        """Start the clock: the server waits for the client."""
        self._since = time.monotonic()

    def moved(self, count: int) -> None:
        """Stop the clock: `count` bytes were moved. At the end of each window compare the rate with the floor."""
        self._waited = self._total()
        self._since = None
        self._bytes += count
        if self._waited >= self._window_s:
            self.is_too_slow = self.is_too_slow or self._bytes < FLOOR * self._waited
            self._bytes, self._waited = 0, 0.0

    def is_below_floor(self) -> bool:
        """True if it is too slow by now, though the server still waits."""
        if self._since is not None and self._total() >= self._window_s:
            self.moved(0)
            self.wait()
        return self.is_too_slow

    def rate(self) -> float | None:
        """Bytes per second in this window; None if the server is not waiting, or not long enough to tell."""
        waited = self._total()
        return None if self._since is None or waited < self._sure_s else self._bytes / waited

    def _total(self) -> float:
        since = self._since  # read once: the waiting thread may end its wait meanwhile
        return self._waited if since is None else self._waited + time.monotonic() - since
