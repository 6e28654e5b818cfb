"""Finds the Chromium that the browser tests drive; installs the system's packages if this user may.

The tests drive its headless shell where there is one: the same engine without the window around it, which a whole
Chromium starts and draws even where nobody sees it. That took two fifths of the processor time of a journey.
"""

from __future__ import annotations

import os
import shutil

from house import install, may_install, offered, say, stop

SHELL = "chromium-headless-shell"
WHOLE = ("chromium", "chromium-browser", "google-chrome")


def ensure() -> None:
    """Make sure that the tests can start a browser, or stop with a sentence on how to get one."""
    told = os.environ.get("LOA_CHROMIUM", "")
    if told:
        if not os.access(told, os.X_OK):
            stop(f"LOA_CHROMIUM names {told}, which cannot be started.")
        return
    whole = any(map(shutil.which, WHOLE))
    if shutil.which(SHELL):
        return
    if not may_install():
        if whole:
            return
        stop(
            f"The browser tests need Chromium (Debian: apt install {SHELL} fonts-noto-core) or LOA_CHROMIUM, its path."
        )
    if offered(SHELL):
        say("Installing Chromium's headless shell for the browser tests.")
        install(SHELL, "fonts-noto-core")
    elif not whole:
        say("Installing Chromium for the browser tests.")
        install("chromium", "fonts-noto-core")


def ensure_whole() -> None:
    """Make sure that there is a Chromium as people have it, for what the shell cannot say; or stop likewise."""
    if os.environ.get("LOA_CHROMIUM") or any(map(shutil.which, WHOLE)):
        return
    if not may_install():
        stop("This needs a whole Chromium (Debian: apt install chromium) or LOA_CHROMIUM, its path.")
    say("Installing Chromium.")
    install("chromium")
