"""What is counted, from a list and never in words: people received, people supported, and supported by regime.

The regimes are those of the law in force on the campaign's last day, by the versions of its lines (`checklist/`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.models import Campaign
from server.services.checklist import regimes, versions
from server.services.checklist.regimes import Benefit

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
    if not all(0 <= number <= MOST for number in numbers) or any(n > supported for n in made.regimes.values()):
        raise Problem("annex_numbers")
    if made.is_nil != nil:
        raise Problem("annex_nil")
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
