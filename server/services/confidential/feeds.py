"""The totals of a unit that hold: what a capability with cases knows, else what was entered by hand, never both.

    FEEDS.add("cases", feed)

A feed that has totals of a unit takes the place of those that were entered: these stay on record and count no more.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.points import Point
from server.models import Campaign, Officer, SealedTotals
from server.services.confidential import sealed, totals
from server.services.confidential.totals import VictimTotals
from server.services.keyholders.vault import Vault

Feed = Callable[[Session, Vault, Campaign, str], VictimTotals | None]
"""Totals of a unit's own in a campaign; None while the feed has nothing to say of it."""
FEEDS: Final[Point[Feed]] = Point()
BY_HAND: Final = "hand"


@dataclass(frozen=True, slots=True)
class EnteredTotals:
    """What was entered last, by whom and when. `number`: which one it is. `totals`: None if they cannot be read."""

    totals: VictimTotals | None
    number: int
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class HeldTotals:
    """The totals that hold, None if nobody has any. `source`: `hand`, or the name of the feed. `entered`: by hand."""

    totals: VictimTotals | None
    source: str
    entered: EnteredTotals | None

    @property
    def is_unreadable(self) -> bool:
        """There are totals, and they cannot be opened."""
        return self.totals is None and self.entered is not None


def entered(session: Session, vault: Vault, campaign_id: str, unit_id: str) -> EnteredTotals | None:
    """Return what was entered last for the unit."""
    query = select(SealedTotals, Officer.name).join(Officer, Officer.id == SealedTotals.officer_id)
    theirs = query.where(SealedTotals.campaign_id == campaign_id, SealedTotals.unit_id == unit_id)
    row = session.execute(theirs.order_by(SealedTotals.number.desc()).limit(1)).first()
    if row is None:
        return None
    found = None
    with suppress(sealed.Unreadable):  # it is shown as such, and later totals may take its place
        data = sealed.opened(vault, sealed.place_of("sealed_totals", row[0].id), row[0].key_id, row[0].sealed)
        found = totals.from_plain(data)
    return EnteredTotals(found, row[0].number, row[1], row[0].at)


def in_force(session: Session, vault: Vault, campaign: Campaign, unit_id: str) -> HeldTotals:
    """Return the unit's own totals that hold."""
    typed = entered(session, vault, campaign.id, unit_id)
    for name, feed in FEEDS.named():
        found = feed(session, vault, campaign, unit_id)
        if found is not None:
            return HeldTotals(found, name, typed)
    return HeldTotals(typed.totals if typed else None, BY_HAND, typed)
