"""Freeze an annex: what is known now of a unit, whole, for the level above and for its own document.

A unit's confidential officer enters its totals. They are never altered: later ones take their place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core.canonical import canonical, digest
from server.core.clock import local, new_id, now_ms
from server.core.db import add_now
from server.core.problem_details import refuse_if
from server.models import Officer, SealedAnnex, SealedTotals, Unit
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.confidential import rights, sealed, totals, viewing
from server.services.confidential.annexes import FORMAT
from server.services.confidential.viewing import AnnexView
from server.services.installation import sample
from server.services.keyholders.vault import Vault
from server.services.reports import letterheads
from server.services.reports.snapshot.freezes import short_id
from server.services.units.scope import Scope


def enter(
    session: Session, scope: Scope, vault: Vault, place: tuple[str, str, int], counts: Mapping[str, int], *, nil: bool
) -> SealedTotals:
    """Enter. `place`: (campaign, unit, number of what the page showed, or 0). `counts`: by name.

    Raises Problem as `rights.hold` and `totals.checked` do, and `annex_moved` if somebody was faster.
    """
    campaign_id, unit_id, number = place
    campaign = rights.hold(session, scope, campaign_id, unit_id)
    before = totals.entered(session, vault, campaign_id, unit_id)
    refuse_if((before.number if before else 0) != number, "annex_moved")
    known = [each.id for each in totals.offered(session, campaign)]
    received, supported = counts.get("received", 0), counts.get("supported", 0)
    made = totals.checked(known, received, supported, counts, nil=nil)
    id_ = new_id()
    text = sealed.seal(vault, sealed.place_of("sealed_totals", id_), made.plain)
    row = add_now(
        session,
        SealedTotals(
            id=id_,
            campaign_id=campaign_id,
            unit_id=unit_id,
            number=number + 1,
            officer_id=scope.officer_id,
            at=now_ms(),
            key_id=text.key_id,
            sealed=text.text,
        ),
    )
    log.append(session, Act.ANNEX_ENTERED, ("unit", unit_id), new={"campaign": campaign_id})
    return row


HASH_LOGGED = 32
"""Hex digits of the hash in the audit log."""


def mark(found: AnnexView) -> str:
    """Return a mark of all numbers on the page: equal if nobody entered, froze or merged anything in between."""
    own = found.own
    return digest(
        canonical(
            [
                own.entered.number if own.entered else 0,
                own.source,
                own.totals.plain if own.totals else None,
                [[each.id, held.plain if held else None] for each, held in found.gained],
                [[each.id, last.row.id if last else None, last.why if last else ""] for each, last in found.below],
            ]
        )
    )


def freeze(
    session: Session, scope: Scope, vault: Vault, campaign_id: str, unit_id: str, shown: tuple[int, str]
) -> SealedAnnex:
    """Freeze what is known now. `shown`: (number of the unit's last annex that the page showed, or 0; its `mark`).

    Raises Problem as `rights.hold` does, `annex_moved` if somebody was faster, `annex_empty` if nothing is known.
    """
    number, seen = shown
    campaign = rights.hold(session, scope, campaign_id, unit_id)
    mine = SealedAnnex.campaign_id == campaign_id, SealedAnnex.unit_id == unit_id
    refuse_if((session.scalar(select(func.max(SealedAnnex.number)).where(*mine)) or 0) != number, "annex_moved")
    found = viewing.read(session, vault, campaign, session.get_one(Unit, unit_id))
    refuse_if(mark(found) != seen, "annex_moved")
    refuse_if(found.total is None, "annex_empty")
    at = now_ms()
    content = _content(session, scope, found, at)
    sha256 = digest(canonical(content))
    id_ = short_id(sha256)
    text = sealed.seal(vault, sealed.place_of("sealed_annex", id_), content)
    made = add_now(
        session,
        SealedAnnex(
            id=id_,
            campaign_id=campaign_id,
            unit_id=unit_id,
            number=number + 1,
            officer_id=scope.officer_id,
            at=at,
            sha256=sha256,
            key_id=text.key_id,
            sealed=text.text,
        ),
    )
    new = {"campaign": campaign_id, "freeze": id_, "hash": sha256[:HASH_LOGGED]}
    log.append(session, Act.ANNEX_FROZEN, ("unit", unit_id), new=new)
    return made


def _content(session: Session, scope: Scope, found: AnnexView, at: int) -> dict[str, Any]:
    unit, campaign, own, total = found.unit, found.campaign, found.own_total, found.total
    above = session.get(Unit, unit.parent_id) if unit.parent_id else None
    return {
        "format": FORMAT,
        "salt": new_id() + new_id(),
        "at": at,
        "by": {"id": scope.officer_id, "name": session.get_one(Officer, scope.officer_id).name},
        "unit": {"id": unit.id, "name": unit.name, "level": unit.level},
        "above": {"id": above.id, "name": above.name} if above else None,
        "letterhead": asdict(letterheads.in_force(session, unit, local(at).date(), campaign)),
        "campaign": {
            "id": campaign.id,
            "name": campaign.name,
            "bases": list(campaign.bases),
            "practice": campaign.practice,
            "ends_on": campaign.ends_on.isoformat(),
        },
        "sample": sample.is_demo(session),
        "regimes": [[each.id, each.letter, each.what] for each in totals.offered(session, campaign)],
        "own": own.plain if own else None,
        "source": found.own.source,
        "below": [
            {
                "unit": each.id,
                "name": each.name,
                "annex": frozen.row.id if frozen and frozen.total else None,
                "sha256": frozen.row.sha256 if frozen and frozen.total else None,
                "total": frozen.total.plain if frozen and frozen.total else None,
            }
            for each, frozen in found.below  # nothing of an annex whose numbers are not in the sum
        ],
        "total": total.plain if total else None,
        "have": found.have,
        "need": found.need,
    }
