"""Products that a message writes out: "3 thôn x 2 buổi x 15 phút", with "= 90 phút" behind it where that is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from server.services.totals.reading.line_parts import LineParts
from server.services.totals.reading.numbers import Quantity
from server.services.totals.reading.tokens import MARK, NUMBER, ODD, Token

SPAN, PLACE, LENGTH, PEOPLE, COUNT = "span", "place", "length", "people", "count"
"""What a factor counts: days, places, minutes, people, or what the figure counts."""
_MEASURE = 6
"""Most tokens of a factor's measure: "buổi tuyên truyền lưu động"."""


@dataclass(frozen=True, slots=True)
class Link:
    """A factor. `word`: the first of its measure; `end`: the place behind the measure, where a times sign may be."""

    quantity: Quantity
    kind: str
    word: str
    end: int


@dataclass(slots=True)
class Chain:
    """Factors from left to right. `is_whole`: none of them is a measure of something ("5m x 0,8m")."""

    links: list[Link]
    is_whole: bool = True
    stated: Link | None = None
    """What stands behind "=", if anything does."""
    quantities: list[Quantity] = field(init=False)

    def __post_init__(self) -> None:
        """All amounts of the chain are spoken for."""
        self.quantities = [each.quantity for each in self.links] + ([self.stated.quantity] if self.stated else [])

    def of(self, kind: str) -> list[Link]:
        """Return the factors of a kind."""
        return [each for each in self.links if each.kind == kind]


class ChainFinder(LineParts):
    """Finds the products of a line."""

    def _chains(self) -> Iterator[Chain]:
        by_place = {each.first: each for each in self._amounts}
        taken: set[int] = set()
        for amount in self._amounts:
            if amount.first in taken:
                continue
            links, place, is_whole = [self._link(amount)], amount.last, True
            while (place := links[-1].end) < len(self._tokens) - 1 and self._is_times(place):
                follower = by_place.get(place + 1)
                if follower is None:
                    is_whole = self._tokens[place + 1].kind != ODD and place + 1 not in self._unclear
                    break
                links.append(self._link(follower))
            if len(links) > 1 or not is_whole:
                stated = by_place.get(place + 1) if place < len(self._tokens) and self._says_result(place) else None
                chain = Chain(links, is_whole, self._link(stated) if stated else None)
                taken |= {each.first for each in chain.quantities}
                yield chain

    def _is_times(self, place: int) -> bool:
        return self._words.is_in("times", self._tokens[place])

    def _says_result(self, place: int) -> bool:
        return self._tokens[place].text == "="

    def _link(self, amount: Quantity) -> Link:
        at, tokens, words = amount.last, self._tokens, self._words
        end = self._measure_end(at)
        if at >= len(tokens):
            return Link(amount, COUNT, "", end)
        kinds = ((SPAN, "spans"), (PLACE, "places"), (LENGTH, "lengths"), (PEOPLE, "people"))
        kind = next((kind for kind, name in kinds if words.is_in(name, tokens[at])), COUNT)
        if tokens[at : at + 2] and [each.folded for each in tokens[at : at + 2]] == ["luot", "nguoi"]:
            kind = PEOPLE
        return Link(amount, kind, tokens[at].folded, end)

    def _measure_end(self, place: int) -> int:
        """Return the place of the times sign or "=" behind a measure; else the place behind its first word."""
        tokens = self._tokens
        for at in range(place, min(place + _MEASURE, len(tokens))):
            if self._is_times(at) or self._says_result(at):
                return at
            if not self._may_measure(tokens, at):
                break
        return min(place + 1, len(tokens))

    def _may_measure(self, tokens: Sequence[Token], at: int) -> bool:
        is_other = tokens[at].kind in (NUMBER, ODD, MARK) and tokens[at].text != "/"
        return not is_other or self._is_by(at)
