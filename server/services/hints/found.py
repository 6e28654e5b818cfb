"""A hint as a rule gives it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

OTHERS: Final = 20
"""Most records that a hint names."""


@dataclass(frozen=True, slots=True)
class FoundHint:
    """A hint. `hits`: how many records, photos or values it is about. `detail`: ids, numbers and names of fields."""

    record_id: str
    rule: str
    hits: int
    detail: Mapping[str, Any] = field(default_factory=dict)


def others(ids: Iterable[str]) -> dict[str, Any]:
    """Return the part of a detail that names other records, in a fixed order."""
    return {"others": sorted(set(ids))[:OTHERS]}
