"""Figures per unit, from the streams' totals: the counted sums beside what waits and what was returned.

Every number here links to its records: `queue.Asked(figure=, bucket=, unit=)` lists exactly the records in the sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.models import Campaign, Stream, Unit
from server.services.figures import asked, seals, sums
from server.services.figures.seals import SealProgress
from server.services.figures.sums import INCLUDED
from server.services.records import record_counts
from server.services.records.projection import BUCKETS
from server.services.totals.parts import TotalPart, parts
from server.services.units.scope import Scope
from sync.registry import Figure
from sync.text import sort_key


@dataclass(slots=True)
class Cell:
    """One figure of one row: by bucket, the sums and the number of records behind them."""

    amounts: dict[str, int] = field(default_factory=dict)
    records: dict[str, int] = field(default_factory=dict)
    nil: int = 0
    """Number of units that said they have nothing to report: that is not silence (SPEC F-6)."""
    reporting: int = 0
    """Number of units that have submitted a record of a kind that feeds the figure."""
    declared: int = 0
    """Number of units that have stated or confirmed a total without evidence."""
    unsupported: int = 0
    """The part of such totals that no record has replaced (services/totals/said.py); in none of the amounts."""
    unconfirmed: int = 0
    """As much of it as the level above has stated, and the unit has not confirmed."""
    nil_above: int = 0
    """Number of units of which only the level above says that they have nothing to report."""

    @property
    def is_unreported(self) -> bool:
        """No unit submitted anything, stated a total or reported nothing: shown as a dash, never as 0."""
        return not self.reporting and not self.nil and not self.declared

    @property
    def is_nil(self) -> bool:
        """Somebody said there is nothing to report, and nothing is counted, waits or is without evidence."""
        return self.nil > 0 and self.is_empty and not self.unsupported

    @property
    def has_total(self) -> bool:
        """Something is to be shown in the column without evidence."""
        return self.unsupported > 0 or self.nil_above > 0

    @property
    def is_empty(self) -> bool:
        """Nothing is counted or waits."""
        return not any(self.records.get(bucket) for bucket in BUCKETS[:2])

    @property
    def included(self) -> int:
        """Counted and waiting as one number; for distinct values, those in either (read only on request)."""
        return self.amounts.get(INCLUDED, sum(self.amounts.get(bucket, 0) for bucket in BUCKETS[:2]))

    def add(self, other: Cell) -> None:
        """Add the sums; distinct values are counted anew instead (SPEC F-5)."""
        for name in ("nil", "reporting", "declared", "unsupported", "unconfirmed", "nil_above"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for mine, theirs in ((self.amounts, other.amounts), (self.records, other.records)):
            for bucket, value in theirs.items():
                mine[bucket] = mine.get(bucket, 0) + value


@dataclass(slots=True)
class MatrixRow:
    """A unit with everything below it; `own`: only the unit's own records."""

    unit: Unit
    own: bool
    cells: dict[str, Cell]
    records: int = 0
    leaf: bool = False
    """True for a single unit with none below it: it has a plan to fulfil."""
    standing: SealProgress = field(default_factory=SealProgress)
    below: list[MatrixRow] = field(default_factory=list)
    """In a list of all units: the units of this part of the tree, whose sum this row is."""

    @property
    def silent(self) -> bool:
        """No record and no statement of its own: never shown as zero."""
        return not self.records and not any(cell.nil or cell.declared for cell in self.cells.values())


@dataclass(frozen=True, slots=True)
class Table:
    """The total, then the unit's own row, then its children in Vietnamese order."""

    unit: Unit
    path: list[Unit]
    figures: list[Figure]
    total: MatrixRow
    rows: list[MatrixRow]

    @property
    def own(self) -> MatrixRow:
        """The unit's own row."""
        return next(row for row in self.rows if row.own)


def table(
    session: Session, scope: Scope, campaign: Campaign, unit_id: str, *, deep: bool = False, included: bool = False
) -> Table:
    """The figures of a unit that the officer may see; else Problem `not_found`.

    `deep`: with a row for each unit of the tree. `included`: also count the distinct values that are counted or wait.
    """
    if unit_id not in scope.visible():
        raise Problem("not_found")
    unit = session.get_one(Unit, unit_id)
    reader = _Reader(session, campaign, unit, asked.possible(campaign), included=included)
    rows = reader.rows(deep=False)
    total = reader.total(rows)
    if deep:
        _hang(rows, reader.rows(deep=True), reader.homes())
    path = [session.get_one(Unit, above) for above in reversed(scope.chain(unit_id)) if scope.may_see(above)]
    return Table(unit, path, reader.figures, total, rows)


def _hang(rows: Iterable[MatrixRow], each: Iterable[MatrixRow], homes: dict[str, str]) -> None:
    """Put each unit below its direct child; a child with nothing below it stays one row."""
    below: dict[str, list[MatrixRow]] = {}
    for row in each:
        below.setdefault(homes.get(row.unit.id, ""), []).append(row)
    for row in rows:
        mine = [] if row.own else below.get(row.unit.id, [])
        if len(mine) > 1:
            for one in mine:
                one.own = one.unit.id == row.unit.id
            row.below = sorted(mine, key=lambda one: not one.own)  # stable: otherwise keeps their order


