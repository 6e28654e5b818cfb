"""The tables of an annex: units as lines, figures as columns, as many per table as fit across a page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from server.services.figures.table import Cell, Counting, FigureRow, FigureTable
from server.services.reports import unsupported
from server.services.reports.content import BELOW, OWN, TOTAL, UNIT, ReportColumn, ReportLine, ReportTable
from server.services.reports.numbers import Printed, dotted, roman
from server.services.reports.prose import small
from server.services.reports.words import LANG, Part, about, level, text
from sync.registry import Figure

MOST_COLUMNS = 13
UNREPORTED, NIL, WAITS = "–", "KPS", "*"
Entry = tuple[str, str, str, FigureRow]
"""(role, index, name, row of figures)."""


def shown(parts: Iterable[Part], total: FigureRow) -> list[Part]:
    """The parts, with only the figures that somebody reported or stated."""
    found = [
        Part(part.code, part.title, tuple(each for each in part.figures if total.cells[each.code].is_said))
        for part in parts
    ]
    return [part for part in found if part.figures]


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


def grids(parts: Sequence[Part], entries: Sequence[Entry], hotline: str, counts: Counting) -> tuple[ReportTable, ...]:
    """One table after the other; a part is not split if its columns fit one page.

    A figure with totals without evidence has a second column for them.
    """
    double = {code for *_, row in entries for code, cell in row.cells.items() if cell.has_total}
    return tuple(_grid(group, entries, hotline, double, counts) for group in _fitted(parts, double))


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
    parts: Sequence[Part], entries: Sequence[Entry], hotline: str, double: Collection[str], counts: Counting
) -> ReportTable:
    def heads(figures: Iterable[Figure]) -> Iterator[ReportColumn]:
        for figure in figures:
            yield _column(figure)
            if figure.code in double:
                yield unsupported.column(figure, stands_in=counts.stands_in)

    def texts(row: FigureRow) -> Iterator[str]:
        for figure in (figure for part in parts for figure in part.figures):
            yield cell_text(row.cells[figure.code], counts)
            if figure.code in double:
                yield unsupported.cell_text(row.cells[figure.code])

    groups = tuple((about(part.title, hotline), tuple(heads(part.figures))) for part in parts)
    lines = tuple(ReportLine(role, index, name, tuple(texts(row)), row.silent) for role, index, name, row in entries)
    return ReportTable(groups, lines)


def _column(figure: Figure) -> ReportColumn:
    return ReportColumn(figure.code, figure.label[LANG], figure.unit[LANG])


def cell_text(cell: Cell, counts: Counting) -> str:
    """A figure as table text: silence is not shown as zero, and "nothing to report" is shown as such."""
    said = counts.shown(cell)
    if said is None:
        return UNREPORTED
    sign = cell.signs if counts.has_sign(cell) else ""
    return NIL if cell.is_nil else Printed(said, (WAITS if counts.is_marked(cell) else "") + sign)


def flat(table: FigureTable) -> list[Entry]:
    """The unit's total, its own activities, then the units right below."""
    if table.alone:
        return [(TOTAL, "", table.unit.name, table.own)]
    lines = [(UNIT, str(number), row.unit.name, row) for number, row in enumerate(table.children, 1)]
    return [(TOTAL, "", text("total"), table.total), *_own(table, table.unit.id), *lines]


def deep(table: FigureTable) -> list[Entry]:
    """The total, then each unit followed by those below it."""
    lines: list[Entry] = [(TOTAL, "", text("total"), table.total), *_own(table, table.unit.id)]
    for number, row in enumerate(table.children, 1):
        lines.append((UNIT, roman(number), row.unit.name, row))
        lines += _inner(table, row.unit.id)
    return lines


def _inner(table: FigureTable, unit_id: str) -> Iterator[Entry]:
    yield from _own(table, unit_id)
    for number, row in enumerate(table.below(unit_id), 1):
        yield BELOW, str(number), row.unit.name, row
        yield from _inner(table, row.unit.id)


def _own(table: FigureTable, unit_id: str) -> Iterator[Entry]:
    """The unit's own activities; a line of their own only if there are any."""
    row = table.alone_of(unit_id)
    if row is not None and not row.silent:
        name = level(row.unit.level)
        yield OWN, "", text("own", level=name) if name else text("own_bare"), row
