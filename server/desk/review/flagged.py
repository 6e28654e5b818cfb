"""The line that says how many records were approved before something was found on them: where figures are given away.

It stands above figures and report, and where a unit sends its figures, a level locks them, and a report is presented.
"""

from __future__ import annotations

from typing import Any, Final

from flask import url_for
from sqlalchemy.orm import Session

from server.desk.panels import Panel
from server.models import Campaign
from server.services.review import queue
from server.services.review.queue import FLAGGED, QueueFilter
from server.services.units.scope import Scope

FlaggedLine = dict[str, Any]
"""How many records of a unit and those below it, and the address of their list."""


def read(session: Session, scope: Scope, campaign: Campaign, unit_id: str) -> FlaggedLine | None:
    """Read the line; None if there are none, or if this person does not see the unit."""
    if not scope.may_see(unit_id):
        return None
    count = queue.count(session, scope, campaign, QueueFilter(campaign=campaign.id, state=FLAGGED, unit=unit_id))
    address = url_for("queue.show", campaign=campaign.id, unit=unit_id, state=FLAGGED)
    return {"count": count, "address": address} if count else None


FLAGGED_LINE: Final = Panel("desk/review/flagged.html", read)
