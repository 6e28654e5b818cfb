"""A record that a batch opens, until it is stored: the columns of `Record` without an object of the ORM.

Most records of a push are new, and are changed in memory some thirty times before their one INSERT. The ORM notes each
change of its objects, which took a tenth of a push.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from server.models import Record

_COLUMNS = tuple(Record.__table__.columns.keys())


@dataclass(slots=True)
class NewRecord:
    """The values of a row of `record`; each column is described there."""

    id: str
    stream_id: str
    kind: str
    number: int
    created_at: int
    first_position: int
    changed_at: int = 0
    received_at: int = 0
    last_position: int = 0
    writes: int = 0
    early: int = 0
    survivors: dict[str, Any] = field(default_factory=dict)
    state: str = ""
    conflicted: bool = False
    hidden: bool = False
    rank: int = 0
    bucket: str | None = None
    hint: str | None = None
    lacks: int = 0
    checked: bool = False
    readiness: str | None = None
    amounts: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, Any] | None = None
    decision_id: str | None = None

    def columns(self) -> dict[str, Any]:
        """The row to insert."""
        return {name: getattr(self, name) for name in _COLUMNS}


AnyRecord = Record | NewRecord
