"""The units of which an officer may state totals: a unit, and those below it that stand and take part."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import Stream, Unit
from server.services.units.scope import Scope
from server.services.units.tree import subtree
from sync.text import sort_key


def writable(session: Session, scope: Scope, campaign_id: str, unit_id: str) -> list[Unit]:
    """Return them in Vietnamese order."""
    below = subtree(session, [unit_id])
    taking_part = select(Stream.unit_id).where(Stream.campaign_id == campaign_id, Stream.unit_id.in_(below))
    found = session.scalars(select(Unit).where(Unit.id.in_(taking_part), Unit.merged_at.is_(None)))
    return sorted((each for each in found if scope.may_write(each.id)), key=lambda each: sort_key(each.short_name))


def has_below(session: Session, unit_id: str) -> bool:
    """True if a unit that stands is right below this one."""
    found = select(Unit.id).where(Unit.parent_id == unit_id, Unit.merged_at.is_(None)).limit(1)
    return session.scalars(found).first() is not None
