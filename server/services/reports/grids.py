"""The tables of an annex: units as lines, figures as columns, as many per table as fit across a page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from server.services.figures.matrix import Cell, MatrixRow
from server.services.reports import unsupported
from server.services.reports.content import BELOW, OWN, TOTAL, UNIT, ReportColumn, ReportLine, ReportTable
from server.services.reports.gather import Gathered
from server.services.reports.numbers import dotted, roman
from server.services.reports.prose import amount, small
from server.services.reports.with_waiting import MARKED
from server.services.reports.words import LANG, Part, level, text
from sync.registry import Figure

MOST_COLUMNS = 13
UNREPORTED, NIL, WAITS = "–", "KPS", "*"
Entry = tuple[str, str, str, MatrixRow]
"""(role, index, name, row of figures)."""


def shown(parts: Iterable[Part], total: MatrixRow) -> list[Part]:
    """The parts, with only the figures that somebody reported or stated."""
    found = [
        Part(part.code, part.title, tuple(each for each in part.figures if _is_shown(total.cells[each.code])))
        for part in parts
    ]
    return [part for part in found if part.figures]


def _is_shown(cell: Cell) -> bool:
    return not cell.is_unreported or cell.has_total or cell.nil > 0


def nil_in_part(parts: Sequence[Part], entries: Sequence[Entry], lowest: str) -> tuple[str, ...]:
    """A note for each line in which only some units have nothing to report, as its dash does not say that.

    `lowest`: what the units at the end of the tree are called.
    """
    figures = [figure for part in parts for figure in part.figures]
    found = []
    for *_, name, row in entries:
        said = [
            text("nil_units", label=small(figure.label[LANG]), n=dotted(cell.nil), all=dotted(cell.units), level=lowest)
            for figure in figures
            if (cell := row.cells[figure.code]).is_nil_in_part
        ]
        if said:
            found.append(text("nil_in_part", name=name, figures="; ".join(said)))
    return tuple(found)


def grids(
    parts: Sequence[Part], entries: Sequence[Entry], hotline: str, *, stands_in: bool = False
) -> tuple[ReportTable, ...]:
    """One table after the other; a part is not split if its columns fit one page.

    A figure with totals without evidence has a second column for them. `stands_in`: the first one contains them.
    """
    double = {code for *_, row in entries for code, cell in row.cells.items() if cell.has_total}
    return tuple(_grid(group, entries, hotline, double, stands_in=stands_in) for group in _fitted(parts, double))


def _fitted(parts: Iterable[Part], double: Collection[str]) -> Iterator[list[Part]]:
    page: list[Part] = []
    room = MOST_COLUMNS
    for part in parts:
        for figures in _pieces(part.figures, double):
            width = _width(figures, double)
            if page and width > room:
                yield page
                page, room = [], MOST_COLUMNS
            page.append(Part(part.code, part.title, figures))
            room -= width
    if page:
        yield page


def _pieces(figures: Sequence[Figure], double: Collection[str]) -> Iterator[tuple[Figure, ...]]:
    """Cut a part that is wider than a page."""
    piece: list[Figure] = []
    for figure in figures:
        if _width([*piece, figure], double) > MOST_COLUMNS:
            yield tuple(piece)
            piece = []
        piece.append(figure)
    yield tuple(piece)


def _width(figures: Iterable[Figure], double: Collection[str]) -> int:
    return sum(1 + (figure.code in double) for figure in figures)


def _grid(
    parts: Sequence[Part], entries: Sequence[Entry], hotline: str, double: Collection[str], *, stands_in: bool
) -> ReportTable:
    def heads(figures: Iterable[Figure]) -> Iterator[ReportColumn]:
        for figure in figures:
            yield _column(figure)
            if figure.code in double:
                yield unsupported.column(figure, stands_in=stands_in)

    def texts(row: MatrixRow) -> Iterator[str]:
        for figure in (figure for part in parts for figure in part.figures):
            yield cell_text(row.cells[figure.code])
            if figure.code in double:
                yield unsupported.cell_text(row.cells[figure.code])

    groups = tuple((part.title.format(hotline=hotline), tuple(heads(part.figures))) for part in parts)
    lines = tuple(ReportLine(role, index, name, tuple(texts(row)), row.silent) for role, index, name, row in entries)
    return ReportTable(groups, lines)


def _column(figure: Figure) -> ReportColumn:
    return ReportColumn(figure.code, figure.label[LANG], figure.unit[LANG])


def cell_text(cell: Cell) -> str:
    """A figure as table text: silence is not shown as zero, and "nothing to report" is shown as such."""
    sign = unsupported.sign(cell) if cell.unsupported else ""
    if cell.is_unreported and not sign:
        return UNREPORTED
    return NIL if cell.is_nil else dotted(amount(cell)) + (WAITS if cell.amounts.get(MARKED) else "") + sign


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
