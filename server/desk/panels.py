"""What capabilities show above a unit's figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from server.core.points import Point
from server.desk.page import ShownNotice
from server.models import Campaign
from server.services.units.scope import Scope


@dataclass(frozen=True, slots=True)
class Panel:
    """`read`: what its template shows as `value`, or None for nothing; no row may be held in it."""

    template: str
    read: Callable[[Session, Scope, Campaign, str], Any]


PANELS: Final[Point[Panel]] = Point()
"""Capabilities add panels; `read` gets the unit's id."""


def panels(session: Session, scope: Scope, campaign: Campaign, unit_id: str) -> list[ShownNotice]:
    """Return the panels of a unit in a campaign, each with what was read for it."""
    read = ((each.template, each.read(session, scope, campaign, unit_id)) for _, each in PANELS.named())
    return [ShownNotice(template, value) for template, value in read if value is not None]
