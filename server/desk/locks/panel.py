"""The line above figures that says whether they are locked, and leads on."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy.orm import Session

from server.desk.panels import Panel
from server.models import Campaign
from server.services.reports.snapshot import locking, steps
from server.services.reports.snapshot.freezes import spoken
from server.services.units.scope import Scope

LockLine = dict[str, Any]
"""The state of a unit's figures. `above`: the unit further up that has locked them; empty if none.

`act`: the last step; `person`, `until`: by whose leave and until when they are open again, if it is such a one.
`freeze`: the id of what was frozen last, `spoken`: as people read it. `acts`: what this person may do now.
"""


def _read_lock(session: Session, scope: Scope, campaign: Campaign, unit_id: str) -> LockLine | None:
    found = steps.history(session, unit_id, campaign.id)
    above = steps.locked_above(session, scope, unit_id, campaign.id)
    may = locking.may_unlock(scope, unit_id, campaign) if found.is_locked else False
    may = may or (not found.is_locked and locking.may_lock(session, scope, unit_id, campaign))
    if not (found.last or above or may):
        return None
    step, by = found.last or (None, "")
    freeze = found.freezes[-1] if found.freezes else ""
    return {
        "state": found.state.value,
        "act": step.act if step else "",
        "person": step.person if step else "",
        "until": step.until if step else None,
        "at": step.at if step else 0,
        "by": by,
        "reason": step.reason if step else "",
        "freeze": freeze,
        "spoken": spoken(freeze),
        "above": above.name if above else "",
        "acts": "" if not may or (above and found.is_locked) else "unlock" if found.is_locked else "lock",
        "unit": unit_id,
        "campaign": campaign.id,
    }


LOCK_LINE: Final = Panel("desk/locks/line.html", _read_lock)
