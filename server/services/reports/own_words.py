"""The words that a capability adds to a report, in a JSON file of its own: an official document is in Vietnamese."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path


def own_words(file: Path) -> Callable[..., str]:
    """Return a function that gives the text of a key with its values filled in. A missing key is a programming error.

    `file`: a flat JSON object of texts.
    """

    @cache
    def table() -> dict[str, str]:
        found: dict[str, str] = json.loads(file.read_text("utf-8"))
        return found

    def text(key: str, **values: object) -> str:
        return table()[key].format(**values)

    return text
