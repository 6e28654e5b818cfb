"""The rows of one unit's table: the statements of sums.py, put into cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.unit_order import by_name
from server.models import Campaign, Stream, Unit
from server.services.figures import seals, sums
from server.services.figures.cells import Cell, MatrixRow
from server.services.records import record_counts
from server.services.totals.parts import TotalPart, parts
from sync.registry import KINDS, Figure


def in_order(rows: Iterable[MatrixRow]) -> list[MatrixRow]:
    """Return rows in Vietnamese order of their units, behind a unit's own."""
    return sorted(rows, key=lambda row: (not row.own, by_name(row.unit.short_name), row.unit.id))


class RowReader:
    """The rows of one unit's table."""

    def __init__(self, session: Session, campaign: Campaign, unit: Unit, figures: list[Figure]) -> None:
        self._session, self._campaign, self._unit = session, campaign, unit
        self.figures = figures
        self._shallow = sums.streams(unit.id, campaign.id)
        self._parts: list[TotalPart] = []
        self._unit_figures: dict[str, list[str]] = {}
        """By figure: those that count the units which have any of it (SPEC F-8)."""
        for figure in figures:
            if figure.units_of:
                self._unit_figures.setdefault(figure.units_of, []).append(figure.code)

    def rows(self, *, deep: bool) -> list[MatrixRow]:
        """One row for each group of streams (sums.py), in Vietnamese order behind the unit itself."""
        streams = self.deep() if deep else self._shallow
        tops = set(self._session.scalars(select(streams.c.top).distinct()))
        units = self._session.scalars(select(Unit).where(Unit.id.in_({*tops, self._unit.id})))
        return in_order(row for row in self.read(units, streams).values() if not row.is_void)

    def deep(self) -> Any:
        """The unit's streams, each unit a group of its own."""
        return sums.streams(self._unit.id, self._campaign.id, deep=True)

    def read(self, units: Iterable[Unit], streams: Any) -> dict[str, MatrixRow]:
        """Return, by unit, a row for each of these, which are all tops of the streams, or more."""
        session, tops = self._session, {each.id: each for each in units}
        below = select(Unit.parent_id).where(Unit.parent_id.in_(tops), Unit.merged_at.is_(None)).distinct()
        above = set(session.scalars(below))
        rows = {
            id_: MatrixRow(
                each,
                own=id_ == self._unit.id,
                cells=self.cells(),
                leaf=each.merged_at is None and id_ not in above,
            )
            for id_, each in tops.items()
        }
        self._fill(rows, streams)
        live = record_counts.records_in(streams.c.top).join(streams, streams.c.id == Stream.id)
        for top, count in session.execute(live.where(record_counts.IN_A_FIGURE)):
            rows[top].records = count
        for top, standing in seals.standings(session, rows, streams).items():
            rows[top].standing = standing
        return rows

    def total(self, rows: Sequence[MatrixRow]) -> MatrixRow:
        """The sum of the rows; distinct values, units, and units that have nothing to report are counted anew."""
        total = MatrixRow(self._unit, own=False, cells=self.cells(), leaf=next(row.leaf for row in rows if row.own))
        for row in rows:
            total.records += row.records
            total.standing.add(row.standing)
            for code, cell in row.cells.items():
                total.cells[code].add(cell)
        self.fill_different({"": total}, self._shallow, together=True)
        self._fill_units(lambda _: total, self._shallow)
        for cell in total.cells.values():
            cell.nil = 0
        self._fill_nil({"": total}, self._shallow, together=True)
        return total

    def homes(self) -> dict[str, str]:
        """By unit: the direct child it belongs to."""
        streams = self.deep()
        pairs = self._session.execute(select(streams.c.top, streams.c.child))
        return {unit: child for unit, child in pairs}  # noqa: C416  # rows are no plain pairs for mypy

    def cells(self) -> dict[str, Cell]:
        """Return an empty cell for each figure."""
        return {figure.code: Cell() for figure in self.figures}

    def _fill(self, rows: dict[str, MatrixRow], streams: Any) -> None:
        """Fill each top's cells: sums, distinct values, units with nothing to report, and units that report."""
        session = self._session
        for top, figure, bucket, amount, records in session.execute(sums.sums(streams)):
            if figure in rows[top].cells:
                cell = rows[top].cells[figure]
                cell.amounts[bucket], cell.records[bucket] = KINDS.amount(figure, int(amount)), int(records)
        self._fill_totals(rows, streams)
        self.fill_different(rows, streams)
        self._fill_units(rows.__getitem__, streams)
        self._fill_nil(rows, streams)
        for top, figure, count in session.execute(sums.reporting(streams)):
            for code in (figure, *self._unit_figures.get(figure, ())):
                if code in rows[top].cells:
                    rows[top].cells[code].reporting = count

    def _fill_totals(self, rows: dict[str, MatrixRow], streams: Any) -> None:
        """Fill in the totals without evidence; `total` adds them up."""
        self._parts = parts(self._session, streams)
        for part in self._parts:
            cell = rows[part.top].cells.get(part.step.figure)
            if cell is None:
                continue
            cell.declared += part.declared
            cell.stated += part.declared and not part.nil
            cell.unsupported += part.amount
            cell.unconfirmed += part.amount * part.awaits
            cell.nil_above += part.nil and part.awaits and not part.declared and not part.records

    def _fill_nil(self, rows: dict[str, MatrixRow], streams: Any, *, together: bool = False) -> None:
        """Fill in how many units have to say that there is nothing, and how many did (SPEC F-35)."""
        ends = {top: units for top, units in self._session.execute(sums.ends(streams, together=together)) if units}
        for top, units in ends.items():
            for cell in rows[top].cells.values():
                cell.units = units
        for top, figure, lowest, each in self._session.execute(sums.nothing(streams, together=together)):
            for code in (figure, *self._unit_figures.get(figure, ())):
                if code in rows[top].cells:
                    rows[top].cells[code].nil = lowest if top in ends else each
        for (top, figure), said in self.stated_nil(together=together).items():
            if figure in rows[top].cells:
                rows[top].cells[figure].nil += len(self._lowest(said) if top in ends else said)

    def _lowest(self, units: set[str]) -> set[str]:
        """Return those of the units that have none below them."""
        below = select(Unit.parent_id).where(Unit.parent_id.in_(units), Unit.merged_at.is_(None))
        return units - set(self._session.scalars(below))

    def stated_nil(self, *, together: bool = False) -> dict[tuple[str, str], set[str]]:
        """By (top, figure): units, after mergers, whose total says that there is nothing, and no record of theirs."""
        stated: dict[tuple[str, str], set[str]] = {}
        for part in self._parts:
            if part.nil and part.declared and not part.nil_twice:
                stated.setdefault(("" if together else part.top, part.step.figure), set()).add(part.living)
        return stated

    def fill_different(self, rows: dict[str, MatrixRow], streams: Any, *, together: bool = False) -> None:
        """Fill in the distinct values of each top, or of all together."""
        found: dict[tuple[str, str], dict[str, int]] = {}
        for top, figure, bucket, amount in self._session.execute(sums.different(streams, together=together)):
            found.setdefault((top, figure), {})[bucket] = amount
        for (top, figure), amounts in found.items():
            if figure in rows[top].cells:
                rows[top].cells[figure].amounts = amounts

    def _fill_units(self, row_of: Any, streams: Any) -> None:
        """Fill in how many units have any of a figure, by bucket and together."""
        found: dict[tuple[int, str], dict[str, set[str]]] = {}
        by_row: dict[int, MatrixRow] = {}
        for top, base, bucket, unit in self._session.execute(sums.units_with(streams, self._unit_figures)):
            row = row_of(top)
            by_row[id(row)] = row
            found.setdefault((id(row), base), {}).setdefault(bucket, set()).add(unit)
        for (row_id, base), units in found.items():
            for code in self._unit_figures[base]:
                by_row[row_id].cells[code].fill_units(units)
