"""The words of a report, `words.vi.json`: an official document is in Vietnamese, whatever the desk's language."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from sync.registry import KINDS, Figure

_FILE = Path(__file__).parent / "words.vi.json"
LANG = "vi"


@dataclass(frozen=True, slots=True)
class Phrase:
    """The wording of a figure. `beside`: figures in the same clause; `among`: figures that are part of it; by text.

    `rest`: what is left of it beside those parts is called so.
    """

    text: str
    beside: Mapping[str, str] = field(default_factory=dict)
    among: Mapping[str, str] = field(default_factory=dict)
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the prose account: its title and its figures."""

    code: str
    title: str
    figures: tuple[Figure, ...]


@cache
def _words() -> dict[str, Any]:
    words: dict[str, Any] = json.loads(_FILE.read_text("utf-8"))
    return words


def text(key: str, **values: object) -> str:
    """A sentence used in every report. A missing key is a programming error."""
    sentence: str = _words()["texts"][key]
    return sentence.format(**values)


def about(form: str, hotline: str, **values: object) -> str:
    """Return a text that names the hotline; a campaign may have none, then it is just “đường dây nóng”."""
    return " ".join(form.format(hotline=hotline, **values).split())


def level(name: str) -> str:
    """A level of the tree within a sentence; empty for a level of another tree."""
    return str(_words()["levels"].get(name, ""))


@cache
def phrases() -> Mapping[str, Phrase]:
    """By figure: the phrases of those whose wording differs from their label."""
    rows = _words()["phrases"].items()
    return {
        code: Phrase(row["text"], row.get("with", {}), row.get("among", {}), row.get("rest", "")) for code, row in rows
    }


def parts(figures: Sequence[Figure]) -> list[Part]:
    """Group the figures into parts: by name, else by the only kind that feeds them, else the rest."""
    found: dict[str, list[Figure]] = {row["code"]: [] for row in _words()["sections"]}
    for figure in figures:
        found[_part_of(figure)].append(figure)
    return [Part(row["code"], row["title"], tuple(found[row["code"]])) for row in _words()["sections"]]


def _part_of(figure: Figure) -> str:
    rows = _words()["sections"]
    named = next((row["code"] for row in rows if figure.code in row["figures"]), None)
    if named is not None:
        return str(named)
    fed = [kind.name for kind in KINDS.values() if figure.code in {each.code for each in kind.figures}]
    return str(next((row["code"] for row in rows if fed and set(fed) <= set(row["kinds"])), "other"))
