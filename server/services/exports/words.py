"""The words within exported files, `words.vi.json`: in Vietnamese whatever the desk's language, like the reports."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

LANG: Final = "vi"
_FILE: Final = Path(__file__).parent / "words.vi.json"
_DESK: Final = Path(__file__).parents[2] / "desk" / "i18n" / "vi.json"
"""The desk names the hints, and a file the same."""
_STATES: Final = Path(__file__).parents[3] / "sync" / "states.json"


@cache
def _words() -> Mapping[str, str]:
    found: dict[str, str] = json.loads(_FILE.read_text("utf-8"))
    return found


@cache
def _hints() -> Mapping[str, str]:
    said: dict[str, Any] = json.loads(_DESK.read_text("utf-8"))
    return {key.partition(".")[2]: str(text) for key, text in said.items() if key.startswith("hint_name.")}


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


def hint(rule: str) -> str:
    """Return the name of a hint; of a rule without a name, the rule."""
    return _hints().get(rule, rule)
