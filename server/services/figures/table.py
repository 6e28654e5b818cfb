"""A table of figures as a value: units by figures, each cell with all that is known of it.

One loader makes it (loading.py), for the present or to be frozen. Page, files, documents, comparison and supplement are
functions of it and of a `Counting`: which amount of a cell they show. It goes to JSON and back, so that a freeze holds
the very table that its report is written from.

What is known of one figure is an amount, "nothing to report", or nothing yet: every page and paper asks `answer`.

>>> answer(reported=False, nil=2, units=18), answer(reported=False, nil=18, units=18), answer(reported=True)
(<Answer.UNREPORTED: 'unreported'>, <Answer.NIL: 'nil'>, <Answer.AMOUNT: 'amount'>)

Every number here links to its records: `queue.Asked(figure=, bucket=, unit=)` lists exactly the records in the sum.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any, Final, NamedTuple

from server.core.bulk import grouped
from server.core.canonical import canonical, digest
from server.services.figures.seals import SealProgress
from sync.amount import Amount
from sync.figures import every_figure
from sync.registry import Figure


class Answer(StrEnum):
    """The three answers (SPEC F-34, F-35). An amount may be 0; where nobody reported there is no 0."""

    AMOUNT = "amount"
    NIL = "nil"
    UNREPORTED = "unreported"


def answer(*, reported: bool, nil: int = 0, units: int = 1, empty: bool = True) -> Answer:
    """Return the answer of `units` units together, of which `nil` said that there is nothing.

    `reported`: a record says something of the figure, or a unit stated a total of it. `empty`: nothing counts or
    waits, and no total is without evidence.
    """
    if empty and 0 < units <= nil:
        return Answer.NIL
    return Answer.AMOUNT if reported else Answer.UNREPORTED


OWN_SIGN, ABOVE_SIGN = "†", "‡"
"""Behind an amount without evidence: the unit's own; the level above's, which the unit has not confirmed."""
MARK: Final = 16
"""Hex digits of a mark."""


class Cell(NamedTuple):
    """One figure of one row. An amount holds what its bucket adds to the ones before it, so that they add up (F-32)."""

    counted: int = 0
    waiting: int = 0
    returned: int = 0
    counted_records: int = 0
    """Records behind the amount; of a figure that counts units, those units."""
    waiting_records: int = 0
    returned_records: int = 0
    nil: int = 0
    """Number of these units that said they have nothing to report: that is not silence (SPEC F-6)."""
    units: int = 1
    """Number of units that have to say so: the lowest ones below; 1 for a unit by itself (SPEC F-35)."""
    reporting: int = 0
    """Number of streams with a submitted record that says something of the figure (SPEC F-33)."""
    declared: int = 0
    """Number of units that have stated or confirmed a total without evidence, "nothing" among them."""
    stated: int = 0
    """Number of those whose total is an amount."""
    unsupported: int = 0
    """The part of such totals that no record has replaced (services/totals/in_force.py); in none of the amounts."""
    unconfirmed: int = 0
    """As much of it as the level above has stated, and the unit has not confirmed."""
    nil_above: int = 0
    """Number of units of which only the level above says that they have nothing to report."""

    @property
    def answer(self) -> Answer:
        """An amount, "nothing to report", or not reported: the cell as every page and paper shows it."""
        is_empty = self.is_empty
        reported = self.reporting > 0 or self.stated > 0 or not is_empty
        return answer(reported=reported, nil=self.nil, units=self.units, empty=is_empty and not self.unsupported)

    @property
    def is_unreported(self) -> bool:
        """Shown as a dash, never as 0."""
        return self.answer is Answer.UNREPORTED

    @property
    def is_nil(self) -> bool:
        """All of these units said that there is nothing to report."""
        return self.answer is Answer.NIL

    @property
    def is_nil_in_part(self) -> bool:
        """Nobody reported an amount, and only some of these units said that there is nothing."""
        return self.nil > 0 and self.is_unreported

    @property
    def has_total(self) -> bool:
        """Something is to be shown in the column without evidence."""
        return self.unsupported > 0 or self.nil_above > 0

    @property
    def is_said(self) -> bool:
        """Anybody said anything of it, also the level above alone."""
        return self.nil > 0 or self.has_total or not self.is_unreported

    @property
    def is_empty(self) -> bool:
        """Nothing is counted or waits."""
        return not (self.counted_records or self.waiting_records)

    @property
    def included(self) -> int:
        """Counted and waiting as one number."""
        return self.counted + self.waiting

    @property
    def signs(self) -> str:
        """Whose the amount without evidence is."""
        own = OWN_SIGN if self.unsupported > self.unconfirmed else ""
        return own + (ABOVE_SIGN if self.unconfirmed or (self.nil_above and not self.unsupported) else "")


AMOUNTS: Final = frozenset(("counted", "waiting", "returned", "unsupported", "unconfirmed"))
"""What of a cell has the figure's scale; all else is a number of records or units."""


