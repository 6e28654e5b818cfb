"""The tables of a unit and of every unit below it that has units itself, all read at once.

`matrix.table` takes about 24 statements for each. Here as many read the row of every unit by itself, and these rows are
added up from the lowest units. What does not add up (SPEC F-5, F-6, F-8) is counted anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.models import Campaign, Unit
from server.services.figures import asked, sums
from server.services.figures.cells import MatrixRow, Table
from server.services.figures.reader import RowReader, in_order
from server.services.figures.seals import SealProgress
from server.services.units.scope import Scope

_NIL = ".nil"
"""Beside the buckets: a unit says that it has nothing to report of a figure."""
_Said = dict[tuple[str, str], set[str]]
"""By figure and bucket, or the one above: the units that have it or say it, as they are after mergers."""


def tables(session: Session, scope: Scope, campaign: Campaign, unit_id: str) -> dict[str, Table]:
    """Return, by unit, what `matrix.table` returns for it: this unit, and those below it with units of their own.

    Raises Problem `not_found` for a unit that the officer may not see.
    """
    if unit_id not in scope.visible():
        raise Problem("not_found")
    unit = session.get_one(Unit, unit_id)
    path = [session.get_one(Unit, above) for above in reversed(scope.chain(unit_id)) if scope.may_see(above)]
    reader = RowReader(session, campaign, unit, asked.possible(campaign))
    levels = _Levels(reader, _places(session, reader, unit))
    reader.fill_different(levels.whole, sums.lineage(unit_id, campaign.id))
    return dict(levels.tables(unit_id, path))


@dataclass(frozen=True, slots=True)
class _Places:
    """The units that take part, and those between them and the top. `living`: what each has become today."""

    units: dict[str, Unit]
    living: dict[str, str]
    below: dict[str, list[str]] = field(default_factory=dict)


def _places(session: Session, reader: RowReader, top: Unit) -> _Places:
    here = sums.places(top.id)
    rows = session.execute(select(Unit, here.c.living).join(here, here.c.id == Unit.id)).all()
    every = {unit.id: unit for unit, _ in rows}
    found = _Places({top.id: top}, {unit.id: living for unit, living in rows})
    for id_ in session.scalars(select(reader.deep().c.top)):
        unit = every[id_]
        while unit.id not in found.units:
            found.units[unit.id] = unit
            found.below.setdefault(unit.parent_id or top.id, []).append(unit.id)
            unit = every[unit.parent_id or top.id]
    return found


class _Levels:
    """Rows by unit: `own` of the unit by itself, `whole` of it with everything below it."""

    def __init__(self, reader: RowReader, places: _Places) -> None:
        self._reader, self._places = reader, places
        self.own = reader.read(places.units.values(), reader.deep())
        self.whole: dict[str, MatrixRow] = {}
        self._ends: dict[str, set[str]] = {}
        """By unit: the units of it and below, after mergers, that have none below them."""
        self._nothing = reader.saying_nothing()
        self._counting_units = [figure.code for figure in reader.figures if figure.units_of]
        self._add_up(next(iter(places.units)))

    def tables(self, unit_id: str, above: list[Unit]) -> Iterator[tuple[str, Table]]:
        """Yield the unit's table and those below."""
        own, whole = self.own[unit_id], self.whole[unit_id]
        path = above if above and above[-1].id == unit_id else [*above, own.unit]
        whole_rows = (self.whole[child] for child in self._places.below.get(unit_id, ()))
        below = in_order(row for row in whole_rows if not row.is_void)
        progress = SealProgress()
        progress.add(whole.standing)
        total = replace(whole, own=False, standing=progress)
        yield unit_id, Table(own.unit, path, self._reader.figures, total, [replace(own, own=True), *below])
        for row in below:
            if not row.leaf and row.unit.merged_at is None:
                yield from self.tables(row.unit.id, path)

    def _add_up(self, unit_id: str) -> _Said:
        """Make the whole row of a unit and of all below it. Returns what its units say."""
        own, said = self.own[unit_id], self._said(unit_id)
        below, living = self._places.below.get(unit_id), self._places.living[unit_id]
        ends = self._ends[unit_id] = {living} if self.own[living].leaf else set()
        if not below:
            self.whole[unit_id] = replace(own, own=False)
            return said
        for child in below:
            for key, units in self._add_up(child).items():
                said.setdefault(key, set()).update(units)
            ends |= self._ends[child]
        whole = self.whole[unit_id] = MatrixRow(own.unit, own=False, cells=self._reader.cells(), leaf=own.leaf)
        whole.standing = replace(own.standing, units=0, sealed=0, late=SealProgress().late)
        for row in (own, *(self.whole[child] for child in below)):
            whole.records += row.records
            whole.standing.add(row.standing)
            for code, cell in row.cells.items():
                whole.cells[code].add(cell)
        for cell in whole.cells.values():
            cell.nil, cell.units = 0, len(ends) or 1
        counted: dict[str, dict[str, set[str]]] = {}
        for (code, what), units in said.items():
            if what == _NIL:
                whole.cells[code].nil = len(units & ends if ends else units)
            else:
                counted.setdefault(code, {})[what] = units
        for code, parts in counted.items():
            whole.cells[code].fill_units(parts)
        return said

    def _said(self, unit_id: str) -> _Said:
        living, row = {self._places.living[unit_id]}, self.own[unit_id]
        said: _Said = {}
        for code in row.cells:
            if (*living, code) in self._nothing:
                said[code, _NIL] = set(living)
        for code in self._counting_units:
            for bucket, units in row.cells[code].records.items():
                if units:
                    said[code, bucket] = set(living)
        return said
