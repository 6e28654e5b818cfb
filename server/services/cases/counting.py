"""Numbers of cases: the exact totals of a unit in a campaign for the confidential annex, and what is due, as counts.

A case counts in the unit that received it, whoever has it now; of two cases of one person the earlier one, with the
benefits of both. Who was found to be no victim counts no more; who is still being identified counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import Campaign, CaseCount
from server.services.cases import finding, remaining, store, taking_over
from server.services.cases.remaining import MONTH
from server.services.cases.showing import DUE, OVERDUE
from server.services.cases.taking_over import dropped
from server.services.confidential import totals
from server.services.confidential.totals import VictimTotals
from server.services.keyholders.vault import Vault
from server.services.units.tree import merged_into, subtree


class HalfYear(NamedTuple):
    """January to June, or July to December: the only spans of which anything is published."""

    first: date
    last: date

    @classmethod
    def of(cls, day: date) -> HalfYear:
        """Return the half-year of a day."""
        if day.month <= 6:
            return cls(date(day.year, 1, 1), date(day.year, 6, 30))
        return cls(date(day.year, 7, 1), date(day.year, 12, 31))


@dataclass(frozen=True, slots=True)
class DueCount:
    """`open`: cases of a unit and below. `due`, `overdue`: those of them with such a task of this very unit."""

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
    by_hand = totals.entered(session, vault, campaign.id, unit_id)
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
    days = campaign.starts_on, campaign.ends_on
    return _of(session, vault, set(unit_ids), days, lambda said: taking_over.counts_in(said, campaign))


def of_half_year(session: Session, vault: Vault, unit_ids: Iterable[str], half: HalfYear) -> VictimTotals:
    """Return the exact totals of cases that these very units received in a half-year; of reduced ones by month."""
    return _of(
        session,
        vault,
        set(unit_ids),
        half,
        lambda said: half.first <= date.fromisoformat(said["received"]) <= half.last,
    )


def _of(
    session: Session,
    vault: Vault,
    units: set[str],
    days: tuple[date, date],
    counts: Callable[[Mapping[str, Any]], bool],
) -> VictimTotals:
    """`counts`: says of a reduced count whether it is of these days."""
    held, _ = store.of_units(session, vault, units)
    mine = [each for each in held if each.data.received_by in units and not each.data.counts_as]
    span = [each for each in mine if days[0] <= each.data.received_on <= days[1]]
    partners = store.partners(session, vault, span)
    parts = [remaining.totals_of(each.data, partners) for each in span]
    parts += _reduced(session, vault, units, counts)
    return totals.summed(parts) or VictimTotals(0, 0, {})


def _reduced(
    session: Session, vault: Vault, units: set[str], counts: Callable[[Mapping[str, Any]], bool]
) -> list[VictimTotals]:
    """Totals of reduced cases."""
    found = []
    rows = select(CaseCount).where(CaseCount.unit_tag.in_(vault.tags("unit", *units)))
    for row in session.scalars(rows):
        said = taking_over.opened(vault, row)
        if said["kind"] == MONTH and counts(said):
            found.append(totals.from_plain(said["totals"]))
    return found


def due_below(session: Session, vault: Vault, tops: Iterable[str]) -> DueCount:
    """Return the counts of these units and all below them."""
    own = set(merged_into(session, tops))
    units = set(subtree(session, own))
    held, unread = store.of_units(session, vault, units)
    here = [each for each in held if each.data.unit in units and each.data.is_open]
    ground = finding.ground(session)
    who = finding.Responsible(session, {unit for each in here for unit in (each.data.unit, each.data.received_by)})
    looks = [{line.look for line in who.of(finding.view(session, each, ground), own)} for each in here]
    return DueCount(len(here), sum(DUE in each for each in looks), sum(OVERDUE in each for each in looks), unread)


def below(session: Session, tops: Iterable[str]) -> list[str]:
    """Return these units with all below them, merged ones too."""
    return subtree(session, merged_into(session, tops))
