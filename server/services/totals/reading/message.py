"""A whole message: the units it speaks of, line by line, and for each of them the proposed totals."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from server.core.bulk import grouped
from server.services.totals.reading import tokens as token_kinds
from server.services.totals.reading.binding import ABOUT, GROUPED, INFERRED, NOT_ASKED, NOT_DONE, PRODUCT, RATE
from server.services.totals.reading.lexicon import Lexicon, lexicon
from server.services.totals.reading.line import NIL, NUMBER, OTHER, PART, FoundTotal, LineReader
from server.services.totals.reading.tokens import MARK, WORD, Token, split
from sync.protocol import FIGURE_MAX
from sync.text import fold

REPEATED: Final = "repeated"
"""A doubt: the message has several amounts of the figure."""
OTHER_UNIT: Final = "other_unit"
"""A doubt: the line names another unit than the one it is read for."""
NO_UNIT: Final = "no_unit"
"""Why something was not understood: of which unit it is."""
TOO_LARGE: Final = "too_large"
UNEQUAL: Final = "unequal"
"""Why something was not taken: what is said to be the sum is less than the rest."""
DOUBTS: Final = (ABOUT, GROUPED, INFERRED, REPEATED, OTHER_UNIT)
"""All doubts, and all reasons (`WHYS`) why something was not understood: the words for people are the desk's."""
WHYS: Final = (NUMBER, NOT_DONE, RATE, PRODUCT, PART, UNEQUAL, NOT_ASKED, NIL, NO_UNIT, TOO_LARGE)
MOST_MINUTES: Final = 60
"""Beside several broadcasts so many minutes may be those of each: "20 lần, thời lượng 15 phút"."""
LONGEST: Final = 10_000
"""Most letters of a message."""
_NAME: Final = 6
"""Most words of a unit's name that is not known."""


