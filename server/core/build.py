"""Which Loa this is: of a release what `make release` writes into its wheel, of a checkout the version alone."""

from __future__ import annotations

import json
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).parents[1] / "_data" / "build.json"
"""`{"version": …, "commit": …, "tag": …, "revision": …}`; only in the wheel of a release."""


@cache
def _build() -> dict[str, str]:
    try:
        return {str(name): str(said) for name, said in json.loads(FILE.read_text("utf-8")).items()}
    except (OSError, ValueError, AttributeError):
        return {}


def own_version() -> str:
    """Return the version: 1.0.0+4f2a91c0b3de of a release, 1.0.0 of a checkout."""
    build = _build()
    said = build.get("version") or version("loa")
    return f"{said}+{build['commit'][:12]}" if build.get("commit") else said


@cache
def whole_version() -> str:
    """Return the version with the tag and the revision of the tables, as a report of a fault needs it."""
    build = _build()
    more = [f"{name} {build[key]}" for name, key in (("tag", "tag"), ("tables", "revision")) if build.get(key)]
    return f"{own_version()} ({', '.join(more)})" if more else own_version()
