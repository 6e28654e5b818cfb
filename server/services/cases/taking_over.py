"""Totals that were entered by hand before there were cases: until when they count beside these."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core.clock import new_id, now_ms
from server.core.keyring import Keyring
from server.core.problem_details import Problem
from server.models import Campaign, CaseCount
from server.services.cases import case_log, rights, sealing
from server.services.confidential import feeds, totals
from server.services.confidential.totals import VictimTotals

HAND: Final = "hand"
MONTH: Final = "month"
"""Kinds of a sealed count: hand-entered totals that count no more; what is left of reduced cases."""


def dropped(session: Session, ring: Keyring, campaign_id: str, unit_id: str) -> int:
    """Return up to which number the unit's hand-entered totals of a campaign count no more; 0 for none."""
    found = 0
    rows = select(CaseCount).where(CaseCount.unit_tag.in_(sealing.tags(ring, "unit", unit_id)))
    for row in session.scalars(rows):
        said = opened(ring, row)
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


def add_month(
    session: Session, ring: Keyring, unit_id: str, inside: tuple[str, list[str]], total: VictimTotals
) -> None:
    """Add a reduced case to the count of its unit. `inside`: its month and the ids of the campaigns of its day.

    Cases of one month and the same campaigns are one count. `at`: a campaign that was opened later is not named in it.
    """
    month, campaigns = inside
    newest = session.scalar(select(func.max(Campaign.opened_at))) or 0
    for row in session.scalars(select(CaseCount).where(CaseCount.unit_tag.in_(sealing.tags(ring, "unit", unit_id)))):
        try:
            said = opened(ring, row)
        except Problem:
            continue
        if said["kind"] != MONTH or (said["received"], said.get("campaigns")) != inside or said["at"] <= newest:
            continue
        both = totals.summed([totals.from_plain(said["totals"]), total])
        assert both is not None  # noqa: S101  # the sum of two
        seal(ring, row, said | {"totals": both.plain})
        session.flush()
        return
    kept = {"kind": MONTH, "received": month, "campaigns": campaigns, "at": now_ms(), "totals": total.plain}
    add(session, ring, unit_id, kept)


def counts_in(said: Mapping[str, Any], campaign: Campaign) -> bool:
    """True if the people of this count were received in the campaign's days.

    Of a campaign that was opened after they were reduced only their month is known: its last day decides.
    """
    if "campaigns" in said and campaign.opened_at < said["at"]:
        return campaign.id in said["campaigns"]
    return bool(campaign.starts_on <= date.fromisoformat(said["received"]) <= campaign.ends_on)


def add(session: Session, ring: Keyring, unit_id: str, said: Mapping[str, object]) -> None:
    """Store a sealed count of a unit."""
    row = CaseCount(id=new_id(), unit_tag="", key_id="", sealed="")
    seal(ring, row, {"unit": unit_id} | dict(said))
    session.add(row)
    session.flush()


def opened(ring: Keyring, row: CaseCount) -> dict[str, Any]:
    """Return what a count says. Raises Problem `case_unreadable`."""
    found: dict[str, Any] = sealing.opened(ring, _place(row.id), row.key_id, row.sealed)
    return found


def seal(ring: Keyring, row: CaseCount, said: Mapping[str, Any]) -> None:
    """Seal a count with the current key, with the tag of its unit."""
    made = sealing.seal(ring, _place(row.id), dict(said))
    row.unit_tag, row.key_id, row.sealed = sealing.tag(ring, "unit", said["unit"]), made.key_id, made.text


def _place(id_: str) -> str:
    return f"case_count:{id_}:sealed"