class _Reader:
    """The rows of one unit's table."""

    def __init__(
        self, session: Session, campaign: Campaign, unit: Unit, figures: list[Figure], *, included: bool
    ) -> None:
        self._session, self._campaign, self._unit, self._included = session, campaign, unit, included
        self.figures = figures
        self._shallow = sums.streams(unit.id, campaign.id)
        self._parts: list[TotalPart] = []
        self._unit_figures: dict[str, list[str]] = {}
        for figure in figures:
            if figure.units_of:
                self._unit_figures.setdefault(figure.units_of, []).append(figure.code)

    def rows(self, *, deep: bool) -> list[MatrixRow]:
        """One row for each group of streams (sums.py), in Vietnamese order behind the unit itself."""
        session, unit = self._session, self._unit
        streams = sums.streams(unit.id, self._campaign.id, deep=True) if deep else self._shallow
        tops = set(session.scalars(select(streams.c.top).distinct()))
        units = {row.id: row for row in session.scalars(select(Unit).where(Unit.id.in_({*tops, unit.id})))}
        below = select(Unit.parent_id).where(Unit.parent_id.in_(units), Unit.merged_at.is_(None)).distinct()
        above = set(session.scalars(below))
        rows = {
            id_: MatrixRow(
                each, own=id_ == unit.id, cells=self._cells(), leaf=each.merged_at is None and id_ not in above
            )
            for id_, each in units.items()
        }
        self._fill(rows, streams)
        live = record_counts.records_in(streams.c.top).join(streams, streams.c.id == Stream.id)
        for top, count in session.execute(live.where(record_counts.IN_A_FIGURE)):
            rows[top].records = count
        for top, standing in seals.standings(session, rows, streams).items():
            rows[top].standing = standing
        return sorted(rows.values(), key=lambda row: (not row.own, sort_key(row.unit.short_name), row.unit.id))

    def total(self, rows: Sequence[MatrixRow]) -> MatrixRow:
        """The sum of the rows; distinct values, units, and units that have nothing to report are counted anew."""
        total = MatrixRow(self._unit, own=False, cells=self._cells(), leaf=next(row.leaf for row in rows if row.own))
        for row in rows:
            total.records += row.records
            total.standing.add(row.standing)
            for code, cell in row.cells.items():
                total.cells[code].add(cell)
        self._fill_different({"": total}, self._shallow, together=True)
        self._fill_units(lambda _: total, self._shallow)
        for cell in total.cells.values():
            cell.nil = 0
        self._fill_nil({"": total}, self._shallow, together=True)
        return total

    def homes(self) -> dict[str, str]:
        """By unit: the direct child it belongs to."""
        streams = sums.streams(self._unit.id, self._campaign.id, deep=True)
        pairs = self._session.execute(select(streams.c.top, streams.c.child))
        return {unit: child for unit, child in pairs}  # noqa: C416  # rows are no plain pairs for mypy

    def _cells(self) -> dict[str, Cell]:
        return {figure.code: Cell() for figure in self.figures}

    def _fill(self, rows: dict[str, MatrixRow], streams: Any) -> None:
        """Fill each top's cells: sums, distinct values, units with nothing to report, and units that report."""
        session = self._session
        for top, figure, bucket, amount, records in session.execute(sums.sums(streams)):
            if figure in rows[top].cells:
                cell = rows[top].cells[figure]
                cell.amounts[bucket], cell.records[bucket] = int(amount), int(records)
        self._fill_totals(rows, streams)
        self._fill_different(rows, streams)
        self._fill_units(rows.__getitem__, streams)
        self._fill_nil(rows, streams)
        fed = [figure.code for figure in self.figures if not figure.units_of]
        for top, *counts in session.execute(sums.reporting(streams, fed)):
            by_code = dict(zip(fed, counts, strict=True))
            for figure in self.figures:
                rows[top].cells[figure.code].reporting = by_code[figure.units_of or figure.code]

    def _fill_totals(self, rows: dict[str, MatrixRow], streams: Any) -> None:
        """Fill in the totals without evidence; `total` adds them up."""
        self._parts = parts(self._session, streams)
        for part in self._parts:
            cell = rows[part.top].cells.get(part.step.figure)
            if cell is None:
                continue
            cell.declared += part.declared
            cell.unsupported += part.amount
            cell.unconfirmed += part.amount * part.awaits
            cell.nil_above += part.nil and part.awaits and not part.declared and not part.records

    def _fill_nil(self, rows: dict[str, MatrixRow], streams: Any, *, together: bool = False) -> None:
        for top, figure, units in self._session.execute(sums.nothing(streams, together=together)):
            for code in (figure, *self._unit_figures.get(figure, ())):
                if code in rows[top].cells:
                    rows[top].cells[code].nil = units
        stated: dict[tuple[str, str], set[str]] = {}
        for part in self._parts:
            if part.nil and part.declared and not part.nil_twice:
                stated.setdefault(("" if together else part.top, part.step.figure), set()).add(part.living)
        for (top, figure), units in stated.items():
            if figure in rows[top].cells:
                rows[top].cells[figure].nil += len(units)

    def _fill_different(self, rows: dict[str, MatrixRow], streams: Any, *, together: bool = False) -> None:
        for included in (False, True) if self._included else (False,):
            found = sums.different(streams, together=together, included=included)
            for top, figure, bucket, amount in self._session.execute(found):
                if figure in rows[top].cells:
                    rows[top].cells[figure].amounts[bucket] = amount

    def _fill_units(self, row_of: Any, streams: Any) -> None:
        """Fill in how many units have any of a figure, by bucket and together."""
        found: dict[tuple[int, str, str], set[str]] = {}
        by_row: dict[int, MatrixRow] = {}
        for top, base, bucket, unit in self._session.execute(sums.units_with(streams, self._unit_figures)):
            row = row_of(top)
            by_row[id(row)] = row
            for kept in (bucket, *((INCLUDED,) if bucket in BUCKETS[:2] else ())):
                found.setdefault((id(row), base, kept), set()).add(unit)
        for (row_id, base, bucket), units in found.items():
            for code in self._unit_figures[base]:
                cell = by_row[row_id].cells[code]
                cell.amounts[bucket] = cell.records[bucket] = len(units)
