"""Numbers of cases: the exact totals of a unit in a campaign for the confidential annex, and what is due, as counts.

A case counts in the unit that received it, whoever has it now; of two cases of one person the earlier one, with the
benefits of both. Who was found to be no victim counts no more; who is still being identified counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import Campaign, CaseCount
from server.services.cases import finding, remaining, store, taking_over
from server.services.cases.remaining import MONTH
from server.services.cases.showing import DUE, OVERDUE
from server.services.cases.taking_over import dropped
from server.services.confidential import feeds, totals
from server.services.confidential.totals import VictimTotals
from server.services.keyholders.vault import Vault
from server.services.units.tree import merged_into, subtree


@dataclass(frozen=True, slots=True)
class DueCount:
    """Counts of the cases below a unit: no more than these is shown to a level above."""

    open: int
    due: int
    overdue: int
    unread: int


def feed(session: Session, vault: Vault, campaign: Campaign, unit_id: str) -> VictimTotals | None:
    """Return a unit's totals for the annex: the higher of its cases and of what was entered by hand, never both.

    So people who were helped on paper before stay counted until they have a case. None while the unit has no case.
    """
    if campaign.practice:
        return None
    counted = of_campaign(session, vault, [unit_id], campaign)
    if counted.is_nil:
        return None
    by_hand = feeds.entered(session, vault, campaign.id, unit_id)
    if by_hand is None or by_hand.totals is None:
        return counted
    if by_hand.number <= dropped(session, vault, campaign.id, unit_id):
        return counted
    return higher(counted, by_hand.totals)


def higher(first: VictimTotals, second: VictimTotals) -> VictimTotals:
    """Return the higher of each number."""
    ids = dict.fromkeys((*first.regimes, *second.regimes))
    return VictimTotals(
        max(first.received, second.received),
        max(first.supported, second.supported),
        {id_: max(first.regimes.get(id_, 0), second.regimes.get(id_, 0)) for id_ in ids},
    )


def of_campaign(session: Session, vault: Vault, unit_ids: Iterable[str], campaign: Campaign) -> VictimTotals:
    """Return the exact totals of cases that these very units received in a campaign's days, reduced ones too."""
    units = set(unit_ids)
    held, _ = store.of_units(session, vault, units)
    mine = [each for each in held if each.data.received_by in units and not each.data.counts_as]
    span = [each for each in mine if campaign.starts_on <= each.data.received_on <= campaign.ends_on]
    partners = store.partners(session, vault, span)
    parts = [remaining.totals_of(each.data, partners) for each in span]
    parts += _reduced(session, vault, units, campaign)
    return totals.summed(parts) or VictimTotals(0, 0, {})


def _reduced(session: Session, vault: Vault, units: set[str], campaign: Campaign) -> list[VictimTotals]:
    """Totals of reduced cases."""
    found = []
    rows = select(CaseCount).where(CaseCount.unit_tag.in_(vault.tags("unit", *units)))
    for row in session.scalars(rows):
        said = taking_over.opened(vault, row)
        if said["kind"] == MONTH and taking_over.counts_in(said, campaign):
            found.append(totals.from_plain(said["totals"]))
    return found


def due_below(session: Session, vault: Vault, tops: Iterable[str]) -> DueCount:
    """Return the counts of these units and all below them."""
    units = set(subtree(session, tops))
    held, unread = store.of_units(session, vault, units)
    here = [each for each in held if each.data.unit in units and each.data.is_open]
    ground = finding.ground(session)
    views = [finding.view(session, each, ground) for each in here]
    return DueCount(
        len(here),
        sum(view.count(DUE) > 0 for view in views),
        sum(view.count(OVERDUE) > 0 for view in views),
        unread,
    )


def below(session: Session, tops: Iterable[str]) -> list[str]:
    """Return these units with all below them, merged ones too."""
    return subtree(session, merged_into(session, tops))
