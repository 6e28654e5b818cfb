"""What a confidential officer sees of a unit: its own totals, and of each unit right below what it froze last."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import Campaign, Officer, SealedAnnex, Stream, Unit
from server.models.units import by_name
from server.services.confidential import annexes, rights, totals
from server.services.confidential.annexes import LastAnnex
from server.services.confidential.totals import HeldTotals, VictimTotals
from server.services.keyholders.vault import Vault
from server.services.units.scope import Scope
from server.services.units.tree import merged_into


@dataclass(frozen=True, slots=True)
class AnnexView:
    """`own`: the unit's own totals; `gained`: those of units merged into it, None if they cannot be read.

    `below`: by unit, its last annex. `frozen`: its own annexes, unopened, with who froze each, the last first.
    `total`: all that is known. `have` of `need` parts are known.
    """

    unit: Unit
    campaign: Campaign
    own: HeldTotals
    gained: list[tuple[Unit, VictimTotals | None]]
    below: list[tuple[Unit, LastAnnex | None]]
    frozen: list[tuple[SealedAnnex, str]]

    @property
    def own_total(self) -> VictimTotals | None:
        """The unit's own with what it gained by mergers."""
        own = [self.own.totals] if self.own.totals else []
        return totals.summed([*own, *(each for _, each in self.gained if each)])

    @property
    def total(self) -> VictimTotals | None:
        """All that is known of the unit with those below it."""
        own = [self.own_total] if self.own_total else []
        return totals.summed([*own, *(each.total for _, each in self.below if each and each.total)])

    @property
    def need(self) -> int:
        """Number of parts: the units right below and, if it takes part alone or has totals, the unit itself."""
        has_own = self.own.totals is not None or self.own.is_unreadable or bool(self.gained)
        return len(self.below) + (not self.below or has_own)

    @property
    def have(self) -> int:
        """Number of parts that are known. What merged units reported is not yet a report of their successor."""
        own = self.own.totals is not None and all(each is not None for _, each in self.gained)
        return sum(each is not None and each.total is not None for _, each in self.below) + own


def view(session: Session, scope: Scope, vault: Vault, campaign_id: str, unit_id: str) -> AnnexView:
    """Return what the officer may see of a unit; else Problem `not_found`."""
    campaign = rights.look(session, scope, campaign_id, unit_id)
    return read(session, vault, campaign, session.get_one(Unit, unit_id))


def read(session: Session, vault: Vault, campaign: Campaign, unit: Unit) -> AnnexView:
    """Return a unit's state. The caller has checked who asks."""
    gained: list[tuple[Unit, VictimTotals | None]] = []
    whole = merged_into(session, [unit.id])
    for id_ in whole:
        held = None if id_ == unit.id else totals.in_force(session, vault, campaign, id_)
        if held is not None and (held.totals is not None or held.is_unreadable):
            gained.append((session.get_one(Unit, id_), held.totals))
    children = select(Unit).join(Stream, Stream.unit_id == Unit.id)
    # Units below a merged one keep it as their parent.
    here = Unit.parent_id.in_(whole), Unit.merged_at.is_(None), Stream.campaign_id == campaign.id
    below = sorted(session.scalars(children.where(*here)), key=lambda each: (by_name(each.short_name), each.id))
    last = annexes.last(session, vault, campaign.id, [each.id for each in below])
    rows = session.execute(
        select(SealedAnnex, Officer.name)
        .join(Officer, Officer.id == SealedAnnex.officer_id)
        .where(SealedAnnex.campaign_id == campaign.id, SealedAnnex.unit_id == unit.id)
        .order_by(SealedAnnex.number.desc())
    )
    return AnnexView(
        unit,
        campaign,
        totals.in_force(session, vault, campaign, unit.id),
        gained,
        [(each, last.get(each.id)) for each in below],
        [(row, name) for row, name in rows],
    )
