"""Planned and done: units by figures of the plan. Without a plan: what is done of the figures that the letter asks for.

Done is what records show, counted or waiting: exactly the records that a list of the unit and the figure has. What a
unit said without evidence stands beside it and fulfils nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from server.models import Campaign, Tally, Unit
from server.services.campaigns import expected
from server.services.figures import kept, loading, plan_cells, sums
from server.services.figures.plan_cells import PlanCell, PlanCount, PlanSum
from server.services.progress.leaves import Leaf, LeafUnit, leaves, today
from server.services.records.projection import BUCKETS
from server.services.totals import parts as totals
from sync.registry import KINDS, Figure

COUNTED, WAITING = BUCKETS[:2]


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A unit with its cells by figure."""

    unit: LeafUnit
    cells: Mapping[str, PlanCell]

    @property
    def planned(self) -> int:
        """Number of figures that the plan asks of it."""
        return sum(cell.expected > 0 for cell in self.cells.values())

    @property
    def met(self) -> int:
        """Number of those that are met."""
        return sum(cell.expected > 0 and cell.is_met for cell in self.cells.values())

    @property
    def behind(self) -> tuple[float, int]:
        """A key by which whoever is furthest behind comes first, and whoever has no plan last."""
        if not self.planned:
            return (2.0, 0)
        share = sum(min(1.0, cell.included / cell.expected) for cell in self.cells.values() if cell.expected)
        return (self.met / self.planned, round(1000 * share))


Counts = Mapping[str, tuple[PlanCount, PlanCount]]
"""By figure: of the cells that a plan asks something of, and of all."""


@dataclass(frozen=True, slots=True)
class PlanPart:
    """A part of the tree with its units, or all of them. `unit` is None for units right below the asked one.

    `rows`: its units; none where only their sums were read, of `size` units.
    """

    unit: Unit | None
    rows: list[PlanRow]
    counts: Counts
    size: int

    @classmethod
    def of(cls, unit: Unit | None, rows: list[PlanRow], figures: Iterable[Figure]) -> PlanPart:
        """Count these units."""
        cells = {each.code: [row.cells[each.code] for row in rows] for each in figures}
        counts = {
            code: (PlanCount.of(cell for cell in every if cell.expected), PlanCount.of(every))
            for code, every in cells.items()
        }
        return cls(unit, rows, counts, len(rows))

    @property
    def planned(self) -> int:
        """Number of figures that the plan asks of its units, all together."""
        return sum(asked.units for asked, _ in self.counts.values())

    @property
    def met(self) -> int:
        """Number of those that are met."""
        return sum(asked.met for asked, _ in self.counts.values())

    def sum(self, code: str) -> PlanSum:
        """Return the sum of one figure."""
        return PlanCount.sum(*self.counts[code])


@dataclass(frozen=True, slots=True)
class PlanTable:
    """A unit's matrix: its parts, and all of it as one. Without a plan no cell has an expected amount."""

    unit: Unit
    figures: list[Figure]
    parts: list[PlanPart]
    whole: PlanPart


def table(session: Session, campaign: Campaign, unit: Unit, *, deep: bool = True) -> PlanTable:
    """Return the matrix of a unit that the officer may see: a constant number of statements.

    `deep`: with each unit; else the sums of parts are enough, where they are kept (figures/kept.py).
    """
    figures = plan_cells.figures_of(campaign, loading.possible(campaign), loading.asked(campaign))
    near = None if deep else loading.kept_parts(session, campaign, unit)
    if near is not None:
        kept_parts = [PlanPart(each, [], kept.plans(said, figures), kept.lowest(said)) for each, said in near]
        whole = kept.total(said for _, said in near)
        whole_part = PlanPart(None, [], kept.plans(whole, figures), kept.lowest(whole))
        return PlanTable(unit, figures, [each for each in kept_parts if each.size], whole_part)
    found = leaves(session, campaign, unit)
    rows = {leaf.unit.id: _row(campaign, leaf, figures) for leaf in found}
    _fill(session, today(unit, campaign), rows, figures)
    grouped: dict[str, tuple[Unit | None, list[PlanRow]]] = {}
    for leaf in found:
        grouped.setdefault(leaf.part.id if leaf.part else "", (leaf.part, []))[1].append(rows[leaf.unit.id])
    parts = [PlanPart.of(part, theirs, figures) for part, theirs in grouped.values()]
    return PlanTable(unit, figures, parts, PlanPart.of(None, [row for part in parts for row in part.rows], figures))


def _row(campaign: Campaign, leaf: Leaf, figures: Iterable[Figure]) -> PlanRow:
    plan = expected.of_unit(campaign.expected, leaf.unit.id, leaf.unit.name)
    return PlanRow(leaf.unit, {each.code: PlanCell(plan.get(each.code, 0)) for each in figures})


def _fill(session: Session, streams: Any, rows: Mapping[str, PlanRow], figures: Iterable[Figure]) -> None:
    """Fill in what is done: sums, distinct values, units with nothing to report, totals without evidence."""
    distinct = {figure.code for figure in figures if figure.distinct}
    cells = {(id_, code): cell for id_, row in rows.items() for code, cell in row.cells.items()}
    for top, code, counted, included, said in session.execute(_summed(streams, {code for _, code in cells})):
        if cell := cells.get((top, code)):
            cell.reported = said > 0
            if code not in distinct:
                cell.counted, cell.included = KINDS.amount(code, int(counted)), KINDS.amount(code, int(included))
    for top, code, bucket, count in session.execute(sums.different(streams)) if distinct else ():
        if code in distinct and bucket in (COUNTED, WAITING) and (cell := cells.get((top, code))):
            cell.included += count
            cell.counted += count if bucket == COUNTED else 0
    for top, code, _, units in session.execute(sums.nothing(streams)):
        if cell := cells.get((top, code)):
            cell.nil = units > 0
    for part in totals.parts(session, streams):
        if cell := cells.get((part.top, part.step.figure)):
            cell.unsupported += part.amount
            cell.reported = cell.reported or (part.declared and not part.nil)


def _summed(streams: Any, codes: Collection[str]) -> Select[Any]:
    """(unit, figure, counted, counted or waiting, whether a record says something of it)."""
    counted = func.sum(case((Tally.bucket == COUNTED, Tally.amount), else_=0))
    included = func.sum(case((Tally.bucket.in_((COUNTED, WAITING)), Tally.amount), else_=0))
    found = select(streams.c.top, Tally.figure, counted, included, func.max(Tally.said))
    found = found.join(Tally, Tally.stream_id == streams.c.id).where(Tally.figure.in_(codes), Tally.bucket.in_(BUCKETS))
    return found.group_by(streams.c.top, Tally.figure)
