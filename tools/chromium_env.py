"""Finds the Chromium that the browser tests drive; installs the system's packages if this user may.

Most tests drive its headless shell: the same engine without the window around it, which a whole Chromium starts and
draws even where nobody sees it. That took two fifths of the processor time of a journey. What is measured, and what
only the window can say, needs a whole one.
"""

from __future__ import annotations

import os
import shutil

from house import install, may_install, say, stop

SHELL = "chromium-headless-shell"
WHOLE = ("chromium", "chromium-browser", "google-chrome")


def ensure() -> None:
    """Make sure that the tests can start a browser, or stop with a sentence on how to get one."""
    told = os.environ.get("LOA_CHROMIUM", "")
    if told:
        if not os.access(told, os.X_OK):
            stop(f"LOA_CHROMIUM names {told}, which cannot be started.")
        return
    found = {SHELL: shutil.which(SHELL), WHOLE[0]: next(filter(None, map(shutil.which, WHOLE)), None)}
    if all(found.values()):
        return
    if may_install():
        say("Installing Chromium for the browser tests.")
        install("fonts-noto-core", where_offered=[name for name, path in found.items() if path is None])
    elif not any(found.values()):
        stop(
            f"The browser tests need Chromium (Debian: apt install {' '.join(found)} fonts-noto-core) "
            "or LOA_CHROMIUM, its path."
        )
