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
    total, hundreds, tens, ones = 0, 0, 0, None
    last = place
    for last in range(place, len(tokens) + 1):
        said = words.said(tokens[last]) if last < len(tokens) else ""
        if said in words.digits:
            if ones is not None:
                return Quantity(place, last + 1, MOST + 1)  # "hai ba": two or three
            ones = words.digits[said]
        elif said in words.ten:
            if ones is not None or tens:
                return None
            tens = 10
        elif scale := words.scales.get(said):
            if last == place:
                return None  # "chục" alone
            if scale == 10:
                tens, ones = 10 * (ones or 1), None
            elif scale == 100:
                hundreds, ones = 100 * (ones or 1), None
            else:
                total, hundreds, tens, ones = total + (hundreds + tens + (ones or 0)) * scale, 0, 0, None
        elif not (said in words.zeros and last > place):
            break
    if last == place or (last < len(tokens) and tokens[last].kind in (NUMBER, ODD)):  # "năm 2021": the year
        return None
    return Quantity(place, last, total + hundreds + tens + (ones or 0))
