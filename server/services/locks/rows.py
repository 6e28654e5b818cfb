"""The figures of a unit and of each unit below it as plain data, and what differs between two such lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from server.services.figures.matrix import Cell, MatrixRow
from server.services.locks.canonical import canonical, digest
from server.services.records.projection import BUCKETS
from server.services.reports import Gathered
from sync.unit_figures import every_figure

Row = dict[str, Any]
"""`unit`, `name`, `level`, `above`: the unit. `own`: only its own records, else with all below it. `leaf`, `merged`,
`silent`, `records`, `sealed`, `units`: as in the table of figures. `cells`: by figure, without those that nobody
reported: `[counted, with_waiting, waiting records, returned, units with nothing to report]`."""
COUNTED, WITH_WAITING, WAITING, RETURNED, NIL = range(5)
_PLACES = {figure.code: place for place, figure in enumerate(every_figure())}
MARK = 16
"""Hex digits of a mark."""
MODES = {"counted": COUNTED, "with_waiting": WITH_WAITING}
"""Which amount of a cell a report shows."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of one unit, before and after. None: not reported, or no such unit then."""

    unit: str
    name: str
    own: bool
    code: str
    before: int | None
    after: int | None

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
        "cells": {code: _cell(cell) for code, cell in sorted(row.cells.items()) if not cell.is_unreported},
    }


def _cell(cell: Cell) -> list[int]:
    counted, waiting, returned = BUCKETS
    amounts = cell.amounts
    return [
        amounts.get(counted, 0),
        cell.included,
        cell.records.get(waiting, 0),
        amounts.get(returned, 0),
        cell.nil,
    ]


def of_unit(found: Sequence[Row], unit: str) -> list[Row]:
    """The rows of a page: the unit with all below it, its own records, and the units right below; the total first."""
    mine = [row for row in found if row["unit"] == unit]
    return mine + [row for row in found if row["above"] == unit and not row["own"]]


def in_order(codes: Iterable[str]) -> list[str]:
    """Return codes of figures as tables have them; canonical JSON sorts them by letters."""
    return sorted(codes, key=lambda code: (_PLACES.get(code, len(_PLACES)), code))


def mark(row: Row) -> str:
    """Return a mark of a row's figures: equal if nothing was counted, and nothing came to wait, in between."""
    return digest(canonical({code: [cell[COUNTED], cell[WAITING]] for code, cell in row["cells"].items()}))[:MARK]


def differences(before: Sequence[Row], after: Sequence[Row], mode: int) -> list[Difference]:
    """What differs, in the order of the rows, units that are gone last."""
    old, new = ({(row["unit"], row["own"]): row for row in each} for each in (before, after))
    found: list[Difference] = []
    for key in (*new, *(key for key in old if key not in new)):
        was, now = old.get(key), new.get(key)
        either = now or was or {}
        codes = {code for row in (was, now) if row for code in row["cells"]}
        for code in in_order(codes):
            pair = [each["cells"].get(code, [None] * 5)[mode] if each else None for each in (was, now)]
            if pair[0] != pair[1]:
                found.append(Difference(key[0], either["name"], key[1], code, *pair))
    return found
