"""The tables of figures in a report, with totals without evidence, and how each figure is counted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from server.services.figures.table import ABOVE_SIGN, Answer, Cell, Counting, FigureRow, FigureTable
from server.services.letters.citing import official_day
from server.services.reports.content import (
    BELOW,
    OWN,
    TOTAL,
    UNIT,
    ListColumn,
    ListTable,
    ReportColumn,
    ReportLine,
    ReportTable,
    list_columns,
)
from server.services.reports.letterheads import within
from server.services.reports.words import LANG, Part, Printed, about, dotted, level, roman, small, text
from sync.registry import Figure

UNSUPPORTED = ".unsupported"
"""After a figure's code: its column without evidence."""
UNREPORTED, NIL, WAITS = "–", "KPS", "*"


def unsupported_text(cell: Cell) -> str:
    """The text of the column without evidence; empty if there is nothing."""
    if cell.unsupported:
        return Printed(cell.unsupported, cell.signs)
    return NIL + ABOVE_SIGN if cell.nil_above else ""


def unsupported_column(figure: Figure, *, stands_in: bool) -> ReportColumn:
    """The column after a figure's own."""
    key = "unsupported_within" if stands_in else "unsupported_column"
    return ReportColumn(figure.code + UNSUPPORTED, text(key, label=figure.label[LANG]), figure.unit[LANG])


def unsupported_sentence(figures: Iterable[Figure], total: FigureRow, *, stands_in: bool) -> str:
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


def unsupported_notes(figures: Sequence[Figure], total: FigureRow) -> tuple[str, ...]:
    """The notes below a table: what the signs mean, and by which rule records replace a total."""
    shown = any(total.cells[figure.code].has_total for figure in figures)
    return (text("signs_unsupported"), text("rule_unsupported")) if shown else ()


# The tables of an annex: units as lines, figures as columns, as many per table as fit across a page.
MOST_COLUMNS = 14
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


def stood_for(table: FigureTable) -> tuple[str, ...]:
    """The note that says in whose figures those of merged units are; none where no unit was merged."""
    found = []
    for row in table.rows:
        if row.unit.stands_for and not row.own:
            names = [
                text("stood_for_since", unit=within(name), day=official_day(on)) if on else within(name)
                for name, on in row.unit.stands_for
            ]
            found.append(text("stood_for_unit", unit=within(row.unit.name), names=", ".join(names)))
    return (text("stood_for", units="; ".join(found)),) if found else ()


def grids(parts: Sequence[Part], entries: Sequence[Entry], hotline: str, counts: Counting) -> tuple[ReportTable, ...]:
    """One table after the other; a part is not split if its columns fit one page.

    A figure with totals without evidence has a second column for them.
    """
    double = {code for *_, row in entries for code, cell in row.cells.items() if cell.has_total}
    return tuple(_grid(group, entries, hotline, double, counts) for group in _fitted(parts, double))


def with_silent(grid: ReportTable, entries: Sequence[Entry], table: FigureTable) -> ReportTable:
    """Copy a table of these entries whose lines of silent units say how many of the lowest units are silent there."""
    lines = (
        replace(line, units=_silent_in(table, row.unit.id)) if line.silent and line.role == UNIT else line
        for line, (*_, row) in zip(grid.lines, entries, strict=True)
    )
    return replace(grid, lines=tuple(lines))


def _silent_in(table: FigureTable, unit_id: str) -> int:
    part = table.part(unit_id)
    return sum(row.silent for _, row in part.leaves()) if part else 0


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
            yield ReportColumn(figure.code, figure.label[LANG], figure.unit[LANG])
            if figure.code in double:
                yield unsupported_column(figure, stands_in=counts.stands_in)

    def texts(row: FigureRow) -> Iterator[str]:
        for figure in (figure for part in parts for figure in part.figures):
            yield cell_text(row.cells[figure.code], counts)
            if figure.code in double:
                yield unsupported_text(row.cells[figure.code])

    groups = tuple((about(part.title, hotline), tuple(heads(part.figures))) for part in parts)
    lines = tuple(ReportLine(role, index, name, tuple(texts(row)), row.silent) for role, index, name, row in entries)
    return ReportTable(groups, lines)


def cell_text(cell: Cell, counts: Counting) -> str:
    """A figure as table text: silence is not shown as zero, and "nothing to report" is shown as such."""
    said, has_sign = cell.answer, counts.has_sign(cell)
    if said is Answer.UNREPORTED and not has_sign:
        return UNREPORTED
    if said is Answer.NIL:
        return NIL
    sign = cell.signs if has_sign else ""
    return Printed(counts.amount(cell), (WAITS if counts.is_marked(cell) else "") + sign)


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


# A unit without units below: a line for each figure, STT / Nội dung / ĐVT / Kết quả / Cùng kỳ / Ghi chú.
_WIDTHS: Final = (12, 68, 22, 22, 22, 14)
_KEYS: Final = ("index", "content", "unit", "result", "earlier", "note")
_NUMBERS: Final = ("result", "earlier")


def single_unit(
    parts: Sequence[Part],
    row: FigureRow,
    earlier: Mapping[str, int],
    hotline: str,
    counts: Counting,
    notes: Mapping[str, str] | None = None,
) -> ListTable:
    """Return it: the title of each part, then its figures. `earlier`: amounts of the previous period.

    `notes`: by figure, what the last column says beside the signs.
    """
    columns = tuple(
        ListColumn(text(f"table_{key}"), width, key in _NUMBERS) for key, width in zip(_KEYS, _WIDTHS, strict=True)
    )
    return ListTable("", columns, tuple(_single_lines(parts, row, earlier, hotline, counts, notes or {})), upright=True)


def _single_lines(
    parts: Sequence[Part],
    row: FigureRow,
    earlier: Mapping[str, int],
    hotline: str,
    counts: Counting,
    notes: Mapping[str, str],
) -> Iterator[tuple[str, ...]]:
    for place, part in enumerate(parts, 1):
        yield roman(place), about(part.title, hotline), "", "", "", ""
        for number, figure in enumerate(part.figures, 1):
            cell = row.cells[figure.code]
            said, apart = cell_text(cell, counts), unsupported_text(cell)
            before = dotted(earlier[figure.code]) if figure.code in earlier else ""
            # The signs stay in the column of notes, so that the column of results holds numbers alone.
            result, sign = ("", said) if said in (UNREPORTED, NIL) else (said, "")
            without = text("note_unsupported", n=apart) if apart else ""
            note = "; ".join(filter(None, (sign, without, notes.get(figure.code, ""))))
            yield str(number), figure.label[LANG], figure.unit[LANG], result, before, note


# How each figure is counted: a line for each, below the table that has them.
_UPRIGHT: Final = (12, 38, 22, 88)
_ACROSS: Final = (12, 62, 26, 152)


def counting_rules(parts: Sequence[Part], *, upright: bool) -> tuple[ListTable, ...]:
    """Return a table of the rules of these figures; none without figures. `upright`: for a portrait page."""
    figures = [figure for part in parts for figure in part.figures]
    lines = tuple(
        (str(number), figure.label[LANG], figure.unit[LANG], figure.rule[LANG])
        for number, figure in enumerate(figures, 1)
    )
    heads = [text(key) for key in ("table_index", "figure", "table_unit", "rule")]
    columns = list_columns(heads, _UPRIGHT if upright else _ACROSS)
    return (ListTable(text("rules"), columns, lines, upright=upright),) if lines else ()
