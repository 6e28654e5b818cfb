"""One check per field type (SPEC W-11, W-12, F-9, S-11).

A check returns the value or raises Refused. `check_scalar` gives texts their normal form (W-9) when a write is read; to
the other checks they come in that form. Ranges and required fields are hints for people, never reasons to refuse: a
value that a client stored offline must always be accepted, even if a limit changes later.

>>> check_scalar("note", "  a  ")
'a'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sync.errors import Refused
from sync.protocol import (
    DOCUMENT_NAME_LENGTH,
    DOCUMENT_PREFIX,
    DOCUMENT_TYPE,
    FIELD_NAME_LENGTH,
    INTEGER_MAX,
    PHOTO_BYTES,
    PHOTO_PREFIX,
    TIMES_A_DAY,
)
from sync.text import is_well_formed, normal

if TYPE_CHECKING:
    from sync.registry import Field

Scalar = str | int | bool | None
Value = Scalar | dict[str, Scalar]

_FIELD_NAME: Final = re.compile(r"[a-z][a-z0-9_]*(/[a-z0-9_]+)?")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PHOTO: Final = re.compile(re.escape(PHOTO_PREFIX) + r"[0-9a-f]{16}")
_DOCUMENT: Final = re.compile(re.escape(DOCUMENT_PREFIX) + r"[0-9a-f]{16}")
_HEX64: Final = re.compile(r"[0-9a-f]{64}")
_LONGEST_TEXT: Final = 20_000


@lru_cache(4096)  # the same few names come with each write
def check_name(name: object) -> str:
    """Check a field's name: lower-case words, one optional part after a slash (`photos/0123456789abcdef`)."""
    if not isinstance(name, str) or len(name) > FIELD_NAME_LENGTH or not _FIELD_NAME.fullmatch(name):
        raise Refused(
            "bad_write", str(name)[:FIELD_NAME_LENGTH] if isinstance(name, str) and is_well_formed(name) else None
        )
    return name


def check_scalar(name: str, value: object) -> Scalar:
    """Check a scalar: null, boolean, integer within ±(2^53-1), or text, which is returned in NFC."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if abs(value) > INTEGER_MAX:
            raise Refused("bad_number", name)
        return value
    if isinstance(value, str):
        if not is_well_formed(value):
            raise Refused("bad_text", name)
        text = normal(value)
        if len(text) > _LONGEST_TEXT:
            raise Refused("too_long", name)
        return text
    raise Refused("bad_number" if isinstance(value, NotAnInteger) else "wrong_type", name)


class NotAnInteger:
    """Stands for a JSON number that no field may hold: a fraction, NaN, or thousands of digits."""

    def __init__(self, _text: str) -> None:
        """The digits are dropped: they may be megabytes."""


def check_any(name: str, value: object) -> Value:
    """Check the value of an unknown field: a scalar or a flat object of scalars."""
    if not isinstance(value, dict):
        return check_scalar(name, value)
    if len(value) > 32:
        raise Refused("wrong_type", name)
    return {check_name(key): check_scalar(name, inner) for key, inner in value.items()}


def _text(field: Field, value: Value) -> bool:
    if isinstance(value, str) and len(value) > field.max_length:
        raise Refused("too_long", field.name)
    return isinstance(value, str)


def _integer(_field: Field, value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _boolean(_field: Field, value: Value) -> bool:
    return isinstance(value, bool)


def is_date(value: object) -> bool:
    """True for an ISO day, `2021-07-30`."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _date(_field: Field, value: Value) -> bool:
    return is_date(value)


def _short_text(_field: Field, value: Value) -> bool:
    # A choice of a newer kind, or a slogan from another version of the campaign, is kept and shown as it is.
    return isinstance(value, str) and 0 < len(value) <= FIELD_NAME_LENGTH


def _within(value: object, least: int, most: int = INTEGER_MAX) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _place(_field: Field, value: Value) -> bool:
    if not isinstance(value, dict):
        return False
    lat, lon, accuracy = value.get("lat_e6"), value.get("lon_e6"), value.get("accuracy_m")
    return _within(lat, -90_000_000, 90_000_000) and _within(lon, -180_000_000, 180_000_000) and _within(accuracy, 0)


