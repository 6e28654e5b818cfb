"""The tree of units: imported as data, any depth, each with dates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from server.clock import new_id
from server.models import Unit


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One line of a list of units. `parent_code` empty for the root; parents come before children."""

    code: str
    name: str
    short_name: str
    level: str
    parent_code: str = ""


def import_tree(session: Session, rows: Iterable[UnitRow], valid_from: date) -> dict[str, Unit]:
    """Add a tree; returns the units by code. Raises ValueError for a missing parent or a code that stands twice."""
    made: dict[str, Unit] = {}
    rows = list(rows)
    said = Counter(row.short_name for row in rows)
    for row in rows:
        if row.code in made:
            raise ValueError(f"unit code {row.code} stands twice")
        if row.parent_code and row.parent_code not in made:
            raise ValueError(f"unit {row.code}: no unit {row.parent_code} above it")
        unit = Unit(
            id=new_id(),
            code=row.code,
            name=row.name,
            # "Ân Thi PT-1" must be one record when it is said aloud: a district and its town may share a short name.
            short_name=row.short_name if said[row.short_name] == 1 else row.name,
            level=row.level,
            parent_id=made[row.parent_code].id if row.parent_code else None,
            valid_from=valid_from,
            stations=[],
            hamlets=[],
        )
        session.add(unit)
        session.flush()
        made[row.code] = unit
    return made
