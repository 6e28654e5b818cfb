"""A phone for browser tests: the system's Chromium at phone size, with a fake camera and a place.

`phone()` is a page that remembers nothing. `profile(folder)` is a phone that does: kill it as Android does, open the
same folder again and see what is still there.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Self

import psutil
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser as Chromium
    from playwright.sync_api import BrowserContext, Playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream=fps=10",  # 20 by itself, each drawn by the processor
    "--use-fake-ui-for-media-stream",
]
COMMUNE = {"latitude": 21.0285, "longitude": 105.8542, "accuracy": 12.0}
PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 640},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "locale": "vi-VN",
    "timezone_id": "Asia/Ho_Chi_Minh",
    "geolocation": COMMUNE,
    "permissions": ["geolocation", "camera"],
}
DESK: dict[str, Any] = {
    "viewport": {"width": 1366, "height": 768},
    "locale": "vi-VN",
    "timezone_id": "Asia/Ho_Chi_Minh",
    "reduced_motion": "reduce",  # while a page fades into the next one, a picture of it shows both
}


SHELL = "chromium-headless-shell"
WHOLE = ("chromium", "chromium-browser", "google-chrome")


def chromium_path(*, whole: bool = False) -> str:
    """Path of the browser that `make test` found or installed: its headless shell if there is one (tools/chromium_env).

    `whole`: as people have it, for what is measured and for what the shell cannot do.
    """
    told = os.environ.get("LOA_CHROMIUM")
    found = told or next(filter(None, map(shutil.which, WHOLE if whole else (SHELL, *WHOLE))), None)
    if found is None:
        message = "No Chromium: run `make test`, which installs it or says how, or set LOA_CHROMIUM."
        raise RuntimeError(message)
    return found


class Browser:
    """Playwright and one Chromium, both started when first needed."""

    def __init__(self, *, whole: bool = False, driver: Playwright | None = None) -> None:
        """`whole`: as in `chromium_path`. `driver`: one that runs already, for a thread can have no second one."""
        self._whole = whole
        self._playwright = driver
        self._chromium: Chromium | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._chromium is not None:
            self._chromium.close()
        if self._playwright is not None:
            self._playwright.stop()

    def whole(self) -> Browser:
        """Phones in a whole Chromium, from the same driver."""
        return Browser(whole=True, driver=self._driver())

    @contextmanager
    def phone(self, **options: Any) -> Iterator[BrowserContext]:
        """A phone whose storage ends with the block."""
        context = self._running().new_context(**PHONE | options)
        try:
            yield context
        finally:
            context.close()

    @contextmanager
    def desk(self, **options: Any) -> Iterator[BrowserContext]:
        """An office PC whose storage ends with the block."""
        context = self._running().new_context(**DESK | options)
        try:
            yield context
        finally:
            context.close()

    def profile(self, folder: Path, **options: Any) -> BrowserContext:
        """A phone whose storage is that folder. Close it, or `kill` it, before opening the folder again."""
        return self._driver().chromium.launch_persistent_context(
            folder, executable_path=chromium_path(whole=self._whole), headless=True, args=FLAGS, **PHONE | options
        )

    def _driver(self) -> Playwright:
        if self._playwright is None:
            self._playwright = sync_playwright().start()
        return self._playwright

    def _running(self) -> Chromium:
        if self._chromium is None:
            self._chromium = self._driver().chromium.launch(
                executable_path=chromium_path(whole=self._whole), headless=True, args=FLAGS
            )
        return self._chromium


def kill(context: BrowserContext, folder: Path) -> None:
    """SIGKILL the browser of this profile and its children; no page is notified."""
    doomed = [each for process in _holding(folder) for each in (process, *process.children(recursive=True))]
    for process in doomed:
        with suppress(psutil.NoSuchProcess):  # it went with another
            process.kill()
    psutil.wait_procs(doomed, 5)
    with suppress(PlaywrightError):  # it is gone; this frees the driver's side
        context.close()


def _holding(folder: Path) -> list[psutil.Process]:
    """Our descendant processes that were started on this profile."""
    flag = f"--user-data-dir={folder}"
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            words = process.cmdline()
        except psutil.Error:  # ended meanwhile
            continue
        if flag in words and not any(word.startswith("--type=") for word in words):
            found.append(process)
    return found
