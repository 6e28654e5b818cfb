"""Points where others give a report what this package does not know.

EARLIER.add("same_period", amounts)     # server/capabilities/…: (session, campaign, unit) -> {figure: amount}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy.orm import Session

from server.core.points import Point
from server.models import Campaign

Amounts = Callable[[Session, Campaign, str], Mapping[str, int]]
"""(session, campaign, unit id) -> by figure, an amount of the unit and all below it; figures may be missing."""
EARLIER: Final[Point[Amounts]] = Point()
"""The previous period (cùng kỳ)."""


def earlier(session: Session, campaign: Campaign, unit_id: str) -> dict[str, int]:
    """Return the amounts of the previous period; empty if nobody gives them."""
    return _told(EARLIER, session, campaign, unit_id)


def _told(point: Point[Amounts], session: Session, campaign: Campaign, unit_id: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for _, amounts in point.named():
        found |= amounts(session, campaign, unit_id)
    return found
