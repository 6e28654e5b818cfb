"""What is set beside a field: a file's title, its answer to a yes or no, who answered (SPEC F-2, F-25).

Client and server run the same vectors (sync/vectors/answers.json).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sync.registry import Field, Kind
from sync.values import Value

PERSON: Final = "person"
FILE: Final = "file"
OLD: Final = "old"


@dataclass(frozen=True, slots=True)
class Giving:
    """What a file of a campaign gives to the records that use it."""

    title: str
    hotline: bool | None = None


def follows(kind: Kind, field: Field, value: Value, now: Mapping[str, Value], file: Giving | None) -> dict[str, Value]:
    """Return what else is set where a person gives a field this value. `now`: the values before."""
    if field.said_by:
        return {field.said_by: None if value is None else PERSON}
    found: dict[str, Value] = {field.fills: file.title} if field.fills and file and file.title else {}
    asked = kind.field(field.answers or "")
    if asked is None or asked.said_by is None or now.get(asked.said_by) == PERSON:
        return found
    if file and file.hotline is not None:
        return found | {asked.name: file.hotline, asked.said_by: FILE}
    return found | ({asked.name: None, asked.said_by: None} if now.get(asked.said_by) == FILE else {})


def answered_by(field: Field, values: Mapping[str, Value]) -> str:
    """Return FILE, or OLD for a yes that nobody gave: an app of 3 or below began with it. Else empty."""
    value, by = values.get(field.name), values.get(field.said_by or "")
    if field.said_by is None or value is None:
        return ""
    if by == FILE:
        return FILE
    return OLD if value is True and by is None else ""
