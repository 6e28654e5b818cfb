"""Totals that were entered by hand before there were cases: until when they count beside these."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import new_id
from server.core.db import add_now
from server.core.problem_details import Problem
from server.models import Campaign, CaseCount
from server.services.cases import case_log, rights, sealing
from server.services.cases.remaining import MONTH, NOTHING, count_place
from server.services.confidential import totals
from server.services.keyholders.vault import Vault

HAND: Final = "hand"
"""The kind of a count that says which hand-entered totals count no more. The others are what remains of cases."""


def dropped(session: Session, vault: Vault, campaign_id: str, unit_id: str) -> int:
    """Return up to which number the unit's hand-entered totals of a campaign count no more; 0 for none."""
    found = 0
    rows = select(CaseCount).where(CaseCount.unit_tag.in_(vault.tags("unit", unit_id)))
    for row in session.scalars(rows):
        said = opened(vault, row)
        if said["kind"] == HAND and said["campaign"] == campaign_id:
            found = max(found, int(said["number"]))
    return found


def drop(session: Session, vault: Vault, officer_id: str, campaign_id: str, unit_id: str) -> None:
    """Say that all people entered by hand have cases by now, or were entered by mistake. Raises Problem `not_found`."""
    held = totals.entered(session, vault, campaign_id, unit_id)
    if unit_id not in rights.units_of(session, officer_id) or held is None:
        raise Problem("not_found")
    add(session, vault, unit_id, {"kind": HAND, "campaign": campaign_id, "number": held.number})
    case_log.append(session, vault, "hand_dropped", officer_id, unit=unit_id, what=campaign_id)


def merge_months(session: Session, vault: Vault) -> None:
    """Make one count of those of one unit, month and campaigns, so that none tells what one person got.

    Who is in does it: what a reduction put in place is of one person each. `at`: two counts are one only if the same
    campaigns were opened before both, because these are named in them.
    """
    opened_at = sorted(session.scalars(select(Campaign.opened_at)))
    kept: dict[tuple[Any, ...], tuple[CaseCount, dict[str, Any]]] = {}
    for row in session.scalars(select(CaseCount).order_by(CaseCount.id).with_for_update()).all():
        try:
            said = opened(vault, row)
        except Problem:
            continue
        if said["kind"] == NOTHING:
            session.delete(row)
        if said["kind"] != MONTH:
            continue
        inside = tuple(said.get("campaigns", ("?",)))
        place = said["unit"], said["received"], inside, bisect_left(opened_at, said.get("at", 0))
        if place not in kept:
            kept[place] = row, said
            continue
        first, before = kept[place]
        both = totals.summed([totals.from_plain(each["totals"]) for each in (before, said)])
        assert both is not None  # noqa: S101  # the sum of two
        before["totals"] = both.plain
        seal(vault, first, before)
        session.delete(row)
    session.flush()


def counts_in(said: Mapping[str, Any], campaign: Campaign) -> bool:
    """True if the people of this count were received in the campaign's days.

    Of a campaign that was opened after they were reduced only their month is known: its last day decides.
    """
    if "campaigns" in said and campaign.opened_at < said["at"]:
        return campaign.id in said["campaigns"]
    return bool(campaign.starts_on <= date.fromisoformat(said["received"]) <= campaign.ends_on)


def add(session: Session, vault: Vault, unit_id: str, said: Mapping[str, object]) -> None:
    """Store a sealed count of a unit."""
    row = CaseCount(id=new_id(), unit_tag="", key_id="", sealed="")
    seal(vault, row, {"unit": unit_id} | dict(said))
    add_now(session, row)


def opened(vault: Vault, row: CaseCount) -> dict[str, Any]:
    """Return what a count says. Raises Problem `case_unreadable`."""
    found: dict[str, Any] = sealing.opened(vault, count_place(row.id), row.key_id, row.sealed)
    return found


def seal(vault: Vault, row: CaseCount, said: Mapping[str, Any]) -> None:
    """Seal a count with the current key, with the tag of its unit."""
    made = sealing.seal(vault, count_place(row.id), dict(said))
    row.unit_tag, row.key_id, row.sealed = vault.tag("unit", said["unit"]), made.key_id, made.text
