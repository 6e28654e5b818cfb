"""One line of a message: which amounts belong to which figures, and what is left over.

An amount belongs to the figure named right behind it ("3 băng rôn"); else to the one that its measure stands for beside
another word ("phát 20 lần"); else to the one named before it ("băng rôn: 3"). A rate ("2 lần/ngày") needs the number of
days or places somewhere in the line, and beside days that multiply nothing no number of broadcasts is taken. What
stands in brackets or behind "trong đó" is a part of what was said. Everything else is left over, with the reason if one
is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from math import prod
from typing import Final

from server.services.totals.reading.binding import INFERRED, PRODUCT, RATE, Bound, FigureBinder
from server.services.totals.reading.numbers import Quantity
from server.services.totals.reading.tokens import ODD, WORD

NEXT = 2
"""Most tokens between an amount and one that multiplies it, to be quoted as one."""
OTHER, NUMBER, NIL, PART = "other", "number", "nil", "part"
"""Why something was not understood."""
_BROADCASTS: Final = frozenset(("airings", "airings_relay", "minutes"))


@dataclass(frozen=True, slots=True)
class FoundTotal:
    """An amount of a figure. `working`: how it was computed, if it was; `start`, `end`: its place in the message.

    `is_sum`: the message calls it the sum of what else it says of the figure.
    """

    figure: str
    amount: int
    working: str
    doubts: tuple[str, ...]
    start: int
    end: int
    is_sum: bool = False


@dataclass(frozen=True, slots=True)
class Left:
    """A clause that says something else, or more, than what was found in it."""

    why: str
    start: int
    end: int


class LineReader(FigureBinder):
    """Reads one line."""

    def read(self) -> tuple[list[FoundTotal], list[Left]]:
        """Return what was found and what is left over."""
        self._worked: dict[int, FoundTotal | None] = {}
        """By first token of an amount: what came of it."""
        self._inner: set[int] = set()
        """First tokens of amounts that count the figure of another one which each of them is a part of."""
        self._bind_all()
        worked = [(bound, each) for bound in self._bound if (each := self._worked_out(bound)) is not None]
        whole = [(bound, each) for bound, each in worked if bound.quantity.first not in self._inner]
        found = self._without_parts([each for bound, each in whole if not self._is_unclear(bound, whole)])
        found += [nil for clause in self._all for nil in self._nil(clause)]
        left = [rest for clause in self._all if (rest := self._left(clause, found)) is not None]
        return found, left

    # --- rates and products --------------------------------------------------------

    def _worked_out(self, bound: Bound) -> FoundTotal | None:
        place = bound.quantity.first
        if place not in self._worked:
            self._worked[place] = None  # while it is being worked out: a rate of itself is none
            self._worked[place] = self._product(bound)
        return self._worked[place]

    def _product(self, bound: Bound) -> FoundTotal | None:
        many = self._factors(bound)
        whole = None if bound.each is None else self._worked_out(bound.each)
        if (bound.per and len(many) != 1) or (bound.each is not None and whole is None):
            self._refuse(bound, RATE)
            return None
        factors = [bound.quantity.value, *(each.value for each in (*bound.times, *many))]
        amount, working = prod(factors), " × ".join(map(str, factors)) if len(factors) > 1 else ""
        if whole is not None:
            amount, working = whole.amount * amount, f"{whole.working or whole.amount} × {amount}"
        if bound.stated not in (None, amount):
            self._refuse(bound, PRODUCT)
            return None
        self._spent |= {each.first for each in many}
        start, end = self._tokens[bound.first].start, self._tokens[self._last_of(bound, many) - 1].end
        return FoundTotal(bound.figure, amount, working, tuple(bound.doubts), start, end, self._is_sum(bound))

    def _last_of(self, bound: Bound, many: Sequence[Quantity]) -> int:
        """Return the place behind an amount with what multiplies it, if that follows at once: "x 10 ngày"."""
        near = [each.last + 1 for each in many if 0 <= each.first - bound.last <= NEXT]
        return min(max([bound.last, *near]), len(self._tokens))

    def _factors(self, bound: Bound) -> list[Quantity]:
        """Return what a rate is multiplied by: "10 ngày" for one per day."""
        if not bound.per:
            return []
        tokens, places = self._tokens, {each.quantity.first for each in self._bound}
        free = [each for each in self._amounts if each.first not in places and each.first not in self._spent]
        said = [each for each in free if each.last < len(tokens) and tokens[each.last].folded == bound.per]
        if said:
            return said
        # "mỗi lần 15 phút": as many times as were found
        times = [each for each in self._bound if each is not bound and tokens[each.named[0]].folded == bound.per]
        worked = [(each, one) for each in times if (one := self._worked_out(each)) is not None]
        self._inner |= {each.quantity.first for each, one in worked if one.figure == bound.figure}
        return [Quantity(each.quantity.first, each.quantity.last, one.amount) for each, one in worked]

    def _is_unclear(self, bound: Bound, worked: Sequence[tuple[Bound, FoundTotal]]) -> bool:
        """True for an amount that is not taken although its figure is known; the reason is kept for its clause."""
        why = PRODUCT if self._may_be_multiplied(bound) else ""
        if self._is_one_of_two(bound):
            why = NUMBER
        before = [each for other, each in worked if self._is_said_again(bound, other)]
        if before and before[-1].amount != self._worked[bound.quantity.first].amount:  # type: ignore[union-attr]
            why = PART
        if why:
            self._refuse(bound, why)
        return bool(why or before)

    def _is_one_of_two(self, bound: Bound) -> bool:
        """True for the 4 of "3, 4 băng rôn", the 2 of "3+2 băng rôn" and the 3 of "băng rôn: 3+2"."""
        tokens, loose = self._tokens, self._loose(0, len(self._tokens))
        before = any(each.last + 1 == bound.first and tokens[each.last].text in ",+" for each in loose)
        behind = any(each.first == bound.last + 1 and tokens[bound.last].text == "+" for each in loose)
        return before or behind

    def _is_said_again(self, bound: Bound, other: Bound) -> bool:
        """True if a clause gives an amount, and then how it comes about: "300 tờ rơi cho 3 trường x 100 tờ"."""
        is_same = other is not bound and other.figure == bound.figure and INFERRED not in other.doubts
        between = range(other.last, bound.first)
        return is_same and INFERRED in bound.doubts and bool(between) and self._clause(bound) == self._clause(other)

    def _may_be_multiplied(self, bound: Bound) -> bool:
        """True for broadcasts beside days or places that multiply nothing: once, or on each of them?"""
        if bound.figure not in _BROADCASTS or bound.per or bound.each or bound.times:
            return False
        first, last = self._sentence(bound.quantity.first)
        loose = [each for each in self._loose(first, last) if each.last < last]
        return any(self._words.is_in(name, self._tokens[each.last]) for each in loose for name in ("spans", "places"))

    def _clause(self, bound: Bound) -> tuple[int, int]:
        return next(each for each in self._all if each[0] <= bound.quantity.first < each[1])

    def _refuse(self, bound: Bound, why: str) -> None:
        self._why[self._clause(bound)[0]] = why

    def _sentence(self, place: int) -> tuple[int, int]:
        ends = [-1, *(at for at, token in enumerate(self._tokens) if token.text in ";.!?•"), len(self._tokens)]
        return max(at for at in ends if at < place) + 1, min(at for at in ends if at > place)

    def _loose(self, first: int, last: int) -> list[Quantity]:
        """Amounts between two places that are of no figure and multiply nothing."""
        taken = self._spent | {each.quantity.first for each in self._bound}
        return [each for each in self._amounts if first <= each.first < last and each.first not in taken]

    # --- sums and parts ------------------------------------------------------------

    def _is_sum(self, bound: Bound) -> bool:
        """True for "tổng cộng 7 băng rôn", "tổng là 7 băng rôn"."""
        return any(self._words.length("totals", self._tokens, at) for at in range(max(0, bound.first - 3), bound.first))

    def _without_parts(self, found: Sequence[FoundTotal]) -> list[FoundTotal]:
        """Leave out what is a part of an amount before it. Parts that do not add up to it are said to be left over."""
        kept = list(found)
        for first, last, is_said in self._part_spans():
            start, end = self._tokens[first].start, self._tokens[last - 1].end
            within = [each for each in kept if start <= each.start < end]
            for figure in dict.fromkeys(each.figure for each in within):
                parts = [each for each in within if each.figure == figure]
                before = [each for each in kept if each.figure == figure and each.start < start]
                if not before and not is_said:
                    continue  # "3 băng rôn (95 m)"
                kept = [each for each in kept if each not in parts]
                if not before or sum(each.amount for each in parts) != before[-1].amount:
                    self._leave_clauses(first, last)
        return kept

    def _part_spans(self) -> Iterator[tuple[int, int, bool]]:
        """Yield (first, last, by words) of what stands in brackets, or behind "trong đó" to the end of the sentence."""
        for at, token in enumerate(self._tokens):
            if token.text == "(":
                last = at + 1 + sum(1 for _ in takewhile(lambda each: each.text != ")", self._tokens[at + 1 :]))
                yield at, last, False
            if self._words.length("parts", self._tokens, at):
                yield at, self._sentence(at)[1], True

    def _leave_clauses(self, first: int, last: int) -> None:
        for clause in self._all:
            if clause[0] < last and first < clause[1]:
                self._why[clause[0]] = PART

    # --- nothing, and what is left -------------------------------------------------

    def _nil(self, clause: tuple[int, int]) -> Iterator[FoundTotal]:
        """Yield figures of which somebody says that there is nothing: "không tổ chức hội nghị", "băng rôn: KPS"."""
        if any(clause[0] <= each.first < clause[1] for each in self._amounts):
            return
        said = [at for at in range(*clause) if self._words.length("nil", self._tokens, at)]
        for phrase in self._phrases:
            if said and clause[0] <= phrase.first < clause[1] and not phrase.used and phrase.figure in self._asked:
                phrase.used = True
                start, end = self._tokens[clause[0]].start, self._tokens[clause[1] - 1].end
                yield FoundTotal(phrase.figure, 0, "", (), start, end)

    def _left(self, clause: tuple[int, int], found: Sequence[FoundTotal]) -> Left | None:
        tokens = self._tokens[clause[0] : clause[1]]
        start, end = tokens[0].start, tokens[-1].end
        here = [each for each in found if start <= each.start < end or start < each.end <= end]
        loose = self._loose(*clause)
        named = [each for each in self._phrases if clause[0] <= each.first < clause[1] and not each.used]
        odd = any(token.kind == ODD or at in self._unclear for at, token in enumerate(tokens, clause[0]))
        why = self._why.get(clause[0], "")
        if not why and here and not (loose or odd or named):
            return None
        if not why and not here and not loose and not odd and not named:
            is_factor = any(clause[0] <= first < clause[1] for first in self._spent)
            if is_factor or not any(token.kind == WORD for token in tokens):
                return None
            if any(self._words.length("nil", self._tokens, at) for at in range(*clause)):
                return Left(NIL, start, end)
            return Left(OTHER, start, end)
        return Left(why or NUMBER, start, end)
