"""The campaign and unit that a page is asked for; by default the newest open one that began, and one's own top unit."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.desk.inputs import Inputs
from server.models import Campaign, Unit
from server.services.campaigns import choices
from server.services.units.scope import Scope


class SentPlace(Inputs):
    """The unit and the campaign of a form or an address."""

    unit: str
    campaign: str


@dataclass(frozen=True, slots=True)
class AskedPlace:
    """`unit`: the id as it was asked for; the officer may not see it, or it may be merged."""

    campaign: Campaign
    unit: str

    def seen(self, session: Session, scope: Scope) -> Unit:
        """Return the unit. Raises Problem `not_found` for one that the officer may not see."""
        found = session.get(Unit, self.unit)
        if found is None or not scope.may_see(found.id):
            raise Problem("not_found")
        return found


def asked_place(
    session: Session, scope: Scope, campaign: str | None = None, unit: str | None = None
) -> AskedPlace | None:
    """Return them; None without a campaign or a unit of one's own. By default they are those of the address."""
    asked = SentPlace.asked()
    found = choices.campaign(session, scope, asked.campaign if campaign is None else campaign)
    tops = choices.units(session, scope.tops())
    if found is None or not tops:
        return None
    return AskedPlace(found, (asked.unit if unit is None else unit) or tops[0].id)
