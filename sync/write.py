"""A write: the only thing a client or the desk ever adds (SPEC W-1 to W-9, ID-1 to ID-3).

`read` checks the form without knowing the kinds; `check_values` checks the values against the record's kind.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sync import protocol
from sync.errors import Refused
from sync.registry import KINDS, Kind
from sync.text import is_id
from sync.values import (
    NotAnInteger,
    Value,
    check,
    check_any,
    check_document,
    check_name,
    check_photo,
    check_register,
)

_KIND = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CLOCKS: Final = tuple(
    {f"{name}/" for kind in KINDS.values() for name, register in kind.registers.items() if register.type == "clocks"}
)


@dataclass(frozen=True, slots=True)
class Create:
    """The extra part of a record's first write, which never changes afterwards (SPEC ID-3)."""

    kind: str
    unit: str
    campaign: str


@dataclass(frozen=True, slots=True)
class Write:
    """One write. `at` is milliseconds of the writer's clock, for display order only (SPEC W-3).

    `received`: when the server first received it, according to the client, in ms of the server's clock (SPEC L-13). It
    is not part of the write's content.
    """

    id: str
    at: int
    record: str
    set: Mapping[str, Value]
    seen: tuple[str, ...] = ()
    create: Create | None = None
    received: int | None = None

    @property
    def rank(self) -> tuple[int, str]:
        """Sort key for displaying the sides of a conflict: greatest first."""
        return (self.at, self.id)


def loads(body: str) -> Any:
    """Parse JSON so that an odd number (a fraction, NaN, 5,000 digits) fails only the write that holds it (SPEC X-2).

    Raises ValueError or RecursionError if the whole text is not JSON.
    """
    return json.loads(body, parse_int=_integer, parse_float=NotAnInteger, parse_constant=NotAnInteger)


def _integer(digits: str) -> int | NotAnInteger:
    return int(digits) if len(digits) <= 17 else NotAnInteger(digits)


def read(raw: object) -> Write:
    """Read a write from parsed JSON; its texts become NFC. Raises Refused."""
    if not isinstance(raw, dict):
        raise Refused("bad_write")
    id_, record, at, fields, seen = (raw.get(key) for key in ("id", "record", "at", "set", "seen"))
    if not is_id(id_) or (record is not None and not is_id(record)):
        raise Refused("bad_write", "id")
    if isinstance(at, bool) or not isinstance(at, int) or abs(at) > protocol.INTEGER_MAX:
        raise Refused("bad_write", "at")
    if not isinstance(fields, dict) or not fields:
        raise Refused("bad_write", "set")
    check_room(fields)
    write = Write(
        id=str(id_),
        at=at,
        record=str(record or id_),
        set={check_name(name): check_any(name, value) for name, value in fields.items()},
        seen=_seen([] if seen is None else seen),
        create=_create(raw, str(id_), record),
        received=_received(raw.get("received")),
    )
    if _may_be_large(write) and len(json.dumps(wire(write), ensure_ascii=False).encode()) > protocol.WRITE_BYTES:
        raise Refused("write_too_large")
    return write


def _may_be_large(write: Write) -> bool:
    """False if the write is so small that nobody need count its bytes (W-8), which takes three times as long.

    Of a value, repr writes no part shorter than a quarter of its JSON. An id is 16 characters, a kind 40.
    """
    return 4 * len(repr(write.set)) + 24 * len(write.seen) + 400 > protocol.WRITE_BYTES


def check_room(names: Collection[object]) -> None:
    """W-8: check how many fields there are. Raises Refused `too_many_fields`.

    Times of day are counted apart: a day's count of airings finds room, whether its times were said or not.
    """
    if len(names) <= protocol.RECORD_FIELDS:
        return
    clocks = sum(isinstance(name, str) and name.startswith(_CLOCKS) for name in names)
    if max(clocks, len(names) - clocks) > protocol.RECORD_FIELDS:
        raise Refused("too_many_fields")


def _seen(raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list) or len(raw) > protocol.SEEN_IDS or not all(is_id(item) for item in raw):
        raise Refused("bad_write", "seen")
    return tuple(sorted(set(raw)))


def _received(raw: object) -> int | None:
    """The moment, or None if the value is not one: a bad value must not stop the write (SPEC V-2)."""
    is_moment = isinstance(raw, int) and not isinstance(raw, bool) and 0 < raw <= protocol.INTEGER_MAX
    return int(raw) if isinstance(raw, int) and is_moment else None


def _create(raw: Mapping[str, Any], id_: str, record: object) -> Create | None:
    kind, unit, campaign = raw.get("kind"), raw.get("unit"), raw.get("campaign")
    if record is not None and record != id_:
        if (kind, unit, campaign) != (None, None, None):
            raise Refused("bad_write", "record")
        return None
    if not isinstance(kind, str) or not _KIND.fullmatch(kind) or not is_id(unit) or not is_id(campaign):
        raise Refused("bad_write", "kind")
    return Create(kind=kind, unit=str(unit), campaign=str(campaign))


def check_values(write: Write, kind: Kind) -> None:
    """Check each value against its field's type. Raises Refused naming the field."""
    for name, value in write.set.items():
        check_value(name, value, kind)


def check_value(name: str, value: Value, kind: Kind) -> Value:
    """Return one value checked against its field's type. Raises Refused naming the field."""
    if "/" in name:  # most names have none
        if name.startswith(protocol.PHOTO_PREFIX):
            return check_photo(name, value)
        if name.startswith(protocol.DOCUMENT_PREFIX):
            if not kind.documents:
                raise Refused("bad_write", name)
            return check_document(name, value)
        if (register := kind.register(name)) is not None:
            return check_register(name, value, register.type)
    if name in ("deleted", "submitted"):
        if value is not None and value is not True:
            raise Refused("wrong_type", name)
        return value
    return check(name, value, kind.field(name))


def wire(write: Write) -> dict[str, Any]:
    """The write as it is sent."""
    body: dict[str, Any] = {"id": write.id, "at": write.at, "record": write.record, "set": dict(write.set)}
    if write.seen:
        body["seen"] = list(write.seen)
    if write.create is not None:
        body |= {"kind": write.create.kind, "unit": write.create.unit, "campaign": write.create.campaign}
    return body
