"""Totals without evidence in a report: a column of their own, signs, and, if the signatory wants it, in the amounts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from server.services.figures.table import ABOVE_SIGN, Cell, FigureRow
from server.services.reports.content import ReportColumn
from server.services.reports.numbers import Printed, dotted
from server.services.reports.words import LANG, text
from sync.registry import Figure

COLUMN = ".unsupported"
"""After a figure's code: its column without evidence."""
NIL = "KPS"


def cell_text(cell: Cell) -> str:
    """The text of the column without evidence; empty if there is nothing."""
    if cell.unsupported:
        return Printed(cell.unsupported, cell.signs)
    return NIL + ABOVE_SIGN if cell.nil_above else ""


def column(figure: Figure, *, stands_in: bool) -> ReportColumn:
    """The column after a figure's own."""
    key = "unsupported_within" if stands_in else "unsupported_column"
    return ReportColumn(figure.code + COLUMN, text(key, label=figure.label[LANG]), figure.unit[LANG])


def sentence(figures: Iterable[Figure], total: FigureRow, *, stands_in: bool) -> str:
    """The figures without evidence in one sentence; empty if there are none."""
    said = [
        text("unsupported_figure", label=figure.label[LANG], n=dotted(cell.unsupported), unit=figure.unit[LANG])
        for figure in figures
        if (cell := total.cells[figure.code]).unsupported
    ]
    return text("unsupported_in" if stands_in else "unsupported_apart", figures="; ".join(said)) if said else ""


def unconfirmed(rows: Iterable[FigureRow]) -> list[FigureRow]:
    """The units of which the level above has stated something that they have not confirmed."""
    return [row for row in rows if any(cell.unconfirmed or cell.nil_above for cell in row.cells.values())]


def notes(figures: Sequence[Figure], total: FigureRow) -> tuple[str, ...]:
    """The notes below a table: what the signs mean, and by which rule records replace a total."""
    shown = any(total.cells[figure.code].has_total for figure in figures)
    return (text("signs_unsupported"), text("rule_unsupported")) if shown else ()