@dataclass(frozen=True, slots=True)
class Counting:
    """Which amount of a cell is shown. `included`: with what waits. `stands_in`: with what is without evidence."""

    included: bool = False
    stands_in: bool = False

    def amount(self, cell: Cell) -> int:
        """The amount in the figure's own column, where it shows one."""
        found = cell.included if self.included else cell.counted
        return found + cell.unsupported if self.stands_in and cell.unsupported else found

    def shown(self, cell: Cell) -> int | None:
        """The amount in the figure's own column; None where the column has a dash."""
        return self.amount(cell) if not cell.is_unreported or self.has_sign(cell) else None

    def is_marked(self, cell: Cell) -> bool:
        """True if something in the amount waits."""
        return self.included and cell.waiting_records > 0

    def has_sign(self, cell: Cell) -> bool:
        """True if something in the amount is without evidence."""
        return self.stands_in and cell.unsupported > 0

    def apart(self, cell: Cell) -> int | None:
        """The amount in the column without evidence, if that is not in the other one; None if it is empty."""
        return None if self.stands_in else cell.unsupported or None


MODES: Final = {"counted": False, "with_waiting": True}
"""By name, what a signatory chooses: whether what waits is in the amounts."""


@dataclass(frozen=True, slots=True)
class FigureUnit:
    """A unit as it was at the moment of the table."""

    id: str
    name: str
    short_name: str
    level: str
    parent_id: str = ""
    merged: bool = False
    merged_on: date | None = None
    """The first day on which its successor acts for it."""
    was_never: bool = False
    """It was in force on no day: a split that made it was taken back."""
    stands_for: tuple[tuple[str, date | None], ...] = field(default=(), compare=False)
    """Units that were merged into it, whose figures are in its own: (name, the first day on which it stands for it).

    Read for a deep table alone."""


@dataclass(frozen=True)
class FigureRow:
    """A unit with everything below it; `own`: only the unit's own records."""

    unit: FigureUnit
    own: bool
    cells: Mapping[str, Cell]
    records: int = 0
    leaf: bool = False
    """True for a single unit with none below it: it has a plan to fulfil."""
    standing: SealProgress = field(default_factory=SealProgress)

    @cached_property
    def silent(self) -> bool:
        """No record and no statement of its own: never shown as zero. A report asks each row several times.

        A merged unit is not: whoever stands for it is asked.
        """
        return self._has_nothing and not self.unit.merged

    @property
    def _has_nothing(self) -> bool:
        return not self.records and not any(cell.nil or cell.declared for cell in self.cells.values())

    @property
    def is_void(self) -> bool:
        """Nothing of a unit that was never in force: no row of a table."""
        return self.unit.was_never and not self.own and self._has_nothing


