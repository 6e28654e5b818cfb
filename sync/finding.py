"""What lists and searches read of a record: its day, its place, its slogan, the words of its texts.

A projection of the state, like figures: it may be thrown away and made anew from the writes. Of a conflict the side
that is shown first counts for day, place and slogan; the words are those of every side, so that both are found.

>>> words("Thôn Đông, cổng chợ; THÔN 3")
['3', 'cho', 'cong', 'dong', 'thon']
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sync.answers import OLD, answered_by
from sync.protocol import FIELD_NAME_LENGTH
from sync.record import State
from sync.registry import Field, Kind
from sync.text import fold
from sync.values import TYPES, Value, is_date

WORD_LENGTH: Final = 40
"""Longer words are cut, when they are stored and when they are searched."""
UNSAID: Final = "unsaid"
_WORD: Final = re.compile(r"[^\W_]+")
_SYLLABLES: Final = 8192
"""Vietnamese is written with about as many, so nearly all that a server reads it has folded before."""


@dataclass(frozen=True, slots=True)
class Findable:
    """`day`: the ISO day of the activity, empty if none was given. `place`: (latitude, longitude) in millionths.

    `slogan`: the id of the campaign's slogan, or empty. `photos`: the record names at least one. `words`: folded, once
    each.
    """

    day: str
    place: tuple[int, int] | None
    slogan: str
    photos: bool
    words: tuple[str, ...]
    answer: str = ""
    """Of a yes or no with three answers: UNSAID, or OLD (SPEC F-25). Empty if it is answered, or in a conflict."""


def words(text: str) -> list[str]:
    """Return the words of a text, folded (F-12), each once and in order."""
    return sorted(_folded([text]))


def findable(kind: Kind | None, state: State) -> Findable:
    """Return what a record of this kind is found by; the kind is None if no file has it any more."""
    day, place, slogan = "", None, None
    texts: list[str] = []
    for field in kind.fields if kind else ():
        # In display order (W-3). Of day, place and slogan the first value counts that is one, whichever field holds it.
        sides = [write.set[field.name] for write in state.fields.get(field.name, ())]
        if field.type == "text":
            texts += (side for side in sides if isinstance(side, str))
        elif field.type in ("date", "schedule"):
            day = day or next((said for side in sides if (said := _day(field, side))), "")
        elif field.type == "place":
            place = place or next((degrees for side in sides if (degrees := _degrees(field, side))), None)
        elif field.type == "slogan" and slogan is None:
            slogan = next((side for side in sides if isinstance(side, str)), None)
    found = tuple(sorted(_folded(texts)))
    answer = _answer(kind, state) if kind else ""
    return Findable(day, place, (slogan or "")[:FIELD_NAME_LENGTH], bool(state.photos), found, answer)


def _answer(kind: Kind, state: State) -> str:
    for field in kind.fields:
        if field.said_by and not field.retired and len(state.sides(field.name)) < 2:
            said = state.value(field.name)
            by = answered_by(field, {field.name: said, field.said_by: state.value(field.said_by)})
            return UNSAID if said is None else OLD if by == OLD else ""
    return ""


def _day(field: Field, side: Value) -> str:
    """The day that a date, or the first day of a schedule, says; else nothing."""
    if field.type == "schedule":
        side = side.get("from") if isinstance(side, dict) else None
    return str(side) if is_date(side) else ""


def _degrees(field: Field, side: Value) -> tuple[int, int] | None:
    # An older server kept the values of a field that it did not know unchecked.
    if isinstance(side, dict) and TYPES["place"](field, side):
        return int(side["lat_e6"] or 0), int(side["lon_e6"] or 0)
    return None


def _folded(texts: Iterable[str]) -> set[str]:
    """The words of these texts. A blank ends a word, so what stands between blanks is folded by itself."""
    found: set[str] = set()
    for text in texts:
        for part in text.split():
            found.update(_known(part) if len(part) <= WORD_LENGTH else _words_of(part))
    return found


def _words_of(part: str) -> tuple[str, ...]:
    return tuple(word[:WORD_LENGTH] for word in _WORD.findall(fold(part)))


_known = lru_cache(_SYLLABLES)(_words_of)
