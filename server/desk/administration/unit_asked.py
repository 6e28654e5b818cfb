"""A unit that a form names: by its id from a list of options, by its code, or by a typed name."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.desk.units import LONGEST
from server.models import Unit
from server.services.units import unit_search
from server.services.units.scope import Scope
from sync.text import normal


def named(session: Session, scope: Scope, text: str, roles: Iterable[str]) -> str:
    """Return the id of the one unit with this code or name below those where the officer holds a role; else empty."""
    asked = normal(text)[:LONGEST]
    held = set(roles)
    if not asked:
        return ""
    coded = session.scalars(select(Unit.id).where(Unit.code == asked, Unit.merged_at.is_(None))).all()
    tops = scope.highest(held)
    inside = [id_ for id_ in coded if set(scope.chain(id_)) & set(tops)]
    if len(inside) == 1:
        return inside[0]
    found = unit_search.meant(session, scope, tops, asked, merged=False)
    return found[0].id if len(found) == 1 else ""
