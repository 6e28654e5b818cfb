"""The parts of a line: its clauses, the figures that are named in it, and its amounts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from server.services.totals.reading.lexicon import Lexicon
from server.services.totals.reading.numbers import Quantity, quantities
from server.services.totals.reading.tokens import MARK, NUMBER, Token


@dataclass(slots=True)
class NamedFigure:
    """A figure that is named at tokens `first` to `last`, the latter excluded. `used`: it has its amount."""

    figure: str
    first: int
    last: int
    used: bool = False


class LineParts:
    """A line's tokens with what they are parts of."""

    def __init__(self, tokens: Sequence[Token], words: Lexicon) -> None:
        """Find the parts."""
        self._tokens, self._words = tokens, words
        self._phrases = list(self._named())
        self._inside = {at for each in self._phrases for at in range(each.first, each.last)}
        self._all = list(self._clauses())
        amounts = [each for each in quantities(tokens, words) if each.first not in self._inside]
        amounts = [each for each in amounts if not self._is_once(each)]
        self._unclear = {at for pair in self._pairs(amounts) for each in pair for at in range(each.first, each.last)}
        """Tokens of amounts of which nobody knows which one is meant: "3 hoặc 4", "1 nghìn 2"."""
        self._amounts = [each for each in amounts if each.first not in self._unclear]
        self._not_done = [at for at in range(len(tokens)) if words.length("not_done", tokens, at)]

    def _named(self) -> Iterator[NamedFigure]:
        place = 0
        while place < len(self._tokens):
            code, length = self._words.figures.at(self._tokens, place)
            if code:
                yield NamedFigure(code, place, place + length)
            place += length or 1

    def _clauses(self) -> Iterator[tuple[int, int]]:
        """Yield (first, last) between commas, semicolons, ends of sentences and words that join."""
        first = 0
        for place, token in enumerate(self._tokens):
            if place not in self._inside and self._parts(place):
                if place > first:
                    yield first, place
                first = place + (token.kind == MARK or self._words.is_in("joins", token))
        if first < len(self._tokens):
            yield first, len(self._tokens)

    def _parts(self, place: int) -> bool:
        token = self._tokens[place]
        if token.text in ",;.!?•…" or self._words.is_in("joins", token):
            return True
        before = self._tokens[place - 1].end if place else -1
        return token.text in "-–" and before != token.start

    def _is_once(self, amount: Quantity) -> bool:
        """True for the 1 of "2 lần 1 ngày": it says how often."""
        return amount.value == 1 and self._is_by(amount.first) and self._tokens[amount.first].kind == NUMBER

    def _is_by(self, place: int) -> bool:
        """True if a rate's word begins here: "/", "mỗi", or a 1 between "lần" and "ngày"."""
        token = self._tokens[place]
        if token.kind != NUMBER:
            return self._words.is_in("by", token)
        around = self._tokens[place - 1 : place + 2] if place else []
        is_between = len(around) == 3 and self._words.is_in("repeats", around[0])  # before, itself, behind
        return is_between and token.value == 1 and self._words.is_in("bare_each", around[2])

    def _pairs(self, amounts: Sequence[Quantity]) -> Iterator[tuple[Quantity, Quantity]]:
        for one, next_ in pairwise(amounts):
            between = self._tokens[one.last : next_.first]
            if not between or (len(between) == 1 and self._words.is_in("ranges", between[0])):
                yield one, next_

    def _phrase_at(self, place: int) -> NamedFigure | None:
        return next((each for each in self._phrases if each.first == place and not each.used), None)

    def _counters(self, place: int, end: int) -> int:
        """Return the place behind the counters that begin here, two at most."""
        for _ in range(2):
            if place < end and self._words.is_in("counters", self._tokens[place]) and not self._phrase_at(place):
                place += 1
        return place

    def _is_measured(self, place: int) -> bool:
        """True if what begins here says of what an amount is."""
        if place >= len(self._tokens):
            return False
        folded = self._tokens[place].folded
        is_measure = any(words[0] == folded for measure in self._words.measures for words in measure.words)
        return is_measure or self._words.is_in("counters", self._tokens[place]) or self._phrase_at(place) is not None

    def _begins(self, place: int, words: tuple[str, ...]) -> bool:
        return tuple(token.folded for token in self._tokens[place : place + len(words)]) == words

    def _unit_end(self, figure: str, place: int, end: int) -> int:
        """Return the place behind the figure's unit, if that begins here."""
        units = self._words.units.get(figure)
        length = units.at(self._tokens, place)[1] if units and place < end else 0
        return place + length

    def _only_fillers(self, first: int, last: int) -> bool:
        places = range(first, last)
        return all(
            self._words.is_in("fillers", self._tokens[at]) or self._words.is_in("counters", self._tokens[at])
            for at in places
        )
