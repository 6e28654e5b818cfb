"""What a level is about to lock: who has reported and who is silent, what waits, and the figures as they are now."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.models import Campaign, CampaignLetter, Freeze, Unit
from server.services.figures import coverage, loading
from server.services.figures.coverage import Coverage
from server.services.figures.table import Cell, Counting, FigureUnit, differences, mark
from server.services.locks import freezes, locking, steps
from server.services.locks.locking import LockPage
from server.services.reports import silent_names, unconfirmed
from server.services.units.scope import Scope
from sync.registry import Figure


@dataclass(frozen=True, slots=True)
class LockPreview:
    """`shown`: what the form sends back. `seen`: a mark of the figures on the page.

    `silent`: names of units that reported nothing, in one text. `unsealed`: units that reported and have not confirmed
    their figures. `own_unsealed`: units with units below, this one too, that have not confirmed what they did
    themselves. `open_levels`: units with units below that have not locked theirs. `waiting`: records that wait for a
    decision. `unconfirmed`: units of which the level above has stated something that they have not confirmed.
    `figures`: the totals that somebody reported or stated. `cutoff_at`: the cut-off in ms, if it is still to come.
    """

    shown: LockPage
    seen: str
    covered: Coverage
    silent: str
    unsealed: list[FigureUnit]
    own_unsealed: list[FigureUnit]
    open_levels: list[FigureUnit]
    waiting: int
    unconfirmed: list[FigureUnit]
    figures: list[tuple[Figure, Cell]]
    cutoff_at: int | None

    @property
    def has_totals(self) -> bool:
        """True if something is without evidence."""
        return any(cell.has_total for _, cell in self.figures)


@dataclass(frozen=True, slots=True)
class LateLock:
    """What a unit chooses from whose level above has locked already. `freeze`: what that one locked, at `at`.

    `has`: the unit is in it. `moved`: how many of its figures are otherwise now.
    """

    above: str
    freeze: str
    at: int
    has: bool
    moved: int


def late(session: Session, scope: Scope, campaign: Campaign, unit_id: str, above: Unit) -> LateLock:
    """Read it. `above`: the unit further up that has locked."""
    row = session.get_one(Freeze, steps.standing(session, above.id, campaign.id).freezes[-1])
    theirs = freezes.of(row)
    part = theirs.table.part(unit_id)
    now = loading.load(session, scope, campaign, unit_id)
    counts = Counting(theirs.counts.included, theirs.counts.stands_in)
    moved = {each.code for each in differences(part, now, counts)} if part else set()
    return LateLock(above.name, row.id, row.at, part is not None, len(moved))


def preview(session: Session, scope: Scope, campaign: Campaign, unit_id: str) -> LockPreview:
    """Read it. Raises Problem `not_found` for a unit that the officer may not see."""
    found = loading.load(session, scope, campaign, unit_id)
    below = {row.unit.id: row.unit for row in found.children if found.has_below(row.unit.id)}
    held = steps.locked(session, below, campaign.id)
    cells = [(figure, found.total.cells[figure.code]) for figure in found.figures]
    lowest = [row for _, row in found.leaves() if not row.unit.merged]
    letter = session.get(CampaignLetter, campaign.id)
    cutoff = letter.cutoff_at if letter else None
    return LockPreview(
        shown=locking.page(session, unit_id, campaign.id),
        seen=mark(found.total),
        covered=coverage.coverage(session, unit_id, campaign.id),
        silent=silent_names(found),
        unsealed=[row.unit for row in lowest if not row.silent and row.standing.seal is None],
        own_unsealed=[row.unit for row in found.owns() if not row.silent and row.standing.seal is None],
        open_levels=[unit for id_, unit in below.items() if id_ not in held],
        waiting=coverage.waiting(session, campaign.id, unit_id),
        unconfirmed=[row.unit for row in unconfirmed([*lowest, *found.owns()])],
        figures=[(figure, cell) for figure, cell in cells if cell.is_said],
        cutoff_at=cutoff if cutoff and cutoff > now_ms() else None,
    )
