"""Waiting for what another process does, with an end."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 30
"""On a machine that does much else. Who waits for what comes waits no longer for it."""
PATIENCE_MS = PATIENCE_S * 1000


def until(true: Callable[[], bool]) -> None:
    """Ask every 50 ms until it is so; AssertionError where that takes longer than PATIENCE_S."""
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)
