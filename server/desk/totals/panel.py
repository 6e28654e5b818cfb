"""The line above figures and report that leads to totals without evidence and to silent units."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy.orm import Session

from server.desk.panels import Panel
from server.models import Campaign
from server.services.totals import places
from server.services.units.scope import Scope

TotalsLine = dict[str, Any]
"""Where to: the unit's own totals, and those below. `awaits`: how many the unit has to confirm."""


def _read(session: Session, scope: Scope, campaign: Campaign, unit_id: str) -> TotalsLine | None:
    found = places.here(session, unit_id, campaign.id)
    writes = campaign.status != "archived" and scope.may_write(unit_id)
    if not (found.said or writes or found.has_below):
        return None
    awaits = found.awaits if scope.is_member(unit_id) else 0
    return {"unit": unit_id, "campaign": campaign.id, "awaits": awaits, "writes": writes, "has_below": found.has_below}


TOTALS_LINE: Final = Panel("desk/totals/line.html", _read)
