"""What is counted, from a list and never in words: people received, people supported, and supported by regime.

The regimes are those of the law in force on the campaign's last day, by the versions of its lines (`checklist/`).

The totals of a unit that hold: what a capability with cases knows, else what was entered by hand, never both.

    FEEDS.add("cases", feed)

A feed that has totals of a unit takes the place of those that were entered: these stay on record and count no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.points import Point
from server.core.problem_details import refuse_if
from server.models import Campaign, Officer, SealedTotals
from server.services.checklist import regimes, versions
from server.services.checklist.regimes import Benefit
from server.services.confidential import sealed
from server.services.keyholders.vault import Vault

MOST: Final = 100_000


@dataclass(frozen=True, slots=True)
class VictimTotals:
    """Numbers of people. `regimes`: number of people supported, by id of the regime. All zero: nothing to report."""

    received: int
    supported: int
    regimes: Mapping[str, int]

    @property
    def is_nil(self) -> bool:
        """Nobody was received, and nobody supported."""
        return not (self.received or self.supported)

    @property
    def plain(self) -> dict[str, Any]:
        """Return it as data for JSON."""
        return {"received": self.received, "supported": self.supported, "regimes": dict(self.regimes)}


def from_plain(data: Mapping[str, Any]) -> VictimTotals:
    """Return the totals that `plain` made this of."""
    return VictimTotals(int(data["received"]), int(data["supported"]), {k: int(v) for k, v in data["regimes"].items()})


def offered(session: Session, campaign: Campaign) -> list[Benefit]:
    """Return the regimes to count by."""
    return regimes.benefits_on(campaign.ends_on, versions.in_force(session))


def checked(
    known: Iterable[str], received: int, supported: int, by_regime: Mapping[str, int], *, nil: bool
) -> VictimTotals:
    """Return typed totals. `known`: ids of the regimes to count by.

    Raises Problem `annex_numbers` for what cannot be, `annex_nil` where nil is not said.

    Nobody has a regime without being supported, so none has more people than were supported.
    """
    made = VictimTotals(received, supported, {id_: by_regime[id_] for id_ in known if by_regime.get(id_)})
    numbers = (received, supported, *made.regimes.values())
    refuse_if(
        not all(0 <= number <= MOST for number in numbers) or any(n > supported for n in made.regimes.values()),
        "annex_numbers",
    )
    refuse_if(made.is_nil != nil, "annex_nil")
    return made


def summed(parts: Iterable[VictimTotals]) -> VictimTotals | None:
    """Return the sum; None if there are no parts."""
    every = list(parts)
    if not every:
        return None
    ids = dict.fromkeys(id_ for each in every for id_ in each.regimes)
    return VictimTotals(
        sum(each.received for each in every),
        sum(each.supported for each in every),
        {id_: sum(each.regimes.get(id_, 0) for each in every) for id_ in ids},
    )


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
        found = from_plain(data)
    return EnteredTotals(found, row[0].number, row[1], row[0].at)


def in_force(session: Session, vault: Vault, campaign: Campaign, unit_id: str) -> HeldTotals:
    """Return the unit's own totals that hold."""
    typed = entered(session, vault, campaign.id, unit_id)
    for name, feed in FEEDS.named():
        found = feed(session, vault, campaign, unit_id)
        if found is not None:
            return HeldTotals(found, name, typed)
    return HeldTotals(typed.totals if typed else None, BY_HAND, typed)
