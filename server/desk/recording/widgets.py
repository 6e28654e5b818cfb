"""One pair of functions per field type: from a value to its inputs' texts, and back.

Days are text inputs, because a browser's date field uses the browser's language: 07/30 in half the offices. Reading is
lenient (30/7/2021 is a day, 1.234 a number by SPEC F-18). A text that cannot be read is refused with the same codes as
a phone's write, and stays in the form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from server.core.clock import today
from server.desk.formats import day
from sync.amount import Amount, Unread, read
from sync.day import read_day
from sync.errors import Refused
from sync.registry import Field
from sync.text import normal
from sync.values import Scalar, Value

Texts = dict[str, str]
"""The texts of a field's inputs by part; a field with one input has the part ''."""
SCHEDULE = ("from", "to", "times_a_day")
PLACE = ("lat_e6", "lon_e6", "accuracy_m")
TICKED = "yes"
OLD = "old"
"""An answer that stays as it is: a yes that nobody gave (SPEC F-25)."""
PARTS: Final[Mapping[str, tuple[str, ...]]] = {"schedule": SCHEDULE, "place": PLACE}


def parts(field: Field) -> tuple[str, ...]:
    """Return the names of a field's inputs: ticks have a box for each choice."""
    if field.type == "ticks":
        return tuple(str(choice["value"]) for choice in field.choices)
    return PARTS.get(field.type, ("",))


def to_texts(field: Field, value: Value) -> Texts:
    """Return the texts of the inputs."""
    if value is None:
        return dict.fromkeys(parts(field), "")
    if field.type == "date":
        return {"": day(str(value))}
    inner: Mapping[str, Any] = value if isinstance(value, dict) else {}
    if field.type == "ticks":
        return {part: TICKED if part in inner else "" for part in parts(field)}
    if field.type not in PARTS:
        return {"": _plain(value, field.scale)}
    if field.type == "place":
        texts = {part: f"{inner[part] / 1e6:.6f}" for part in PLACE[:2]}
        return texts | {"accuracy_m": str(inner["accuracy_m"])}
    return {part: day(str(inner.get(part, ""))) for part in SCHEDULE}


def _plain(value: Value, scale: int) -> str:
    if isinstance(value, bool):
        return ("no", "yes")[value]
    return Amount(value, scale).text(",") if isinstance(value, int) else str(value)


def from_texts(field: Field, texts: Texts, original: Value) -> Value:
    """Return the value of the texts; None if nothing was typed. Raises Refused naming the field."""
    typed = {part: normal(text.replace("\r\n", "\n")) for part, text in texts.items()}
    if field.type == "ticks":
        return _ticks(field, typed, original)
    if not any(typed.values()):
        return None
    if field.type == "integer":  # what was drawn and left as it was is no typing of a number
        return original if typed == to_texts(field, original) else _number(field.name, typed[""], field.scale)
    if field.said_by and typed[""] == OLD:
        return original
    value = _READERS.get(field.type, _text)(field.name, typed)
    if isinstance(value, dict) and isinstance(original, dict) and value.items() <= original.items():
        return original  # same place and schedule: keep what else the phone noted with them
    return value


def _ticks(field: Field, typed: Texts, original: Value) -> Value:
    """Return the ticked choices, and those of a newer kind, which have no box here."""
    kept = set(original) - set(parts(field)) if isinstance(original, dict) else set()
    return dict.fromkeys(sorted(kept | {part for part, text in typed.items() if text}), True) or None


def _text(_name: str, typed: Texts) -> Value:
    return typed[""]


def _number(name: str, text: str, scale: int = 0) -> int:
    """Return the digits of a typed number (SPEC F-18). Raises Refused `bad_number`."""
    try:
        found = read(text, scale)
    except Unread as unread:
        raise Refused("bad_number", name) from unread
    if found is None:
        raise Refused("bad_number", name)
    return found


def _boolean(_name: str, typed: Texts) -> Value:
    return typed[""] == "yes"


def _date(name: str, typed: Texts) -> Value:
    return _day(name, typed[""])


def _day(name: str, text: str) -> str:
    if not (read := read_day(text, today().year)):
        raise Refused("wrong_type", name)
    return read


def _schedule(name: str, typed: Texts) -> Value:
    first, last, times = (typed.get(part, "") for part in SCHEDULE)
    return {"from": _day(name, first), "to": _day(name, last), "times_a_day": _number(name, times)}


def _place(name: str, typed: Texts) -> Value:
    lat, lon, accuracy = (typed.get(part, "") for part in PLACE)
    found: dict[str, Scalar] = {"lat_e6": _degrees(name, lat, 90), "lon_e6": _degrees(name, lon, 180)}
    return found | {"accuracy_m": _number(name, accuracy)}


def _degrees(name: str, text: str, most: int) -> int:
    if not re.fullmatch(r"-?\d{1,3}([.,]\d{1,12})?", text):
        raise Refused("bad_number", name)
    degrees = float(text.replace(",", "."))
    if abs(degrees) > most:
        raise Refused("bad_number", name)
    return round(degrees * 1_000_000)


_READERS: Final[Mapping[str, Callable[[str, Texts], Value]]] = {
    "boolean": _boolean,
    "date": _date,
    "schedule": _schedule,
    "place": _place,
}
