"""The desk's texts, `i18n/{vi,en}.json`: every visible string that is not data of sync/ or of a campaign."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from server.core import cldr
from server.core.findings import HealthFinding
from server.desk.numerals import form_for, number
from server.services.units.deputies import SaidName
from server.serving.every_request import language
from sync.amount import Amount
from sync.errors import CODES
from sync.late import LATE_MARKS
from sync.record import word_of

FOLDER = Path(__file__).parent / "i18n"
LANGUAGES = ("vi", "en")
Text = str | Mapping[str, str]
"""A text, or its forms by plural category, with the value they go `by`: {"by": "n", "one": "{n} day", "other": ...}."""
_LISTS = ("todo", "unready", "flagged", "sample", "amended", "replied", "conflict", "all")
"""Filters by state that are no state, or are called otherwise than it."""
_STATES = Path(__file__).parents[2] / "sync" / "states.json"


@cache
def catalogue(lang: str) -> Mapping[str, Text]:
    """Return all texts of a language by key."""
    words: dict[str, Text] = json.loads((FOLDER / f"{lang}.json").read_text("utf-8"))
    return words


@cache
def shared() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Return sync/states.json: words that the phone uses too."""
    words: dict[str, dict[str, dict[str, str]]] = json.loads(_STATES.read_text("utf-8"))
    return words


def t(key: str, **values: Any) -> str:
    """Return a text in the language of the request, with numbers formatted for that language.

    The value named by a text's `by`, an int, chooses among its forms. A missing key is a bug, never shown to people.
    """
    text = catalogue(language())[key]
    if not isinstance(text, str):
        text = form_for(values[text["by"]], text)
    return text.format(**{name: _told(value) for name, value in values.items()})


def _told(value: Any) -> Any:
    if isinstance(value, SaidName):
        return actor(value)
    return number(value) if isinstance(value, int) else value


def actor(name: str) -> str:
    """Return a name, with whom its person stood in for, in the language of the request."""
    if not isinstance(name, SaidName) or not name.whom:
        return str(name)
    return t("absence.said_name", name=name.name, whom=name.whom)


def finding(found: HealthFinding, lang: str = "") -> str:
    """Return what a check of the installation found, and what to do, in this language or that of the request."""
    texts = catalogue(lang or language())
    key = f"check.{found.check}.{found.outcome}"
    said = str(texts.get(key) or texts["check.error"]).format(check=found.check, **found.values)
    return f"{said} {texts[f'{key}.do']}" if f"{key}.do" in texts else said


def forms(key: str, **values: Any) -> tuple[str, str]:
    """Return a text for one thing and for several, where a script of the page knows the number."""
    text = catalogue(language())[key]
    one, other = (text, text) if isinstance(text, str) else (text["one"], text["other"])
    return one.format(**values), other.format(**values)


def label(words: Mapping[str, str]) -> str:
    """Return a label in the language of the request."""
    return words[language()]


def quantity(value: int | Amount, unit: Mapping[str, str]) -> str:
    """Return a number with its unit: 3 chiếc. A unit is a plural, with other forms beside it (`en.one`): 1 piece."""
    lang = language()
    form = f"{lang}.{cldr.plural(value, lang)}"
    return f"{cldr.number(value, lang)} {unit.get(form, label(unit))}"


def word(group: str, name: str) -> str:
    """Return a word of sync/states.json; the bare name if only a newer version has it."""
    words = shared()[group].get(name)
    return label(words) if words else name


def state_word(name: str, verdict: str = "") -> str:
    """Return the word for a record's state, given the verdict in force."""
    return word("states", word_of(name, verdict))


def filter_state(name: str, holders: str = "") -> str:
    """Return what a list's filter by state is called. `holders`: the level that holds what is `below`, if it is one."""
    if name == "below":
        return t(f"queue.below_{holders if holders in ('district', 'commune') else 'several'}")
    if name in LATE_MARKS:
        return word("marks", name)
    return t(f"queue.{name}") if name in _LISTS else word("states", name)


def error(code: str) -> str:
    """Return an error code's sentence; the desk's own where the shared one is about a phone's outbox."""
    own = catalogue(language()).get(f"fault.{code}")
    return own if isinstance(own, str) else CODES[code].sentence(language())
