"""The order of a list within a unit: by rank, so conflicts first, then what is amended or waits; the oldest first."""

from __future__ import annotations

from typing import Any, Final

from server.models import Record
from server.services.records.projection import rank_of

ORDER: Final[list[Any]] = [Record.rank, Record.created_at, Record.id]
"""An index has it, so a page is read in order, whatever the length of the list."""


def place(record: Record) -> list[object]:
    """A record's sort key in that order."""
    return [record.rank, record.created_at, record.id]


def place_in(state: str, record: Record) -> list[object]:
    """The sort key that it would have in this state, without a conflict."""
    return [rank_of(state), record.created_at, record.id]
