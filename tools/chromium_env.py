"""Finds the Chromium that the browser tests drive; installs the system's package if this user may."""

from __future__ import annotations

import os
import shutil

from house import install, may_install, say, stop

NAMES = ("chromium", "chromium-browser", "google-chrome")


def ensure() -> None:
    """Make sure that the tests can start a browser, or stop with a sentence on how to get one."""
    told = os.environ.get("LOA_CHROMIUM", "")
    if told:
        if not os.access(told, os.X_OK):
            stop(f"LOA_CHROMIUM names {told}, which cannot be started.")
        return
    if any(map(shutil.which, NAMES)):
        return
    if not may_install():
        stop(
            "The browser tests need Chromium (Debian: apt install chromium fonts-noto-core) or LOA_CHROMIUM, its path."
        )
    say("Installing Chromium for the browser tests.")
    install("chromium", "fonts-noto-core")