@dataclass(frozen=True)
class FigureTable:
    """Rows from the top down: a unit with all below it, its own records, then each unit below in Vietnamese order.

    A unit without units below has no row of its own records.
    """

    figures: tuple[Figure, ...]
    rows: tuple[FigureRow, ...]

    @property
    def unit(self) -> FigureUnit:
        """The unit at the top."""
        return self.rows[0].unit

    @property
    def total(self) -> FigureRow:
        """The top unit with everything below it."""
        return self.rows[0]

    @property
    def alone(self) -> bool:
        """True if no unit is below."""
        return len(self.rows) == 1

    @property
    def own(self) -> FigureRow:
        """The top unit's own records."""
        return self.rows[0 if self.alone else 1]

    @property
    def is_lowest(self) -> bool:
        """True if no unit stands below: none is there, or all that are were merged into this one.

        Units may stand below a merged one: a province that took over its districts has their communes below it.
        """
        return all(row.unit.merged and not row.standing.units for row in self.children)

    @property
    def given(self) -> FigureRow:
        """What the unit confirms itself: of a lowest one all, with the merged units' that it confirms for."""
        return self.total if self.is_lowest else self.own

    @cached_property
    def _below(self) -> dict[str, list[FigureRow]]:
        return grouped((row.unit.parent_id, row) for row in self.rows[1:] if not row.own)

    @cached_property
    def _owns(self) -> dict[str, FigureRow]:
        return {row.unit.id: row for row in self.rows if row.own}

    @property
    def children(self) -> list[FigureRow]:
        """The rows right below, in Vietnamese order."""
        return self.below(self.unit.id)

    def below(self, unit_id: str) -> list[FigureRow]:
        """The rows right below a unit."""
        return self._below.get(unit_id, [])

    def has_below(self, unit_id: str) -> bool:
        """True if the table has rows below this unit's."""
        return unit_id in self._below

    def alone_of(self, unit_id: str) -> FigureRow | None:
        """A unit's row of its own records, where it has units below."""
        return self._owns.get(unit_id)

    def of_itself(self, unit_id: str) -> FigureRow | None:
        """A unit's row of its own records, whether units are below it or not. None if it has no row."""
        return self._owns.get(unit_id) or next((row for row in self.rows if row.unit.id == unit_id), None)

    def part(self, unit_id: str) -> FigureTable | None:
        """The table of a unit in it: a unit right below has one row there. None if it has no such row."""
        top = next((row for row in self.rows if row.unit.id == unit_id and not row.own), None)
        if top is None:
            return None
        return FigureTable(self.figures, (top, *self._under(unit_id)))

    def first_level(self) -> FigureTable:
        """The table with the rows right below alone, as loading.load has it without `deep`."""
        top = self.rows[0]
        near = (row for row in self.rows[1:] if (row.unit.id if row.own else row.unit.parent_id) == top.unit.id)
        return FigureTable(self.figures, (top, *near))

    def without_merged(self) -> FigureTable:
        """The table without units that were merged into one which has none below it, as load has it by default."""
        return FigureTable(self.figures, (self.rows[0], *self._unmerged(self.unit.id)))

    def _unmerged(self, unit_id: str) -> Iterator[FigureRow]:
        if unit_id in self._owns:
            yield self._owns[unit_id]
        for row in self.below(unit_id):
            yield row
            if not (row.leaf or row.unit.merged):
                yield from self._unmerged(row.unit.id)

    def _under(self, unit_id: str) -> Iterator[FigureRow]:
        if unit_id in self._owns:
            yield self._owns[unit_id]
        for row in self.below(unit_id):
            yield row
            yield from self._under(row.unit.id)

    def page(self, unit_id: str) -> list[FigureRow]:
        """The rows of a page: the unit with all below it, its own records, and the units right below."""
        tops = [row for row in self.rows if row.unit.id == unit_id]
        return tops + self.below(unit_id) if tops else []

    def apart(self, unit_id: str) -> list[FigureRow]:
        """Each unit below a row, and its own, by itself: rows that add up to it."""
        return [row for row in self._under(unit_id) if row.own or not self.has_below(row.unit.id)]

    def leaves(self) -> Iterator[tuple[FigureUnit, FigureRow]]:
        """Each row with none below it, with the unit above; for a unit that stands alone, itself."""
        if self.alone:
            yield self.unit, self.rows[0]
        units = {row.unit.id: row.unit for row in self.rows}
        for row in self.rows[1:]:
            if not row.own and not self.has_below(row.unit.id):
                yield units[row.unit.parent_id], row

    def owns(self) -> Iterator[FigureRow]:
        """The own records of units that have units below."""
        return (row for row in self.rows if row.own)

    @property
    def sha256(self) -> str:
        """The hash of its canonical form."""
        return digest(canonical(to_plain(self)))


def in_order(codes: Iterable[str]) -> list[str]:
    """Return codes of figures as tables have them; canonical JSON sorts them by letters."""
    places = {figure.code: place for place, figure in enumerate(every_figure())}
    return sorted(codes, key=lambda code: (places.get(code, len(places)), code))


# --- as data for JSON --------------------------------------------------------------------------------------------


def to_plain(table: FigureTable) -> dict[str, Any]:
    """Return it as data: figures as they were labelled and counted, amounts as digits at the figure's scale."""
    return {
        "figures": [_plain_figure(figure) for figure in table.figures],
        "rows": [_plain_row(row) for row in table.rows],
    }


def _plain_figure(figure: Figure) -> dict[str, Any]:
    said = {name: getattr(figure, name) for name in ("code", "label", "unit", "rule", "scale", "units_of")}
    return said | {"distinct": list(figure.distinct)}


def _plain_row(row: FigureRow) -> dict[str, Any]:
    unit = row.unit
    return {
        "unit": {
            **{name: getattr(unit, name) for name in ("id", "name", "short_name", "level", "parent_id", "merged")},
            "merged_on": unit.merged_on and unit.merged_on.isoformat(),
            **_plain_successions(unit),
        },
        "own": row.own,
        "leaf": row.leaf,
        "records": row.records,
        "sent": {"units": row.standing.units, "sealed": row.standing.sealed},
        "ends": next((cell.units for cell in row.cells.values()), 1),
        "cells": {code: said for code, cell in row.cells.items() if (said := _plain_cell(cell))},
    }


