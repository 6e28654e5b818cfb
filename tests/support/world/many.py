"""Many units and people at once, by plain INSERTs: a whole country in a moment."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import insert

from server.core.db import writing
from server.models import Membership, Officer, Unit

if TYPE_CHECKING:
    from support.world.world import World


def add_communes(world: World, district: str, names: list[str], first: int = 0) -> list[str]:
    """Add a commune of each name below the district with that code, numbered from `first`. Returns their ids."""
    rows = [
        {
            "id": f"{district}-{number:012d}",
            "code": f"{district}-{number}",
            "name": f"Xã {name}",
            "short_name": name,
            "level": "commune",
            "parent_id": world.units[district],
            "valid_from": date(2021, 1, 1),
        }
        for number, name in enumerate(names, first)
    ]
    with world.app.app_context(), writing() as session:
        session.execute(insert(Unit), rows)
    return [str(row["id"]) for row in rows]


def add_people(world: World, unit: str, names: list[str], prefix: str = "nguoi") -> list[str]:
    """Add an officer of each name at the unit with that id. Returns the ids. User names: the prefix with a number."""
    people = [
        {
            "id": f"{prefix}-{number:0{15 - len(prefix)}d}",
            "username": f"{prefix}{number}",
            "name": name,
            "created_at": 1,
        }
        for number, name in enumerate(names)
    ]
    roles = [
        {"id": str(row["id"])[::-1], "officer_id": row["id"], "unit_id": unit, "role": "officer", "since": 1}
        for row in people
    ]
    with world.app.app_context(), writing() as session:
        session.execute(insert(Officer), people)
        session.execute(insert(Membership), roles)
    return [str(row["id"]) for row in people]
