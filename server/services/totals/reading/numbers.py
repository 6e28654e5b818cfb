"""Amounts in a list of tokens: figures, and numbers in words ("mười lăm", "một trăm hai mươi", "3 nghìn")."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from server.services.totals.reading.lexicon import Lexicon
from server.services.totals.reading.tokens import NUMBER, ODD, Token

MOST = 10**9


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount at tokens `first` to `last`, the latter excluded. `doubtful`: thousands were not written with dots."""

    first: int
    last: int
    value: int
    doubtful: bool = False


def quantities(tokens: Sequence[Token], words: Lexicon) -> Iterator[Quantity]:
    """Yield the amounts from left to right. Words that say no exact amount ("một số") are none."""
    place = 0
    while place < len(tokens):
        skipped = words.length("not_numbers", tokens, place)
        found = None if skipped else _at(tokens, place, words)
        if found is not None and found.value <= MOST:
            yield found
        place = found.last if found else place + max(1, skipped)


def _at(tokens: Sequence[Token], place: int, words: Lexicon) -> Quantity | None:
    if tokens[place].kind == NUMBER:
        value, last = tokens[place].value, place + 1
        while last < len(tokens) and (scale := words.scales.get(words.said(tokens[last]))):
            value, last = value * scale, last + 1
        return Quantity(place, last, value, tokens[place].grouped)
    return _in_words(tokens, place, words)


def _in_words(tokens: Sequence[Token], place: int, words: Lexicon) -> Quantity | None:
    """Read the longest number in words; None if none begins here. Two digits side by side are no number."""
    number, last = _NumberInWords(words), place
    while last < len(tokens) and number.takes(words.said(tokens[last])):
        last += 1
    if last == place or (last < len(tokens) and tokens[last].kind in (NUMBER, ODD)):  # "năm 2021": the year
        return None
    if last < len(tokens) and words.said(tokens[last]) in words.digits:  # "hai ba": two or three
        return Quantity(place, last + 1, MOST + 1)
    if number.is_short:
        return Quantity(place, last, MOST + 1)
    return Quantity(place, last, number.value)


class _NumberInWords:
    """A number while its words are read from left to right."""

    def __init__(self, words: Lexicon) -> None:
        self._words = words
        self._total = self._hundreds = self._tens = 0
        self._ones: int | None = None
        self._begun = False
        self._scaled = False
        self.is_short = False
        """True for "một nghìn hai": 1200 as people say it, 1002 as it stands."""

    @property
    def value(self) -> int:
        """The number so far."""
        return self._total + self._hundreds + self._tens + (self._ones or 0)

    def takes(self, said: str) -> bool:
        """Take one more word. Returns False if it is none of the number."""
        words = self._words
        was_scaled, self._scaled = self._scaled, False
        if said in words.digits and self._ones is None:
            self._ones, self.is_short = words.digits[said], was_scaled
        elif said in words.ten and self._ones is None and not self._tens:
            self._tens = 10
        elif said in words.scales and self._begun:
            self._scale(words.scales[said])
            self._scaled, self.is_short = words.scales[said] > 10, False
        elif not (said in words.zeros and self._begun):
            return False
        self._begun = True
        return True

    def _scale(self, scale: int) -> None:
        if scale == 10:
            self._tens, self._ones = 10 * (self._ones or 1), None
        elif scale == 100:
            self._hundreds, self._ones = 100 * (self._ones or 1), None
        else:
            self._total = self._total + (self._hundreds + self._tens + (self._ones or 0)) * scale
            self._hundreds, self._tens, self._ones = 0, 0, None
