"""Finds the Chromium that the browser tests drive; installs the system's package where this user may."""

from __future__ import annotations

import os
import shutil

from house import call, say, stop

NAMES = ("chromium", "chromium-browser", "google-chrome")


def ensure() -> None:
    """A browser the tests can start, or one sentence about how to get it."""
    told = os.environ.get("LOA_CHROMIUM", "")
    if told:
        if not os.access(told, os.X_OK):
            stop(f"LOA_CHROMIUM names {told}, which cannot be started.")
        return
    if any(map(shutil.which, NAMES)):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        stop(
            "The browser tests need Chromium (Debian: apt install chromium fonts-noto-core) or LOA_CHROMIUM, its path."
        )
    say("Installing Chromium for the browser tests.")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    call(["apt-get", "-qq", "update"], env=quiet)
    call(["apt-get", "-qq", "install", "--yes", "--no-install-recommends", "chromium", "fonts-noto-core"], env=quiet)
