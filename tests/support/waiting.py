"""Waiting for another process, with a timeout."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

PATIENCE_S = 30
"""Generous, for a busy machine; a wait ends as soon as its event comes."""
PATIENCE_MS = PATIENCE_S * 1000


def until(true: Callable[[], object], page: Page | None = None) -> None:
    """Ask every 50 ms until true. Raises AssertionError after PATIENCE_S.

    `page`: wait on this page, because its events come only while it is waited on.
    """
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "it did not come about in time"
        _pause(50, page)


def settled(grows: Callable[[], int], least: int, page: Page | None = None) -> int:
    """The growing number, once at least `least` and unchanged for 300 ms; after PATIENCE_S unchanged is enough."""
    end = time.monotonic() + PATIENCE_S
    before, now = -1, grows()
    while before != now or (now < least and time.monotonic() < end):
        _pause(300, page)
        before, now = now, grows()
    return now


def _pause(ms: int, page: Page | None) -> None:
    if page is None:
        time.sleep(ms / 1000)
    else:
        page.wait_for_timeout(ms)
