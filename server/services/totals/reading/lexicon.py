"""The words that messages are read by: those of the kinds, and `words.vi.json` beside this file.

Names of figures and measures are compared without tone marks ("bang ron"), all other words with them, because another
word would look the same ("tư" is four, "từ" is from), unless the whole message is typed without tone marks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from server.services.totals.reading.tokens import Token, split
from sync.registry import KINDS
from sync.text import fold

LANG: Final = "vi"
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """Words after a number that name a figure only where another word is near: "20 lần" beside "phát"."""

    words: tuple[Words, ...]
    figure: str
    near: tuple[Words, ...]


class Phrases:
    """Phrases by their words; finds the longest one that begins at a place."""

    def __init__(self, phrases: Mapping[Words, str]) -> None:
        self._phrases = phrases
        self._longest = max(map(len, phrases), default=0)

    def at(self, tokens: Sequence[Token], place: int, *, toned: bool = False) -> tuple[str, int]:
        """Return what it stands for and the number of its tokens; ("", 0) if none begins here."""
        for length in range(min(self._longest, len(tokens) - place), 0, -1):
            words = tuple(token.lower if toned else token.folded for token in tokens[place : place + length])
            if words in self._phrases:
                return self._phrases[words], length
        return "", 0


class Lexicon:
    """All lists, by the names that they have in the file. `bare`: for a message without tone marks."""

    def __init__(self, *, bare: bool) -> None:
        source: dict[str, Any] = json.loads((Path(__file__).parent / "words.vi.json").read_text("utf-8"))
        self._bare = bare
        self.figures = Phrases(dict(_figures(source["figures"])))
        self.units = {code: Phrases(dict.fromkeys(words, code)) for code, words in _units(source["units"]).items()}
        self.measures = tuple(
            Measure(_each(row["words"]), row["figure"], _each(row["near"])) for row in source["measures"]
        )
        lists: tuple[str, ...] = ("counters", "fillers", "labels", "soft_labels", "each", "by", "bare_each", "times")
        lists += ("joins", "levels", "spans", "places", "lengths", "people", "repeats", "ranges")
        self._lists = {name: {self._form(word) for word in source[name]} for name in lists}
        self._toned = {
            name: self._phrases(source[name])
            for name in ("about", "not_done", "nil", "not_numbers", "totals", "parts", "compared")
        }
        self.digits = {self._form(word): value for word, value in source["numbers"].items()}
        self.scales = {self._form(word): value for word, value in source["scales"].items()}
        self.ten = {self._form(word) for word in source["ten"]}
        self.zeros = {self._form(word) for word in source["zeros"]}

    def said(self, token: Token) -> str:
        """The word as words of numbers are compared."""
        return token.folded if self._bare else token.lower

    def is_in(self, name: str, token: Token) -> bool:
        """True if a list has this word."""
        return self.said(token) in self._lists[name]

    def length(self, name: str, tokens: Sequence[Token], place: int) -> int:
        """Number of tokens of the longest entry of a list that begins here; 0 if none does."""
        return self._toned[name].at(tokens, place, toned=not self._bare)[1]

    def _form(self, word: str) -> str:
        return fold(word) if self._bare else word

    def _phrases(self, phrases: Iterable[str]) -> Phrases:
        return Phrases(
            {tuple(token.folded if self._bare else token.lower for token in split(each)): each for each in phrases}
        )


@cache
def lexicon(*, bare: bool) -> Lexicon:
    """Return the lexicon; it is read once."""
    return Lexicon(bare=bare)


def _each(phrases: Iterable[str]) -> tuple[Words, ...]:
    return tuple(tuple(token.folded for token in split(each)) for each in phrases)


def _figures(synonyms: Mapping[str, Sequence[str]]) -> Iterable[tuple[Words, str]]:
    """The kinds' labels, whole and by their parts between commas, unless two figures share one; then the synonyms."""
    found: dict[Words, set[str]] = {}
    for figure in KINDS.figures():
        label = figure.label[LANG]
        for words in _each([label, *label.split(", ")]):
            found.setdefault(words, set()).add(figure.code)
    yield from ((words, next(iter(codes))) for words, codes in found.items() if len(codes) == 1 and len(words) > 1)
    for code, phrases in synonyms.items():
        yield from ((words, code) for words in _each(phrases))


def _units(more: Mapping[str, Sequence[str]]) -> dict[str, tuple[Words, ...]]:
    """By figure: the words of its unit, alone and before its label, and others that people use for it."""
    return {
        figure.code: _each([figure.unit[LANG], *figure.unit[LANG].split(", "), *more.get(figure.code, ())])
        for figure in KINDS.figures()
    }
