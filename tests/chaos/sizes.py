"""How much is done: a slice in `make test`, all of it in `make chaos`."""

from __future__ import annotations

import os

FULL = os.environ.get("LOA_CHAOS") == "full"


def size(part: int, whole: int) -> int:
    """The first in every test run, the second when chaos is what was asked for."""
    return whole if FULL else part
