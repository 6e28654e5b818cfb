"""Waiting for what another process does, with an end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

PATIENCE_S = 30
"""On a machine that does much else. Who waits for what comes waits no longer for it."""
PATIENCE_MS = PATIENCE_S * 1000


def until(true: Callable[[], object], page: Page | None = None) -> None:
    """Ask every 50 ms until it is so; AssertionError where that takes longer than PATIENCE_S.

    `page`: what is waited for is heard from this page's events, which come only while the page is waited for.
    """
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "it did not come about in time"
        _pause(50, page)


def settled(grows: Callable[[], int], least: int, page: Page | None = None) -> int:
    """What grows, once it is `least` and stands still for 300 ms; after PATIENCE_S it need only stand still."""
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
