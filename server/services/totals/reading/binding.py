"""Which figure an amount of a line belongs to: the one named behind it, that of its measure, or one named before it.

Products that a message writes out: "3 thôn x 2 buổi x 15 phút", with "= 90 phút" behind it where that is said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from server.services.totals.reading.lexicon import Lexicon, Measure
from server.services.totals.reading.numbers import Quantity, quantities
from server.services.totals.reading.tokens import MARK, NUMBER, ODD, WORD, Token


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
        """Tokens of amounts that can be read in two ways: "3 hoặc 4", "1 nghìn 2"."""
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


FAR = 40
"""Most tokens between an amount and a word of another clause that says what it measures."""
ABOUT, GROUPED, INFERRED = "about", "grouped", "inferred"
"""Doubts about an amount: it is approximate; its thousands are written oddly; its figure was named further before."""
NOT_DONE, RATE, PRODUCT, NOT_ASKED = "not_done", "rate", "product", "not_asked"
"""Why an amount was not taken."""
_AIRINGS, _MINUTES, _ATTENDANCES = "airings", "minutes", "attendances"
_EVENTS: Final = frozenset(("conferences", "rallies", "trainings", "contests", "oral_sessions", "mobile_sessions"))
"""Figures of which each has its people."""


@dataclass(slots=True)
class Bound:
    """An amount with its figure. `named`: the tokens that name it; `per`: the word of its rate."""

    quantity: Quantity
    figure: str
    first: int
    last: int
    named: tuple[int, int]
    doubts: list[str] = field(default_factory=list)
    per: str = ""
    times: tuple[Quantity, ...] = ()
    """What multiplies it in a product that is written out."""
    each: Bound | None = None
    """The times or events of which each has this amount, in such a product."""
    stated: int | None = None
    """What the message gives as the product."""


class FigureBinder(ChainFinder):
    """Binds the amounts of a line. `figures`: codes of those that are asked for; `recent`: the last that was named."""

    def __init__(self, tokens: Sequence[Token], words: Lexicon, figures: Collection[str], recent: str = "") -> None:
        super().__init__(tokens, words)
        self._asked, self.recent = figures, recent
        self._bound: list[Bound] = []
        self._spent: set[int] = set()
        """First tokens of amounts that are labels or factors of others."""
        self._near_used: dict[int, str] = {}
        """Words that name what an amount is, by place: the figure that they were used for, empty for a verb's own."""
        self._why: dict[int, str] = {}
        """By the first token of a clause: why something in it was not taken."""
        self._chained: dict[int, Chain] = {each.first: chain for chain in self._chains() for each in chain.quantities}
        """The product that an amount is part of, by the amount's first token."""

    def _bind_all(self) -> None:
        """Bind the amounts from left to right; a product is bound as a whole where it begins."""
        for clause in self._all:
            for quantity in self._amounts:
                if not clause[0] <= quantity.first < clause[1]:
                    continue
                chain = self._chained.get(quantity.first)
                if chain is None:
                    self._bind(quantity, clause)
                elif chain.quantities[0] is quantity and not self._bind_chain(chain, clause):
                    self._why.setdefault(clause[0], PRODUCT)

    def _bind(self, quantity: Quantity, clause: tuple[int, int]) -> None:
        found = None if self._is_label(quantity, clause) else self._figure_of(quantity, clause)
        if found is not None:
            found.per = self._rate(found, clause)
            self._take(found, clause)

    def _take(self, found: Bound, clause: tuple[int, int]) -> None:
        """Take an amount, unless its clause says that it was not done, or nobody asks for it."""
        begins, self.recent = found.first, found.figure
        is_compared = any(self._words.length("compared", self._tokens, at) for at in range(*clause))
        if is_compared or any(clause[0] <= at < found.quantity.first for at in self._not_done):
            self._why[clause[0]] = NOT_DONE
            return
        if found.figure not in self._asked:
            self._why[clause[0]] = NOT_ASKED
            return
        if begins > clause[0] and self._words.length("about", self._tokens, begins - 1):
            found.doubts.append(ABOUT)
        if found.quantity.doubtful:
            found.doubts.append(GROUPED)
        self._bound.append(found)

    def _bind_chain(self, chain: Chain, clause: tuple[int, int]) -> bool:
        """Bind a product to the figure of its count. Returns False if a factor is of no known meaning."""
        counts, lengths, people = chain.of(COUNT), chain.of(LENGTH), chain.of(PEOPLE)
        is_clear = chain.is_whole and counts and len(lengths) + len(people) <= 1
        if not is_clear or any(self._is_label(each, clause) for each in chain.quantities):
            return False
        found = self._figure_of(counts[0].quantity, clause)
        if found is None or not all(
            self._words.is_in("repeats", self._tokens[each.quantity.last]) for each in counts[1:]
        ):
            return False
        figure = _MINUTES if lengths else _ATTENDANCES
        if (lengths and found.figure != _AIRINGS) or (people and found.figure not in _EVENTS):
            return False
        self._count_of(chain, counts[0], found, clause)
        for link in lengths + people:
            end = max(found.last, link.end)
            each = Bound(link.quantity, figure, found.first, end, (link.quantity.last, link.end), each=found)
            each.stated = chain.stated.quantity.value if chain.stated and chain.stated.kind == link.kind else None
            self._take(each, clause)
        return True

    def _count_of(self, chain: Chain, count: Link, found: Bound, clause: tuple[int, int]) -> None:
        """Take the product of all factors but minutes and people."""
        found.per = self._rate(found, clause)
        others = [each for each in chain.links if each is not count and each.kind not in (LENGTH, PEOPLE)]
        found.times = tuple(each.quantity for each in others)
        if found.per in {each.word for each in others}:
            found.per = ""
        if chain.stated and chain.stated.kind == COUNT:
            found.stated = chain.stated.quantity.value
        found.first = min(found.first, chain.links[0].quantity.first)
        found.last = max([found.last, *(each.end for each in (count, *others))])
        self._spent |= {each.first for each in chain.quantities}
        self._take(found, clause)

    def _is_label(self, quantity: Quantity, clause: tuple[int, int]) -> bool:
        """True for "thôn 3", "ngày 21": no amount. "ngày 2 lần" and "mỗi thôn 3 băng rôn" have one.

        A label that looks like an amount ("thon 5 tin") stays among what is left over.
        """
        before = quantity.first - 1
        if before < clause[0] or self._tokens[before].kind != WORD:
            return False
        if before > clause[0] and self._words.is_in("each", self._tokens[before - 1]):
            return False
        is_label = self._words.is_in("labels", self._tokens[before])
        is_measured = self._is_measured(quantity.last)
        if self._words.is_in("soft_labels", self._tokens[before]):
            is_label = is_label or not is_measured
        if is_label and not is_measured:
            self._spent.add(quantity.first)
        return is_label

    def _figure_of(self, quantity: Quantity, clause: tuple[int, int]) -> Bound | None:
        first, after = quantity.first, quantity.last
        for place in dict.fromkeys((after, self._counters(after, clause[1]))):
            phrase = self._phrase_at(place) if place < clause[1] else None
            if phrase is not None and self._adjacent(quantity, clause) is not None:
                return self._between(quantity, clause, phrase)
            if phrase is not None:
                phrase.used = True
                self._use_near(first - 1)
                return Bound(quantity, phrase.figure, first, phrase.last, (after, phrase.last))
        return self._by_measure(quantity, clause) or self._by_name_before(quantity, clause)

    def _adjacent(self, quantity: Quantity, clause: tuple[int, int]) -> NamedFigure | None:
        """Return the figure named right before an amount, if no other amount is its own."""
        before = [each for each in self._phrases if clause[0] <= each.first and each.last <= quantity.first]
        is_free = before and not before[-1].used and self._only_fillers(before[-1].last, quantity.first)
        return before[-1] if is_free else None

    def _between(self, quantity: Quantity, clause: tuple[int, int], after: NamedFigure) -> Bound | None:
        """Bind an amount between two names ("băng rôn 3 tờ rơi 200") to the first, if the second has its own behind it.

        Else nobody knows which one is meant.
        """
        has_own = any(each.first == after.last for each in self._amounts)
        return self._by_name_before(quantity, clause, sure=True) if has_own else None

    def _by_measure(self, quantity: Quantity, clause: tuple[int, int]) -> Bound | None:
        after = quantity.last
        for measure in self._words.measures:
            for words in measure.words:
                if not self._begins(after, words):
                    continue
                near = self._near(measure, clause, quantity.first)
                if near is None:
                    continue
                self._near_used[near] = measure.figure
                for phrase in self._phrases:
                    if phrase.figure == measure.figure and clause[0] <= phrase.first < quantity.first:
                        phrase.used = True
                return Bound(quantity, measure.figure, quantity.first, after + len(words), (after, after + len(words)))
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

    def _by_name_before(self, quantity: Quantity, clause: tuple[int, int], *, sure: bool = False) -> Bound | None:
        after = self._counters(quantity.last, clause[1])
        token = self._tokens[after] if after < clause[1] else None
        phrase = self._adjacent(quantity, clause)
        if phrase is not None:
            end = self._unit_end(phrase.figure, quantity.last, clause[1])
            if sure or end > quantity.last or token is None or token.kind == MARK or after > quantity.last:
                phrase.used = True
                return Bound(quantity, phrase.figure, phrase.first, max(end, after), (quantity.last, max(end, after)))
        end = self._unit_end(self.recent, quantity.last, clause[1]) if self.recent else quantity.last
        if end > quantity.last:
            return Bound(quantity, self.recent, quantity.first, end, (quantity.last, end), [INFERRED])
        return None

    def _rate(self, found: Bound, clause: tuple[int, int]) -> str:
        """Return the word that the amount is per: "ngày" of "2 lần/ngày", "mỗi ngày 2 lần"; else an empty text."""
        tokens, words, at = self._tokens, self._words, found.last
        if at + 1 < clause[1] and self._is_by(at) and tokens[at + 1].kind == WORD and not self._begins_anew(found):
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
                for phrase in self._phrases:  # "mỗi hội nghị 50 người": the word has no amount of its own
                    phrase.used = phrase.used or phrase.first <= place < phrase.last
                return token.folded
        return ""

    def _begins_anew(self, found: Bound) -> bool:
        """True for "20 lần mỗi lần 15 phút": the rate is that of the next amount."""
        return self._tokens[found.last + 1].folded == self._tokens[found.named[0]].folded
