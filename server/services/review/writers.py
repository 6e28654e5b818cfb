"""People whose records a list can be narrowed to."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import Membership, Officer

MOST_UNITS: Final = 50
MOST: Final = 200


def writers(session: Session, unit_ids: Collection[str]) -> list[Officer] | None:
    """Return who has or had a role at these units, by name; None if they are too many to choose from."""
    if len(unit_ids) > MOST_UNITS:
        return None
    there = select(Membership.officer_id).where(Membership.unit_id.in_(unit_ids))
    query = select(Officer).where(Officer.id.in_(there)).order_by(Officer.sort_key, Officer.id).limit(MOST + 1)
    found = list(session.scalars(query))
    return found if len(found) <= MOST else None
