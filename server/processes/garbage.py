"""How a long-lived process collects garbage: what stays for good is not gone through again and again.

An application is about a million objects. Each full collection goes through all that were not frozen, 0.1 s with every
thread stopped.
"""

from __future__ import annotations

import gc
from typing import Final

_DOCUMENT: Final = (100_000, 20, 100)
"""Thresholds while documents are made. A country's tables are millions of objects that all live until the file is
written, and at the usual 700 the collector goes through them for a sixth of the time and finds nothing."""


def keep() -> None:
    """Leave out what is there now; for a process that has just made its application."""
    gc.freeze()


def keep_for_documents() -> None:
    """Leave out what is there now, and look seldom at what is made later; for the process that does the jobs."""
    keep()
    gc.set_threshold(*_DOCUMENT)