@dataclass(frozen=True, slots=True)
class ReadUnit:
    """A unit that a message may speak of, by its full name ("Xã Đình Cao") and its short one."""

    id: str
    name: str
    short_name: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A total that the message seems to say; 0: nothing to report. `said`: its words; `unit`: empty if not known.

    `working`: how it was computed, if it was ("2 × 10"). `doubts`: what to look at before confirming it.
    """

    unit: str
    unit_text: str
    figure: str
    amount: int
    working: str
    said: str
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MessagePiece:
    """A part of the message. `kind`: `read`, `unit`, `left` (not understood, `why`) or empty (the rest)."""

    text: str
    kind: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class MessageReading:
    """Proposals in the order of the message; `pieces` make up the message again."""

    proposals: list[Proposal]
    pieces: list[MessagePiece]
    left: list[MessagePiece]
    """Clauses that were not understood, or not wholly."""


def read(text: str, units: Sequence[ReadUnit], figures: Collection[str], unit: str = "") -> MessageReading:
    """Read a message. `units`: those it may name; `figures`: codes that are asked for; `unit`: the one it is of.

    Lines before any name are of `unit`; empty: it is not known. Nothing but the arguments decides the answer.
    """
    text = unicodedata.normalize("NFC", text)[:LONGEST]
    words = lexicon(bare=fold(text) == " ".join(text.lower().split()))
    reader = _MessageReader(text, units, figures, unit, words)
    reader.read()
    return MessageReading(list(reader.proposals()), list(reader.pieces()), reader.left)


@dataclass(frozen=True, slots=True)
class _Head:
    """A unit named at the beginning of a line; `id` is empty for one that is not known. Tokens `first` to `last`."""

    id: str
    text: str
    last: int


class _MessageReader:
    def __init__(
        self, text: str, units: Sequence[ReadUnit], figures: Collection[str], unit: str, words: Lexicon
    ) -> None:
        self._text, self._figures, self._words = text, figures, words
        self._unit, self._unit_text = unit, ""
        self._names: dict[tuple[str, ...], set[str]] = {}
        for each in units:
            for name in (each.name, each.short_name):
                self._names.setdefault(tuple(token.folded for token in split(name)), set()).add(each.id)
        self._full = {tuple(token.folded for token in split(each.name)) for each in units}
        self._lengths = {len(words) for words in self._full}
        self._found: list[tuple[str, str, FoundTotal]] = []
        self._marked: list[tuple[int, int, str, str]] = []
        self.left: list[MessagePiece] = []

    def read(self) -> None:
        at, recent = 0, ""
        for line in self._text.split("\n"):
            tokens = split(line, at)
            for part in self._by_unit(tokens[2:] if self._is_numbered(tokens) else tokens):
                recent = self._line(part, recent)
            at += len(line) + 1

    def _by_unit(self, tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
        """Yield the parts of a line that are of one unit each; a unit is named where a sentence begins."""
        first = place = 0
        begins = True
        while place < len(tokens):
            head = self._head(tokens, place) if begins else None
            if head is not None:
                yield tokens[first:place]
                self._unit, self._unit_text = head.id, head.text
                start, end = tokens[place].start, tokens[head.last - 1].end
                self._marked.append((start, end, "unit", ""))
                if not head.id:
                    self._leave(start, end, NO_UNIT)
                first = place = head.last
                begins = False
                continue
            token = tokens[place]
            is_bullet = begins and (
                token.kind == MARK or (token.kind == token_kinds.NUMBER and self._is_numbering(tokens, place))
            )
            begins = is_bullet or token.text in ";.!?"
            place += 1
        yield tokens[first:]

    def _is_numbered(self, tokens: Sequence[Token]) -> bool:
        """True for a line of a list: "1. Băng rôn: 3"."""
        return len(tokens) > 2 and tokens[0].kind == token_kinds.NUMBER and tokens[1].text in ".)/"

    def _is_numbering(self, tokens: Sequence[Token], place: int) -> bool:
        return place + 1 < len(tokens) and tokens[place + 1].text in ".)-/"

    def _head(self, tokens: Sequence[Token], place: int) -> _Head | None:
        """Read a unit's name here: a full one, a short one before a colon or dash, or an unknown one before a colon."""
        for length in range(min(8, len(tokens) - place), 0, -1):
            words = tuple(token.folded for token in tokens[place : place + length])
            ids = self._names.get(words)
            if not ids and self._words.is_in("levels", tokens[place]):  # "X. Đình Cao"
                skipped = 1 + (length > 2 and tokens[place + 1].text == ".")
                ids = self._names.get(words[skipped:])
                words = words if ids else ()
            last = place + length
            if ids and (self._ends(tokens, last) or words in self._full or self._words.is_in("levels", tokens[place])):
                text = self._text[tokens[place].start : tokens[last - 1].end]
                return _Head(next(iter(ids)) if len(ids) == 1 else "", text, self._behind(tokens, last))
        if not self._words.is_in("levels", tokens[place]) or len(tokens[place].text) < 2:
            return None
        for last in range(place + 1, min(place + _NAME, len(tokens))):
            if tokens[last].text == ":":
                return _Head("", self._text[tokens[place].start : tokens[last - 1].end], last + 1)
            if tokens[last].kind != WORD:
                return None
        return None

    def _ends(self, tokens: Sequence[Token], place: int) -> bool:
        return place >= len(tokens) or tokens[place].text in ":-–("

    def _behind(self, tokens: Sequence[Token], place: int) -> int:
        return place + (place < len(tokens) and tokens[place].text in ":-–")

    def _line(self, tokens: Sequence[Token], recent: str) -> str:
        if not tokens:
            return recent
        reader = LineReader(tokens, self._words, self._figures, recent)
        found, left = reader.read()
        elsewhere = (OTHER_UNIT,) if self._names_another(tokens) else ()
        for each in found:
            if each.amount > FIGURE_MAX:
                self._leave(each.start, each.end, TOO_LARGE)
                continue
            each = replace(each, doubts=(*each.doubts, *elsewhere))  # noqa: PLW2901
            self._found.append((self._unit, self._unit_text, each))
            self._marked.append((each.start, each.end, "read", ""))
        for clause in left:
            if clause.why != OTHER:
                self._leave(clause.start, clause.end, clause.why)
        return reader.recent

    def _leave(self, start: int, end: int, why: str) -> None:
        self._marked.append((start, end, "left", why))
        self.left.append(MessagePiece(self._text[start:end].strip(), "left", why))

    def _names_another(self, tokens: Sequence[Token]) -> bool:
        folded = [token.folded for token in tokens]
        return any(
            self._names[words] != {self._unit}
            for place in range(len(tokens))
            for words in {tuple(folded[place : place + length]) for length in self._lengths} & self._full
        )

    def proposals(self) -> Iterator[Proposal]:
        """Yield one for each unit and figure; several amounts are added up, which is a doubt."""
        said = grouped(((unit, unit_text, each.figure), each) for unit, unit_text, each in self._found)
        for (unit, unit_text, figure), all_ in said.items():
            together, why = _together(all_), UNEQUAL
            if figure == "minutes" and _may_be_of_each(all_, said.get((unit, unit_text, "airings"), ())):
                together, why = None, PRODUCT
            if together is None:
                for each in all_:
                    self._leave(each.start, each.end, why)
                continue
            amount, working, doubts = together
            quoted = "; ".join(self._text[each.start : each.end] for each in all_)
            yield Proposal(unit, unit_text, figure, amount, working, quoted, doubts)

    def pieces(self) -> Iterator[MessagePiece]:
        """Yield the message piece by piece: what was read is marked within what was not understood."""
        whys: list[tuple[str, str]] = [("", "")] * len(self._text)
        for kinds in (("",), ("left",), ("unit", "read")):
            for start, end, kind, why in self._marked:
                if kind in kinds and kind:
                    whys[start:end] = [(kind, why)] * (end - start)
        first = 0
        for place in range(1, len(self._text) + 1):
            if place == len(self._text) or whys[place] != whys[first]:
                yield MessagePiece(self._text[first:place], *whys[first])
                first = place


def _together(said: Sequence[FoundTotal]) -> tuple[int, str, tuple[str, ...]] | None:
    """Return amount, working and doubts of all amounts of one figure.

    What the message calls the sum is taken for all of them; None if it is less than what it is the sum of.
    """
    doubts = tuple(dict.fromkeys(doubt for each in said for doubt in each.doubts))
    sums = [each for each in said if each.is_sum]
    if len(said) > 1 and len(sums) == 1:
        rest = sum(each.amount for each in said if not each.is_sum)
        if rest > sums[0].amount:
            return None
        return sums[0].amount, sums[0].working, doubts if rest == sums[0].amount else (*doubts, REPEATED)
    if len(said) == 1:
        return said[0].amount, said[0].working, doubts
    working = " + ".join(each.working or str(each.amount) for each in said)
    return sum(each.amount for each in said), working, (*doubts, REPEATED)


def _may_be_of_each(minutes: Sequence[FoundTotal], airings: Sequence[FoundTotal]) -> bool:
    is_short = any(each.amount <= MOST_MINUTES and not each.working and not each.is_sum for each in minutes)
    return is_short and sum(each.amount for each in airings) > 1
