"""Totals that were entered by hand before there were cases: until when they count beside these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import new_id
from server.core.keyring import Keyring
from server.core.problem_details import Problem
from server.models import CaseCount
from server.services.cases import case_log, rights, sealing
from server.services.confidential import feeds

HAND: Final = "hand"
MONTH: Final = "month"
"""Kinds of a sealed count: hand-entered totals that count no more; what is left of reduced cases."""


def dropped(session: Session, ring: Keyring, campaign_id: str, unit_id: str) -> int:
    """Return up to which number the unit's hand-entered totals of a campaign count no more; 0 for none."""
    found = 0
    rows = select(CaseCount).where(CaseCount.unit_tag.in_(sealing.tags(ring, "unit", unit_id)))
    for row in session.scalars(rows):
        said = sealing.opened(ring, f"case_count:{row.id}:sealed", row.key_id, row.sealed)
        if said["kind"] == HAND and said["campaign"] == campaign_id:
            found = max(found, int(said["number"]))
    return found


def drop(session: Session, ring: Keyring, officer_id: str, campaign_id: str, unit_id: str) -> None:
    """Say that all people entered by hand have cases by now, or were entered by mistake. Raises Problem `not_found`."""
    held = feeds.entered(session, ring, campaign_id, unit_id)
    if unit_id not in rights.units_of(session, officer_id) or held is None:
        raise Problem("not_found")
    add(session, ring, unit_id, {"kind": HAND, "campaign": campaign_id, "number": held.number})
    case_log.append(session, ring, "hand_dropped", officer_id, unit=unit_id, what=campaign_id)


def add(session: Session, ring: Keyring, unit_id: str, said: Mapping[str, object]) -> None:
    """Store a sealed count of a unit."""
    id_ = new_id()
    made = sealing.seal(ring, f"case_count:{id_}:sealed", {"unit": unit_id} | dict(said))
    row = CaseCount(id=id_, unit_tag=sealing.tag(ring, "unit", unit_id), key_id=made.key_id, sealed=made.text)
    session.add(row)
    session.flush()
