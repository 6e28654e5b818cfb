"""A frozen annex: sealed as a whole, with a random text in it, so that its hash on paper tells nothing of its numbers.

Of a commune it holds its own totals; of a level above also what each unit right below froze last, by its hash.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.keyring import Keyring
from server.core.problem_details import Problem
from server.models import SealedAnnex
from server.services.confidential import sealed, totals
from server.services.confidential.totals import VictimTotals
from server.services.locks.canonical import canonical, digest
from server.services.locks.naming import short_id, typed
from server.services.units.scope import Scope

FORMAT: Final = "loa-annex-1"


@dataclass(frozen=True, slots=True)
class OpenedAnnex:
    """A frozen annex with what it holds. `is_right`: the hash is that of its content."""

    row: SealedAnnex
    content: dict[str, Any]

    @property
    def total(self) -> VictimTotals | None:
        """What it sums up to."""
        found = self.content["total"]
        return totals.from_plain(found) if found else None

    @property
    def is_right(self) -> bool:
        """The hash, and the id made of it, are those of the content."""
        sha256 = digest(canonical(self.content))
        return sha256 == self.row.sha256 and short_id(sha256) == self.row.id


def opened(ring: Keyring, row: SealedAnnex) -> OpenedAnnex:
    """Open an annex. Raises sealed.Unreadable."""
    data = sealed.opened(ring, sealed.place_of("sealed_annex", row.id), row.key_id, row.sealed)
    return OpenedAnnex(row, json.loads(canonical(data)))


def last(session: Session, ring: Keyring, campaign_id: str, unit_id: str) -> OpenedAnnex | None:
    """Return what a unit froze last."""
    query = select(SealedAnnex).where(SealedAnnex.campaign_id == campaign_id, SealedAnnex.unit_id == unit_id)
    row = session.scalar(query.order_by(SealedAnnex.number.desc()).limit(1))
    return opened(ring, row) if row else None


def get(session: Session, scope: Scope, ring: Keyring, id_: str) -> OpenedAnnex:
    """Return an annex that the officer may read; else Problem `not_found`, as for one that is not there."""
    row = session.get(SealedAnnex, id_)
    if row is None or not scope.may_read_annex(row.unit_id):
        raise Problem("not_found")
    return opened(ring, row)


def find(session: Session, scope: Scope, text: str) -> str:
    """Return the id of an annex that somebody typed off a paper and may read; empty if there is none."""
    row = session.get(SealedAnnex, typed(text)) if typed(text) else None
    return row.id if row is not None and scope.may_read_annex(row.unit_id) else ""
