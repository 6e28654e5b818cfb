"""A unit's confidential officer enters its totals. They are never altered: later ones take their place."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from server.core.clock import new_id, now_ms
from server.core.problem_details import Problem
from server.models import SealedTotals
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.confidential import feeds, rights, sealed, totals
from server.services.keyholders.vault import Vault
from server.services.units.scope import Scope


def enter(
    session: Session, scope: Scope, vault: Vault, place: tuple[str, str, int], counts: Mapping[str, int], *, nil: bool
) -> SealedTotals:
    """Enter. `place`: (campaign, unit, number of what the page showed, or 0). `counts`: by name.

    Raises Problem as `rights.hold` and `totals.checked` do, and `annex_moved` if somebody was faster.
    """
    campaign_id, unit_id, number = place
    campaign = rights.hold(session, scope, campaign_id, unit_id)
    before = feeds.entered(session, vault, campaign_id, unit_id)
    if (before.number if before else 0) != number:
        raise Problem("annex_moved")
    known = [each.id for each in totals.offered(session, campaign)]
    received, supported = counts.get("received", 0), counts.get("supported", 0)
    made = totals.checked(known, received, supported, counts, nil=nil)
    id_ = new_id()
    text = sealed.seal(vault, sealed.place_of("sealed_totals", id_), made.plain)
    row = SealedTotals(
        id=id_,
        campaign_id=campaign_id,
        unit_id=unit_id,
        number=number + 1,
        officer_id=scope.officer_id,
        at=now_ms(),
        key_id=text.key_id,
        sealed=text.text,
    )
    session.add(row)
    session.flush()
    log.append(session, Act.ANNEX_ENTERED, ("unit", unit_id), new={"campaign": campaign_id})
    return row
