"""Where a photo belongs: the provinces and years of the campaigns whose records name it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import Campaign, PhotoRef, Stream, Unit
from server.services.units.tree import ancestry

PROVINCE: Final = "province"
Place = tuple[str, int]
"""A province's id, and the year in which the campaign begins."""


def of_photos(session: Session, hashes: Collection[str]) -> dict[str, set[Place]]:
    """Return the places of those of these hashes that are original photos, and held."""
    rows = session.execute(
        select(PhotoRef.sha256, Stream.unit_id, Campaign.starts_on)
        .join(Stream, Stream.id == PhotoRef.stream_id)
        .join(Campaign, Campaign.id == Stream.campaign_id)
        .where(PhotoRef.sha256.in_(hashes), PhotoRef.role == "original", PhotoRef.held)
        .distinct()
    )
    found: dict[str, set[Place]] = defaultdict(set)
    provinces: dict[str, str] = {}
    for sha256, unit, begins in rows:
        if unit not in provinces:
            provinces[unit] = _province(session, unit)
        found[sha256].add((provinces[unit], begins.year))
    return dict(found)


def _province(session: Session, unit_id: str) -> str:
    """Return the province above a unit, or what stands highest above it."""
    line = ancestry(session, unit_id)
    levels = {row.id: row.level for row in session.execute(select(Unit.id, Unit.level).where(Unit.id.in_(line)))}
    return next((each for each in line if levels[each] == PROVINCE), line[-1])
