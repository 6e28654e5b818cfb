"""The tables of an annex: units as lines, figures as columns, as many per table as fit across a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from server.services.figures.matrix import Cell, MatrixRow
from server.services.reports.content import BELOW, OWN, TOTAL, UNIT, ReportColumn, ReportLine, ReportTable
from server.services.reports.gather import Gathered
from server.services.reports.numbers import dotted, roman
from server.services.reports.prose import amount
from server.services.reports.with_waiting import MARKED
from server.services.reports.words import LANG, Part, level, text
from sync.registry import Figure

MOST_COLUMNS = 13
UNREPORTED, NIL, WAITS = "–", "KPS", "*"
Entry = tuple[str, str, str, MatrixRow]
"""(role, index, name, row of figures)."""


def shown(parts: Iterable[Part], total: MatrixRow) -> list[Part]:
    """The parts, with only the figures that somebody reported."""
    found = [
        Part(part.code, part.title, tuple(each for each in part.figures if not total.cells[each.code].is_unreported))
        for part in parts
    ]
    return [part for part in found if part.figures]


def grids(parts: Sequence[Part], entries: Sequence[Entry], hotline: str) -> tuple[ReportTable, ...]:
    """One table after the other; a part is not split if its columns fit one page."""
    return tuple(_grid(group, entries, hotline) for group in _fitted(parts))


def _fitted(parts: Iterable[Part]) -> Iterator[list[Part]]:
    page: list[Part] = []
    for part in parts:
        for start in range(0, len(part.figures), MOST_COLUMNS):
            piece = Part(part.code, part.title, part.figures[start : start + MOST_COLUMNS])
            if page and sum(len(each.figures) for each in page) + len(piece.figures) > MOST_COLUMNS:
                yield page
                page = []
            page.append(piece)
    if page:
        yield page


def _grid(parts: Sequence[Part], entries: Sequence[Entry], hotline: str) -> ReportTable:
    groups = tuple((part.title.format(hotline=hotline), tuple(map(_column, part.figures))) for part in parts)
    figures = [figure for part in parts for figure in part.figures]
    lines = tuple(
        ReportLine(role, index, name, tuple(cell_text(row.cells[figure.code]) for figure in figures), row.silent)
        for role, index, name, row in entries
    )
    return ReportTable(groups, lines)


def _column(figure: Figure) -> ReportColumn:
    return ReportColumn(figure.code, figure.label[LANG], figure.unit[LANG])


def cell_text(cell: Cell) -> str:
    """A figure as table text: silence is not shown as zero, and "nothing to report" is shown as such."""
    if cell.is_unreported:
        return UNREPORTED
    return NIL if cell.is_nil else dotted(amount(cell)) + (WAITS if cell.amounts.get(MARKED) else "")


def flat(found: Gathered) -> list[Entry]:
    """The unit's total, its own activities, then the units right below."""
    if not found.children:
        return [(TOTAL, "", found.table.unit.name, found.table.own)]
    lines = [(UNIT, str(number), row.unit.name, row) for number, row in enumerate(found.children, 1)]
    return [(TOTAL, "", text("total"), found.table.total), *_own(found), *lines]


def deep(found: Gathered) -> list[Entry]:
    """The total, then each unit followed by those below it."""
    lines: list[Entry] = [(TOTAL, "", text("total"), found.table.total), *_own(found)]
    for number, row in enumerate(found.children, 1):
        lines.append((UNIT, roman(number), row.unit.name, row))
        if row.unit.id in found.below:
            lines += _inner(found.below[row.unit.id])
    return lines


def _inner(found: Gathered) -> Iterator[Entry]:
    yield from _own(found)
    for number, row in enumerate(found.children, 1):
        yield BELOW, str(number), row.unit.name, row
        if row.unit.id in found.below:
            yield from _inner(found.below[row.unit.id])


def _own(found: Gathered) -> Iterator[Entry]:
    """The unit's own activities; a line of their own only if there are any."""
    table = found.table
    if not table.own.silent:
        name = level(table.unit.level)
        yield OWN, "", text("own", level=name) if name else text("own_bare"), table.own
