"""The desk's own catalogue, `i18n/{vi,en}.json`: every visible string that is not data of sync/ or of a campaign."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from server.core.language import language
from server.desk.numerals import number
from sync.decision import word_of
from sync.errors import CODES

FOLDER = Path(__file__).parent / "i18n"
LANGUAGES = ("vi", "en")
_STATES = Path(__file__).parents[2] / "sync" / "states.json"


@cache
def catalogue(lang: str) -> Mapping[str, str]:
    """All sentences of a language by key."""
    words: dict[str, str] = json.loads((FOLDER / f"{lang}.json").read_text("utf-8"))
    return words


@cache
def shared() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """sync/states.json: words that the phone says too."""
    words: dict[str, dict[str, dict[str, str]]] = json.loads(_STATES.read_text("utf-8"))
    return words


def t(key: str, **values: Any) -> str:
    """A sentence of the desk in the language of the request, its numbers as the language writes them.

    A missing key is a fault, never shown to people.
    """
    told = {name: number(value) if isinstance(value, int) else value for name, value in values.items()}
    return catalogue(language())[key].format(**told)


def label(words: Mapping[str, str]) -> str:
    """A label of a kind, figure or state."""
    return words[language()]


def word(group: str, name: str) -> str:
    """A word of sync/states.json, or the bare name for one of a newer version."""
    words = shared()[group].get(name)
    return label(words) if words else name


def state_word(name: str, verdict: str = "") -> str:
    """The word of a record's state, given the verdict in force."""
    return word("states", word_of(name, verdict))


def error(code: str) -> str:
    """The sentence of an error code; the desk's own where the table's speaks of what a phone keeps and sends again."""
    return catalogue(language()).get(f"fault.{code}") or CODES[code].sentence(language())
