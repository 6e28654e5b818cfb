"""One line of a message: which amounts belong to which figures, and what is left over.

An amount belongs to the figure named right behind it ("3 băng rôn"); else to the one that its measure stands for beside
another word ("phát 20 lần"); else to the one named before it ("băng rôn: 3"). A rate ("2 lần/ngày") needs the number of
days or places somewhere in the line. Everything else is left over, with the reason if one is known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from math import prod

from server.services.totals.reading.lexicon import Lexicon, Measure
from server.services.totals.reading.line_parts import LineParts, NamedFigure
from server.services.totals.reading.numbers import Quantity
from server.services.totals.reading.tokens import MARK, ODD, WORD, Token

FAR = 40
"""Most tokens between an amount and a word of another clause that says what it measures."""
NEXT = 2
"""Most tokens between an amount and one that multiplies it, to be quoted as one."""
ABOUT, GROUPED, INFERRED = "about", "grouped", "inferred"
"""Doubts about an amount: it is approximate; its thousands are written oddly; its figure was named further before."""
NOT_DONE, RATE, NOT_ASKED, OTHER, NUMBER, NIL = "not_done", "rate", "not_asked", "other", "number", "nil"
"""Why something was not understood."""


@dataclass(frozen=True, slots=True)
class FoundTotal:
    """An amount of a figure. `working`: how it was computed, if it was; `start`, `end`: its place in the message."""

    figure: str
    amount: int
    working: str
    doubts: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Left:
    """A clause that says something else, or more, than what was found in it."""

    why: str
    start: int
    end: int


@dataclass(slots=True)
class _Bound:
    """An amount with its figure. `words`: the tokens that name it; `per`: the word of its rate."""

    quantity: Quantity
    figure: str
    first: int
    last: int
    named: tuple[int, int]
    doubts: list[str] = field(default_factory=list)
    per: str = ""


class LineReader(LineParts):
    """Reads one line. `figures`: codes of those that are asked for; `recent`: the one that was named last before."""

    def __init__(self, tokens: Sequence[Token], words: Lexicon, figures: Collection[str], recent: str = "") -> None:
        super().__init__(tokens, words)
        self._asked, self.recent = figures, recent
        self._bound: list[_Bound] = []
        self._spent: set[int] = set()
        """First tokens of amounts that are labels or factors of others."""
        self._near_used: dict[int, str] = {}
        """Words that name what an amount is, by place: the figure that they were used for, empty for a verb's own."""
        self._worked: dict[int, FoundTotal | None] = {}
        """By first token of an amount: what came of it."""
        self._why: dict[int, str] = {}

    def read(self) -> tuple[list[FoundTotal], list[Left]]:
        """Return what was found and what is left over."""
        clauses = self._all
        for clause in clauses:
            for quantity in self._amounts:
                if clause[0] <= quantity.first < clause[1]:
                    self._bind(quantity, clause)
        found = [each for bound in self._bound if (each := self._worked_out(bound)) is not None]
        found += [nil for clause in clauses for nil in self._nil(clause)]
        left = [rest for clause in clauses if (rest := self._left(clause, found)) is not None]
        return found, left

    # --- an amount and its figure --------------------------------------------------

    def _bind(self, quantity: Quantity, clause: tuple[int, int]) -> None:
        found = None if self._is_label(quantity, clause) else self._figure_of(quantity, clause)
        if found is None:
            return
        begins, self.recent = found.first, found.figure
        if any(clause[0] <= at < begins for at in self._not_done):
            self._why[clause[0]] = NOT_DONE
            return
        if found.figure not in self._asked:
            self._why[clause[0]] = NOT_ASKED
            return
        if begins > clause[0] and self._words.length("about", self._tokens, begins - 1):
            found.doubts.append(ABOUT)
        if quantity.doubtful:
            found.doubts.append(GROUPED)
        found.per = self._rate(found, clause)
        self._bound.append(found)

    def _is_label(self, quantity: Quantity, clause: tuple[int, int]) -> bool:
        """True for "thôn 3", "ngày 21": no amount. "ngày 2 lần" and "mỗi thôn 3 băng rôn" have one."""
        before = quantity.first - 1
        if before < clause[0] or self._tokens[before].kind != WORD:
            return False
        if before > clause[0] and self._words.is_in("each", self._tokens[before - 1]):
            return False
        is_label = self._words.is_in("labels", self._tokens[before])
        if self._words.is_in("soft_labels", self._tokens[before]):
            is_label = is_label or not self._is_measured(quantity.last)
        if is_label:
            self._spent.add(quantity.first)
        return is_label

    def _figure_of(self, quantity: Quantity, clause: tuple[int, int]) -> _Bound | None:
        first, behind = quantity.first, quantity.last
        if first > clause[0] and self._words.is_in("times", self._tokens[first - 1]):
            return None  # a factor; what it multiplies looks for it
        for place in dict.fromkeys((behind, self._counters(behind, clause[1]))):
            phrase = self._phrase_at(place) if place < clause[1] else None
            if phrase is not None and self._adjacent(quantity, clause) is not None:
                return self._between(quantity, clause, phrase)
            if phrase is not None:
                phrase.used = True
                self._use_near(first - 1)
                return _Bound(quantity, phrase.figure, first, phrase.last, (behind, phrase.last))
        return self._by_measure(quantity, clause) or self._by_name_before(quantity, clause)

    def _adjacent(self, quantity: Quantity, clause: tuple[int, int]) -> NamedFigure | None:
        """Return the figure named right before an amount, if no other amount is its own."""
        before = [each for each in self._phrases if clause[0] <= each.first and each.last <= quantity.first]
        is_free = before and not before[-1].used and self._only_fillers(before[-1].last, quantity.first)
        return before[-1] if is_free else None

    def _between(self, quantity: Quantity, clause: tuple[int, int], behind: NamedFigure) -> _Bound | None:
        """Bind an amount between two names ("băng rôn 3 tờ rơi 200") to the first, if the second has its own behind it.

        Else nobody knows which one is meant.
        """
        has_own = any(each.first == behind.last for each in self._amounts)
        return self._by_name_before(quantity, clause, sure=True) if has_own else None

    def _by_measure(self, quantity: Quantity, clause: tuple[int, int]) -> _Bound | None:
        behind = quantity.last
        for measure in self._words.measures:
            for words in measure.words:
                if not self._begins(behind, words):
                    continue
                near = self._near(measure, clause, quantity.first)
                if near is None:
                    continue
                self._near_used[near] = measure.figure
                for phrase in self._phrases:
                    if phrase.figure == measure.figure and clause[0] <= phrase.first < quantity.first:
                        phrase.used = True
                return _Bound(
                    quantity, measure.figure, quantity.first, behind + len(words), (behind, behind + len(words))
                )
        return None

    def _near(self, measure: Measure, clause: tuple[int, int], place: int) -> int | None:
        """Return where one of the words is: in the clause, else in the line before it."""
        before = range(clause[0] - 1, max(-1, clause[0] - FAR), -1)
        here = range(place - 1, max(clause[0], place - FAR) - 1, -1), range(place, min(clause[1], place + FAR))
        spans = (*here, before)
        for span in spans:
            for at in span:
                if self._near_used.get(at) in ("", measure.figure):
                    continue
                if any(self._begins(at, words) for words in measure.near):
                    return at
        return None

    def _use_near(self, place: int) -> None:
        """A verb right before an amount is that amount's own: "phát 200 tờ rơi" is no broadcast."""
        if place >= 0 and self._tokens[place].kind == WORD:
            self._near_used[place] = ""

    def _by_name_before(self, quantity: Quantity, clause: tuple[int, int], *, sure: bool = False) -> _Bound | None:
        behind = self._counters(quantity.last, clause[1])
        token = self._tokens[behind] if behind < clause[1] else None
        phrase = self._adjacent(quantity, clause)
        if phrase is not None:
            end = self._unit_end(phrase.figure, quantity.last, clause[1])
            if sure or end > quantity.last or token is None or token.kind == MARK or behind > quantity.last:
                phrase.used = True
                return _Bound(
                    quantity, phrase.figure, phrase.first, max(end, behind), (quantity.last, max(end, behind))
                )
        end = self._unit_end(self.recent, quantity.last, clause[1]) if self.recent else quantity.last
        if end > quantity.last:
            return _Bound(quantity, self.recent, quantity.first, end, (quantity.last, end), [INFERRED])
        return None

    # --- rates ---------------------------------------------------------------------

    def _rate(self, found: _Bound, clause: tuple[int, int]) -> str:
        """Return the word that the amount is per: "ngày" of "2 lần/ngày", "mỗi ngày 2 lần"; else an empty text."""
        tokens, words, at = self._tokens, self._words, found.last
        if at + 1 < clause[1] and words.is_in("by", tokens[at]) and tokens[at + 1].kind == WORD:
            found.last = at + 2
            return tokens[at + 1].folded
        for place in range(found.first - 1, max(clause[0], found.first - 4) - 1, -1):
            token = tokens[place]
            has_amount = any(each.last == place for each in self._amounts)
            if token.kind != WORD or has_amount:
                break
            is_each = place > clause[0] and words.is_in("each", tokens[place - 1])
            if is_each or words.is_in("bare_each", token):
                found.first = place - is_each
                return token.folded
        return ""

    def _worked_out(self, bound: _Bound) -> FoundTotal | None:
        place = bound.quantity.first
        if place not in self._worked:
            self._worked[place] = None  # while it is being worked out: a rate of itself is none
            self._worked[place] = self._product(bound)
        return self._worked[place]

    def _product(self, bound: _Bound) -> FoundTotal | None:
        many = self._factors(bound)
        if bound.per and len(many) != 1:
            clause = next(each for each in self._all if each[0] <= bound.quantity.first < each[1])
            self._why[clause[0]] = RATE
            return None
        factors = [bound.quantity.value, *(each.value for each in many)]
        self._spent |= {each.first for each in many}
        start, end = self._tokens[bound.first].start, self._tokens[self._last_of(bound, many) - 1].end
        working = " × ".join(map(str, factors)) if many else ""
        return FoundTotal(bound.figure, prod(factors), working, tuple(bound.doubts), start, end)

    def _last_of(self, bound: _Bound, many: Sequence[Quantity]) -> int:
        """Return the place behind an amount with what multiplies it, if that follows at once: "x 10 ngày"."""
        near = [each.last + 1 for each in many if 0 <= each.first - bound.last <= NEXT]
        return min(max([bound.last, *near]), len(self._tokens))

    def _factors(self, bound: _Bound) -> list[Quantity]:
        """Return the amount that multiplies this one: "10 ngày" for a rate per day, or what stands behind an x."""
        tokens, places = self._tokens, {each.quantity.first for each in self._bound}
        free = [each for each in self._amounts if each.first not in places and each.first not in self._spent]
        if not bound.per:
            at = bound.last
            if at < len(tokens) and self._words.is_in("times", tokens[at]):
                return [each for each in free if each.first == at + 1]
            return []
        said = [each for each in free if each.last < len(tokens) and tokens[each.last].folded == bound.per]
        if said:
            return said
        # "mỗi lần 15 phút": as many times as were found
        times = [each for each in self._bound if each is not bound and tokens[each.named[0]].folded == bound.per]
        worked = [(each.quantity, one) for each in times if (one := self._worked_out(each)) is not None]
        return [Quantity(quantity.first, quantity.last, one.amount) for quantity, one in worked]

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
        bound = {each.quantity.first for each in self._bound}
        loose = [
            each
            for each in self._amounts
            if clause[0] <= each.first < clause[1] and each.first not in bound and each.first not in self._spent
        ]
        named = [each for each in self._phrases if clause[0] <= each.first < clause[1] and not each.used]
        odd = any(token.kind == ODD for token in tokens)
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
