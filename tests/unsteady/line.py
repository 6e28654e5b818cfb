"""The line is far, and the phone's processor slow."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from support.browsers.browser import Browser
from support.network.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Page

ROUND_TRIPS_MS = (40, 200, 500)
SLOWER = 4


@pytest.fixture(scope="session", autouse=True)
def far_phones() -> Iterator[None]:
    """Until a test makes the line what it needs; each page of a phone."""
    profile, make = Browser.profile, Proxy.__init__

    def far(line: Proxy, *what: Any) -> None:
        make(line, *what)
        line.slow(round_trip_ms=random.choice(ROUND_TRIPS_MS))

    def slow(browser: Browser, folder: Path, **options: Any) -> BrowserContext:
        context = profile(browser, folder, **options)

        def throttle(page: Page) -> None:
            context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})

        for page in context.pages:
            throttle(page)
        context.on("page", throttle)
        return context

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Proxy, "__init__", far)
        patch.setattr(Browser, "profile", slow)
        yield
