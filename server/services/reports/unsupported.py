"""Totals without evidence in a report: a column of their own, signs, and, if the signatory wants it, in the amounts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from server.services.figures.matrix import Cell, MatrixRow
from server.services.reports.content import ReportColumn
from server.services.reports.gather import Gathered
from server.services.reports.numbers import dotted
from server.services.reports.prose import COUNTED, amount
from server.services.reports.words import LANG, text
from sync.registry import Figure

STANDS_IN = "stands_in"
"""The key beside a cell's amounts: 1 if they contain what is without evidence."""
OWN, ABOVE = "†", "‡"
"""The unit's own total; one of the level above, which the unit has not confirmed."""
COLUMN = ".unsupported"
"""After a figure's code: its column without evidence."""
NIL = "KPS"


def standing_in(found: Gathered) -> Gathered:
    """Copy the tables with what is without evidence added to the amounts, marked."""
    table = found.table
    below = {unit: standing_in(each) for unit, each in found.below.items()}
    return Gathered(replace(table, total=_row(table.total), rows=[_row(row) for row in table.rows]), below)


def _row(row: MatrixRow) -> MatrixRow:
    return replace(row, cells={code: _cell(cell) for code, cell in row.cells.items()})


def _cell(cell: Cell) -> Cell:
    if not cell.unsupported:
        return cell
    return replace(cell, amounts=cell.amounts | {COUNTED: amount(cell) + cell.unsupported, STANDS_IN: 1})


def signs(own: int, above: int) -> str:
    """Return the signs of an amount without evidence, made of the units' own and of the level above's."""
    return (OWN if own else "") + (ABOVE if above else "")


def sign(cell: Cell) -> str:
    """Return the signs of a cell whose amount contains what is without evidence; else an empty text."""
    return _signs(cell) if cell.amounts.get(STANDS_IN) else ""


def _signs(cell: Cell) -> str:
    return signs(cell.unsupported - cell.unconfirmed, cell.unconfirmed)


def cell_text(cell: Cell) -> str:
    """The text of the column without evidence; empty if there is nothing."""
    if cell.unsupported:
        return dotted(cell.unsupported) + _signs(cell)
    return NIL + ABOVE if cell.nil_above else ""


def column(figure: Figure, *, stands_in: bool) -> ReportColumn:
    """The column after a figure's own."""
    key = "unsupported_within" if stands_in else "unsupported_column"
    return ReportColumn(figure.code + COLUMN, text(key, label=figure.label[LANG]), figure.unit[LANG])


def sentence(figures: Iterable[Figure], total: MatrixRow, *, stands_in: bool) -> str:
    """The figures without evidence in one sentence; empty if there are none."""
    said = [
        text("unsupported_figure", label=figure.label[LANG], n=dotted(cell.unsupported), unit=figure.unit[LANG])
        for figure in figures
        if (cell := total.cells[figure.code]).unsupported
    ]
    return text("unsupported_in" if stands_in else "unsupported_apart", figures="; ".join(said)) if said else ""


def unconfirmed(rows: Iterable[MatrixRow]) -> list[MatrixRow]:
    """The units of which the level above has stated something that they have not confirmed."""
    return [row for row in rows if any(cell.unconfirmed or cell.nil_above for cell in row.cells.values())]


def notes(figures: Sequence[Figure], total: MatrixRow) -> tuple[str, ...]:
    """The notes below a table: what the signs mean, and by which rule records replace a total."""
    shown = any(total.cells[figure.code].has_total for figure in figures)
    return (text("signs_unsupported"), text("rule_unsupported")) if shown else ()
