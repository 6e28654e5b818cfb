"""A frozen annex: sealed as a whole, with a random text in it, so that its hash on paper tells nothing of its numbers.

Of a commune it holds its own totals; of a level above also what each unit right below froze last, by its hash.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.canonical import canonical, digest
from server.core.problem_details import Problem, refuse_if, required
from server.models import SealedAnnex, Unit
from server.services.confidential import sealed, totals
from server.services.confidential.totals import VictimTotals
from server.services.keyholders.vault import Vault
from server.services.reports.snapshot.freezes import short_id, typed_id
from server.services.units.scope import Scope
from server.services.units.tree import links_above, moves, path

FORMAT: Final = "loa-annex-1"
UNREADABLE, MERGED = "unreadable", "merged"
"""Why a last annex counts as unknown: it cannot be opened, or mergers or splits changed the unit's area since."""


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


@dataclass(frozen=True, slots=True)
class LastAnnex:
    """What a unit froze last. `why`: why its numbers are not summed up (`unreadable`, `merged`); else empty."""

    row: SealedAnnex
    total: VictimTotals | None
    why: str = ""


def opened(vault: Vault, row: SealedAnnex) -> OpenedAnnex:
    """Open an annex. Raises sealed.Unreadable."""
    data = sealed.opened(vault, sealed.place_of("sealed_annex", row.id), row.key_id, row.sealed)
    return OpenedAnnex(row, json.loads(canonical(data)))


def last(session: Session, vault: Vault, campaign_id: str, unit_ids: Collection[str]) -> dict[str, LastAnnex]:
    """Return what each of these units froze last, without those that never did."""
    rows: dict[str, SealedAnnex] = {}
    for unit in unit_ids:
        query = select(SealedAnnex).where(SealedAnnex.campaign_id == campaign_id, SealedAnnex.unit_id == unit)
        row = session.scalar(query.order_by(SealedAnnex.number.desc()).limit(1))
        if row is not None:
            rows[unit] = row
    torn = _torn(session, {unit: row.at for unit, row in rows.items()})
    return {unit: _last(vault, row, torn=unit in torn) for unit, row in rows.items()}


def _last(vault: Vault, row: SealedAnnex, *, torn: bool) -> LastAnnex:
    try:
        total = opened(vault, row).total
    except sealed.Unreadable:
        return LastAnnex(row, None, UNREADABLE)
    return LastAnnex(row, None, MERGED) if torn else LastAnnex(row, total)


def _torn(session: Session, frozen_at: Mapping[str, int]) -> set[str]:
    """Return those units into, out of or within which somebody was merged, or moved by a split, after they froze.

    Their annexes may lack people who are theirs now, or hold people whom another annex holds, too.
    """
    if not frozen_at:
        return set()
    columns = Unit.id, Unit.former_parent_id, Unit.merged_at
    ever = Unit.valid_to >= Unit.valid_from  # not what a split made that was taken back: nobody wrote for it
    merged = session.execute(select(*columns).where(Unit.merged_at > min(frozen_at.values()), ever)).all()
    moved = moves(session)
    ends = {each for id_, former, _ in merged for each in (id_, former) if each}
    ends |= {each for move in moved for each in (move.before, move.to)}
    parents = {id_: parent for id_, parent, _ in links_above(session, sorted(ends))} if ends else {}
    found = {
        unit
        for id_, former, at in merged
        for unit in (*path(former or "", parents), *path(id_, parents))
        if unit in frozen_at and at is not None and at > frozen_at[unit]
    }
    for move in moved:  # of units above both, the area is what it was
        over = set(path(move.before, parents)) ^ set(path(move.to, parents))
        found |= {unit for unit in over & frozen_at.keys() if move.differs_since(frozen_at[unit])}
    return found


def get(session: Session, scope: Scope, vault: Vault, id_: str) -> OpenedAnnex:
    """Return an annex that the officer may read; else Problem `not_found`, as for one that is not there.

    Raises Problem `annex_unreadable` if its key was retired or somebody altered the row.
    """
    row = required(session.get(SealedAnnex, id_))
    refuse_if(not scope.may_read_annex(row.unit_id), "not_found")
    try:
        return opened(vault, row)
    except sealed.Unreadable as error:
        raise Problem("annex_unreadable") from error


def find(session: Session, scope: Scope, text: str) -> str:
    """Return the id of an annex that somebody typed off a paper and may read; empty if there is none."""
    row = session.get(SealedAnnex, typed_id(text)) if typed_id(text) else None
    return row.id if row is not None and scope.may_read_annex(row.unit_id) else ""
