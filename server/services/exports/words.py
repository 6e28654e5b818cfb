"""The words within exported files, `words.vi.json`: in Vietnamese whatever the desk's language, like the reports."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

LANG: Final = "vi"
_FILE: Final = Path(__file__).parent / "words.vi.json"
_STATES: Final = Path(__file__).parents[3] / "sync" / "states.json"


@cache
def _words() -> Mapping[str, str]:
    found: dict[str, str] = json.loads(_FILE.read_text("utf-8"))
    return found


@cache
def _states() -> Mapping[str, Any]:
    found: dict[str, Any] = json.loads(_STATES.read_text("utf-8"))["states"]
    return found


def say(key: str, **values: str) -> str:
    """Return a text of these files."""
    return _words()[key].format(**values)


def state(name: str) -> str:
    """Return the word for a record's state."""
    return str(_states()[name][LANG])
