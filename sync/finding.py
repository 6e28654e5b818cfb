"""What lists and searches read of a record: its day, its place, its slogan, the words of its texts.

A projection of the state, like figures: it may be thrown away and made anew from the writes. Of a conflict the side
that is shown first counts for day, place and slogan; the words are those of every side, so that both are found.

>>> words("Thôn Đông, cổng chợ; THÔN 3")
['3', 'cho', 'cong', 'dong', 'thon']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sync.protocol import FIELD_NAME_LENGTH
from sync.record import State
from sync.registry import Field, Kind
from sync.text import fold
from sync.values import TYPES, Value, is_date

WORD_LENGTH: Final = 40
"""Longer words are cut, when they are stored and when they are searched."""
_WORD: Final = re.compile(r"[^\W_]+")


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


def words(text: str) -> list[str]:
    """Return the words of a text, folded (F-12), each once and in order."""
    return sorted({word[:WORD_LENGTH] for word in _WORD.findall(fold(text))})


def findable(kind: Kind | None, state: State) -> Findable:
    """Return what a record of this kind is found by; the kind is None if no file has it any more."""
    fields = kind.fields if kind else ()
    day = next((day for field in fields for day in _days(field, state)), "")
    place = next((place for field in fields if field.type == "place" for place in _places(field, state)), None)
    slogans = (side for field in fields if field.type == "slogan" for side in _shown(state, field.name))
    slogan = next((side for side in slogans if isinstance(side, str)), "")[:FIELD_NAME_LENGTH]
    return Findable(day, place, slogan, bool(state.photos), _words(fields, state))


def _days(field: Field, state: State) -> Iterator[str]:
    """The days that a date, or the first day of a schedule, says."""
    for side in _shown(state, field.name):
        if field.type == "date" and is_date(side):
            yield str(side)
        if field.type == "schedule" and isinstance(side, dict) and is_date(side.get("from")):
            yield str(side["from"])


def _places(field: Field, state: State) -> Iterator[tuple[int, int]]:
    for side in _shown(state, field.name):
        # An older server kept the values of a field that it did not know unchecked.
        if side is not None and TYPES["place"](field, side) and isinstance(side, dict):
            yield int(side["lat_e6"] or 0), int(side["lon_e6"] or 0)


def _shown(state: State, name: str) -> Iterator[Value]:
    """The values of a field in display order (W-3)."""
    return (write.set[name] for write in state.fields.get(name, ()))


def _words(fields: tuple[Field, ...], state: State) -> tuple[str, ...]:
    texts = [field.name for field in fields if field.type == "text"]
    sides = (side for name in texts for side in _shown(state, name))
    return tuple(sorted({word for side in sides if isinstance(side, str) for word in words(side)}))
