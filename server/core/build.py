"""Which Loa this is: the version, and of a release its commit, which `make release` writes into the wheel."""

from __future__ import annotations

import json
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).parents[1] / "_data" / "build.json"
"""`{"commit": …, "tag": …}`; only in the wheel of a release."""


@cache
def own_version() -> str:
    """Return the version: 1.0.0+4f2a91c0b3de of a release, 1.0.0 of a checkout."""
    try:
        commit = str(json.loads(FILE.read_text("utf-8"))["commit"])
    except (OSError, ValueError, KeyError):
        return version("loa")
    return f"{version('loa')}+{commit[:12]}"