def _schedule(_field: Field, value: Value) -> bool:
    if not isinstance(value, dict):
        return False
    return is_date(value.get("from")) and is_date(value.get("to")) and _within(value.get("times_a_day"), 0)


def _ticks(_field: Field, value: Value) -> bool:
    # A choice of a newer kind is kept and shown as it is, as in a single choice.
    return isinstance(value, dict) and bool(value) and all(ticked is True for ticked in value.values())


_CLOCKS: Final = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d(?:, (?:[01]\d|2[0-3]):[0-5]\d){0,47}")

TYPES: Final[Mapping[str, Callable[[Field, Value], bool]]] = {
    "text": _text,
    "integer": _integer,
    "boolean": _boolean,
    "date": _date,
    "choice": _short_text,
    "slogan": _short_text,
    "place": _place,
    "schedule": _schedule,
    "ticks": _ticks,
    "file": _short_text,
}


def check(name: str, value: Value, field: Field | None) -> Value:
    """Check the value against its field's type; the value of an unknown field (`field` None) is kept as it is."""
    if value is not None and field is not None and not TYPES[field.type](field, value):
        raise Refused("wrong_type", name)
    return value


def _times(key: str, value: Value) -> bool:
    day = f"{key[:4]}-{key[4:6]}-{key[6:]}"
    return is_date(day) and (value is None or _within(value, 0, TIMES_A_DAY))


def _clocks(key: str, value: Value) -> bool:
    day = f"{key[:4]}-{key[4:6]}-{key[6:]}"
    return is_date(day) and (value is None or (isinstance(value, str) and _CLOCKS.fullmatch(value) is not None))


def _flag(_key: str, value: Value) -> bool:
    return value is None or isinstance(value, bool)


REGISTERS: Final[Mapping[str, Callable[[str, Value], bool]]] = {"times": _times, "clocks": _clocks, "flag": _flag}


def check_register(name: str, value: Value, type_: str) -> Value:
    """Check a field of a register, by day or by figure, such as `aired/20210721` (SPEC F-3)."""
    if not REGISTERS[type_](name.partition("/")[2], value):
        raise Refused("wrong_type", name)
    return value


def check_photo(name: str, value: Value) -> Value:
    """Check a photo register (SPEC S-6, P-1): null, or an object whose hash begins with the register's key."""
    if not _PHOTO.fullmatch(name):
        raise Refused("bad_write", name)
    if value is None:
        return value
    if not isinstance(value, dict):
        raise Refused("wrong_type", name)
    hashes = (value.get("sha256"), value.get("thumb_sha256"))
    if not all(isinstance(hash_, str) and _HEX64.fullmatch(hash_) for hash_ in hashes):
        raise Refused("wrong_type", name)
    if not str(hashes[0]).startswith(name.removeprefix(PHOTO_PREFIX)):
        raise Refused("wrong_type", name)
    if not all(_within(value.get(key), 1) for key in ("size_bytes", "thumb_size_bytes", "width", "height")):
        raise Refused("wrong_type", name)
    return value


def check_document(name: str, value: Value) -> Value:
    """Check a document register (SPEC S-13, P-17): null, or a PDF's name, size, time and hash, which the key begins."""
    if not _DOCUMENT.fullmatch(name):
        raise Refused("bad_write", name)
    if value is None:
        return value
    if not isinstance(value, dict) or value.get("type") != DOCUMENT_TYPE:
        raise Refused("wrong_type", name)
    sha256, called = value.get("sha256"), value.get("name")
    if not isinstance(sha256, str) or not _HEX64.fullmatch(sha256) or not isinstance(called, str) or not called:
        raise Refused("wrong_type", name)
    if len(called) > DOCUMENT_NAME_LENGTH:
        raise Refused("too_long", name)
    of_its_key = sha256.startswith(name.removeprefix(DOCUMENT_PREFIX))
    size = value.get("size_bytes")
    if not of_its_key or not _within(size, 1) or not _within(value.get("added_at"), 1):
        raise Refused("wrong_type", name)
    if isinstance(size, int) and size > PHOTO_BYTES:
        raise Refused("wrong_type", name)
    return value
