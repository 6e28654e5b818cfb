"""The figures of a unit and of each unit below it as plain data, and what differs between two such lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.services.figures.matrix import Cell, MatrixRow
from server.services.locks.canonical import canonical, digest
from server.services.records.projection import BUCKETS
from server.services.reports import Gathered, signs
from sync.unit_figures import every_figure

Cells = list[int]
Row = dict[str, Any]
"""`unit`, `name`, `level`, `above`: the unit. `own`: only its own records, else with all below it. `leaf`, `merged`,
`silent`, `records`, `sealed`, `units`: as in the table of figures. `cells`: by figure, without those of which nobody
said anything: `[counted, with_waiting, waiting records, returned, units with nothing to report, the part of totals
without evidence, as much of it as nobody of the unit confirmed, units of which only the level above says that they have
nothing, 1 if the figure is reported, units that have to report it (SPEC F-35)]`. Freezes from before there was the last
one end after the nil, or after the ninth where something is without evidence."""
COUNTED, WITH_WAITING, WAITING, RETURNED, NIL, UNSUPPORTED, UNCONFIRMED, NIL_ABOVE, REPORTED, UNITS = range(10)
AMOUNTS = frozenset({COUNTED, WITH_WAITING, RETURNED, UNSUPPORTED, UNCONFIRMED})
"""The places of a cell that hold digits at the figure's scale; the others hold numbers of records or units."""
_PLACES = {figure.code: place for place, figure in enumerate(every_figure())}
MARK = 16
"""Hex digits of a mark."""
MODES = {"counted": COUNTED, "with_waiting": WITH_WAITING}
"""Which amount of a cell a report shows."""


@dataclass(frozen=True, slots=True)
class Counting:
    """Which amount of a cell a report shows: what waits may be in it, and what is without evidence."""

    mode: int = COUNTED
    stands_in: bool = False

    def amount(self, cell: Cells | None) -> int | None:
        """The amount in the figure's own column; None if that shows a dash."""
        if cell is None or not (is_reported(cell) or (self.stands_in and cell[UNSUPPORTED])):
            return None
        return cell[self.mode] + (without_evidence(cell) if self.stands_in else 0)

    def apart(self, cell: Cells | None) -> int | None:
        """The amount in the column without evidence, if that is not in the other one; None if it is empty."""
        return None if cell is None or self.stands_in else without_evidence(cell) or None


def counting(head: Mapping[str, Any], mode: str = "") -> Counting:
    """What the signatory chose for a freeze; `mode`: the other choice of what waits, if it is not empty.

    A freeze from before there was a choice: what was counted, and it has no totals.
    """
    choice = head.get("choice", {})
    return Counting(MODES[mode or choice.get("count", "counted")], choice.get("stands_in", False))


def is_reported(cell: Cells) -> bool:
    """True if it is an amount or all have nothing to report; older freezes have no other cells."""
    return len(cell) <= REPORTED or bool(cell[REPORTED])


def has_total(cell: Cells | None) -> bool:
    """True if the column without evidence says something."""
    return cell is not None and len(cell) > UNSUPPORTED and bool(cell[UNSUPPORTED] or cell[NIL_ABOVE])


def is_nil(cell: Cells) -> bool:
    """True if all of its units have nothing to report; in an older freeze, if one has and nobody an amount."""
    units = cell[UNITS] if len(cell) > UNITS else 1
    return cell[NIL] >= units and not (cell[COUNTED] or cell[WAITING] or without_evidence(cell))


def without_sign(cell: Cells) -> str:
    """The signs of the amount without evidence."""
    return signs(cell[UNSUPPORTED] - cell[UNCONFIRMED], cell[UNCONFIRMED] or cell[NIL_ABOVE])


def without_evidence(cell: Cells) -> int:
    """The part of a total that no record supports."""
    return cell[UNSUPPORTED] if len(cell) > UNSUPPORTED else 0


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


def rows(found: Gathered) -> list[Row]:
    """The total, then each unit below; a unit with units below has a row of its own records, too."""
    return list(_rows(found, found.table.total))


def _rows(found: Gathered, whole: MatrixRow) -> Iterator[Row]:
    unit = found.table.unit
    yield _row(whole, unit.parent_id or "", own=False)
    if found.children:
        yield _row(found.table.own, unit.parent_id or "", own=True)
    for child in found.children:
        if child.unit.id in found.below:
            yield from _rows(found.below[child.unit.id], child)
        else:
            yield _row(child, unit.id, own=False)


def _row(row: MatrixRow, above: str, *, own: bool) -> Row:
    unit = row.unit
    return {
        "unit": unit.id,
        "name": unit.name,
        "level": unit.level,
        "above": above,
        "own": own,
        "leaf": row.leaf,
        "merged": unit.merged_at is not None,
        "silent": row.silent,
        "records": row.records,
        "sealed": row.standing.sealed,
        "units": row.standing.units,
        "cells": {code: _cell(cell) for code, cell in sorted(row.cells.items()) if _is_said(cell)},
    }


def _is_said(cell: Cell) -> bool:
    return not cell.is_unreported or cell.has_total or cell.nil > 0


def _cell(cell: Cell) -> Cells:
    counted, waiting, returned = BUCKETS
    amounts = cell.amounts
    said = [amounts.get(counted, 0), cell.included, cell.records.get(waiting, 0), amounts.get(returned, 0), cell.nil]
    return [*said, cell.unsupported, cell.unconfirmed, cell.nil_above, int(not cell.is_unreported), cell.units]


def of_unit(found: Sequence[Row], unit: str) -> list[Row]:
    """The rows of a page: the unit with all below it, its own records, and the units right below; the total first."""
    mine = [row for row in found if row["unit"] == unit]
    return mine + [row for row in found if row["above"] == unit and not row["own"]]


def in_order(codes: Iterable[str]) -> list[str]:
    """Return codes of figures as tables have them; canonical JSON sorts them by letters."""
    return sorted(codes, key=lambda code: (_PLACES.get(code, len(_PLACES)), code))


def mark(row: Row) -> str:
    """Return a mark of a row's figures: equal if nothing was counted, stated, or came to wait in between."""
    said = {code: [cell[COUNTED], cell[WAITING], *cell[UNSUPPORTED:REPORTED]] for code, cell in row["cells"].items()}
    return digest(canonical(said))[:MARK]


def differences(
    before: Sequence[Row], after: Sequence[Row], counts: Counting, then: Counting | None = None
) -> list[Difference]:
    """What differs, in the order of the rows, units that are gone last. `then`: how the earlier ones were counted."""
    then = then or counts
    old, new = ({(row["unit"], row["own"]): row for row in each} for each in (before, after))
    found: list[Difference] = []
    for key in (*new, *(key for key in old if key not in new)):
        was, now = old.get(key), new.get(key)
        either = now or was or {}
        codes = {code for row in (was, now) if row for code in row["cells"]}
        for code in in_order(codes):
            old_cell, new_cell = (each["cells"].get(code) if each else None for each in (was, now))
            pairs = (then.amount(old_cell), counts.amount(new_cell)), (then.apart(old_cell), counts.apart(new_cell))
            for apart, pair in enumerate(pairs):
                if pair[0] != pair[1]:
                    found.append(Difference(key[0], either["name"], key[1], code, *pair, apart=bool(apart)))
    return found