def _plain_successions(unit: FigureUnit) -> dict[str, Any]:
    """Left out where there are none: what was locked before they were read has the same form."""
    said = [[name, on and on.isoformat()] for name, on in unit.stands_for]
    return {"stands_for": said} if said else {}


def _plain_cell(cell: Cell) -> dict[str, int]:
    return {name: int(said) for name, said in zip(Cell._fields, cell, strict=True) if said and name != "units"}


def from_plain(data: Mapping[str, Any]) -> FigureTable:
    """Return the table that `to_plain` made this of, its amounts at today's scales (SPEC F-17)."""
    known = {figure.code: figure for figure in every_figure()}
    figures, then = [], {}
    for said in data["figures"]:
        now = known.get(said["code"])
        then[said["code"]] = int(said["scale"])
        figure = Figure(said["code"], said["label"], said["unit"], said["rule"], terms=(), where={})
        scale = now.scale if now else int(said["scale"])
        more = {"distinct": tuple(said["distinct"]), "units_of": said["units_of"], "scale": scale}
        figures.append(replace(figure, **more))
    return FigureTable(tuple(figures), tuple(_row(each, figures, then) for each in data["rows"]))


def scaled(figure: Figure, digits: int, then: int) -> Amount:
    """Return an amount of an earlier scale at the figure's."""
    more = figure.scale - then
    return Amount(digits * 10 ** max(0, more) // 10 ** max(0, -more), figure.scale)


def _row(said: Mapping[str, Any], figures: Collection[Figure], then: Mapping[str, int]) -> FigureRow:
    unit, ends = said["unit"], int(said["ends"])
    bare = Cell(units=ends)
    cells = {figure.code: bare for figure in figures}
    for figure in figures:
        if figure.code in said["cells"]:
            cells[figure.code] = Cell(**_cell(figure, said["cells"][figure.code], then), units=ends)
    merged_on = unit["merged_on"] and date.fromisoformat(unit["merged_on"])
    over = tuple((name, on and date.fromisoformat(on)) for name, on in unit.get("stands_for", ()))
    standing = SealProgress(said["sent"]["units"], said["sent"]["sealed"])
    place = FigureUnit(**{**unit, "merged_on": merged_on, "stands_for": over})
    return FigureRow(place, said["own"], cells, said["records"], said["leaf"], standing)


def _cell(figure: Figure, said: Mapping[str, int], then: Mapping[str, int]) -> dict[str, int]:
    return {
        name: scaled(figure, value, then[figure.code]) if name in AMOUNTS else value
        for name, value in (dict.fromkeys(AMOUNTS, 0) | dict(said)).items()
    }


# --- two tables --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of one unit, before and after. None: not reported, or no such unit then.

    `apart`: it is the column without evidence that differs.
    """

    unit: str
    name: str
    own: bool
    code: str
    before: int | None
    after: int | None
    apart: bool = False

    @property
    def change(self) -> int:
        """By how much it is more now."""
        return (self.after or 0) - (self.before or 0)


def differences(
    before: FigureTable, after: FigureTable, counts: Counting, then: Counting | None = None
) -> list[Difference]:
    """What differs, in the order of the rows, units that are gone last. `then`: how the earlier ones were counted."""
    then = then or counts
    old, new = ({(row.unit.id, row.own): row for row in each.rows} for each in (before, after))
    found: list[Difference] = []
    for key in (*new, *(key for key in old if key not in new)):
        was, now = old.get(key), new.get(key)
        name = (now or old[key]).unit.name
        codes = {code for row in (was, now) if row for code, cell in row.cells.items() if cell.is_said}
        for code in in_order(codes):
            old_cell, new_cell = (each.cells.get(code) if each else None for each in (was, now))
            pairs = (
                (_shown(then, old_cell), _shown(counts, new_cell)),
                (_apart(then, old_cell), _apart(counts, new_cell)),
            )
            for apart, pair in enumerate(pairs):
                if pair[0] != pair[1]:
                    found.append(Difference(key[0], name, key[1], code, *pair, apart=bool(apart)))
    return found


def _shown(counts: Counting, cell: Cell | None) -> int | None:
    return None if cell is None else counts.shown(cell)


def _apart(counts: Counting, cell: Cell | None) -> int | None:
    return None if cell is None else counts.apart(cell)


def mark(row: FigureRow) -> str:
    """Return a mark of a row's figures: equal if nothing was counted, stated, or came to wait in between."""
    said = {
        code: [cell.counted, cell.waiting_records, cell.unsupported, cell.unconfirmed, cell.nil_above]
        for code, cell in row.cells.items()
        if cell.is_said
    }
    return digest(canonical(said))[:MARK]
