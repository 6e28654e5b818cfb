"""Fill an Excel form: the row with {{don_vi}} is repeated for each unit, formulas are kept and follow the rows.

A formula below that names the row, like SUM(C7:C7), then names all rows made of it. A formula in the row names its own
row in each. Excel and LibreOffice compute the file anew when it is opened; sums, products and differences that can be
computed here have their values in the file, too (form_calculated.py).
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from copy import copy
from typing import Any, BinaryIO, Final

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.formula.tokenizer import Token, Tokenizer, TokenizerError
from openpyxl.utils import range_boundaries
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from server.decoding.limits import Unfit

Value = int | float | str

TAG: Final = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
MOST_ROWS: Final = 1_000
"""Most rows and columns that a form may use: it is a sheet to print, not a database."""
MOST_COLUMNS: Final = 200
_ROW_TAG: Final = "don_vi"
_REFERENCE: Final = re.compile(r"(\$?)([A-Z]{1,3})(\$?)(\d+)")
_OUTSIDE: Final = re.compile(
    r"\[|\||https?:|\\\\|\b(WEBSERVICE|HYPERLINK|FILTERXML|RTD|DDE|CALL|REGISTER\.ID|EXEC|IMAGE|INDIRECT)\s*\(",
    re.IGNORECASE,
)
"""A formula that reads another file, a program or the network, or hides what it reads."""


def check(file: BinaryIO, known: Container[str]) -> None:
    """Raise Unfit for a form that cannot be filled: it names the cell. `known`: the placeholders that there are."""
    _row_of(_checked(_opened(file), known))


def fill(
    file: BinaryIO,
    target: BinaryIO,
    known: Container[str],
    rows: Sequence[Mapping[str, Value]],
    head: Mapping[str, Value],
) -> None:
    """Fill a form that was checked. Raises Unfit as `check` does."""
    book = _opened(file)
    _checked(book, known)
    page, row = _row_of(book)
    count = max(1, len(rows))
    _repeat(page, row, count)
    for sheet in book.worksheets:
        _move_formulas(sheet, page.title, row, count)
    for place, mine in enumerate(rows):
        for cell in page[row + place]:
            _put(cell, {**head, **mine})
    for sheet in book.worksheets:
        for cell in _cells(sheet):
            _put(cell, head)
    for name in list(book.defined_names):
        book.defined_names[name].attr_text = _moved(
            f"={book.defined_names[name].attr_text}", "", page.title, row, count
        )[1:]
    _printed(page, row, count)
    if book.calculation is not None:
        book.calculation.fullCalcOnLoad = True
    book.save(target)


def _opened(file: BinaryIO) -> Workbook:
    try:
        return load_workbook(file, keep_links=False)
    except MemoryError:
        raise
    except Exception as error:  # whatever the library makes of a damaged file
        raise Unfit("form_unknown") from error


def _cells(page: Worksheet) -> Iterator[Cell]:
    for row in page.iter_rows():
        yield from (cell for cell in row if isinstance(cell, Cell) and cell.value is not None)


def _at(cell: Cell) -> str:
    return f"{cell.parent.title}!{cell.coordinate}"


def _checked(book: Workbook, known: Container[str]) -> Workbook:
    for page in book.worksheets:
        if page.max_row > MOST_ROWS or page.max_column > MOST_COLUMNS:
            raise Unfit("form_too_complex", page.title)
        for cell in _cells(page):
            text = _formula(cell)
            if text is not None:
                if _OUTSIDE.search(text):
                    raise Unfit("form_outside", _at(cell))
                _tokens(text, cell)
                if TAG.search(text):
                    raise Unfit("form_tag_in_formula", _at(cell))
            elif isinstance(cell.value, str):
                _check_tags(cell, cell.value, known)
    for name in book.defined_names.values():
        if _OUTSIDE.search(name.attr_text or ""):
            raise Unfit("form_outside", str(name.name))
    return book


def _check_tags(cell: Cell, said: str, known: Container[str]) -> None:
    if said.count("{{") != said.count("}}"):
        raise Unfit("form_tag_open", f"{_at(cell)}: {said[:60]}")
    for tag in TAG.findall(said):
        if tag not in known:
            raise Unfit("form_tag", f"{_at(cell)}: {{{{{tag}}}}}")


def _formula(cell: Cell) -> str | None:
    """Return the text of a cell's formula. Raises Unfit for one that fills several cells."""
    if cell.data_type != "f":
        return None
    if not isinstance(cell.value, str):
        raise Unfit("form_formula", _at(cell))
    return cell.value


def _tokens(text: str, cell: Cell) -> list[Token]:
    try:
        found: list[Token] = Tokenizer(text).items
    except TokenizerError as error:
        raise Unfit("form_formula", _at(cell)) from error
    return found


def _row_of(book: Workbook) -> tuple[Worksheet, int]:
    """Return the sheet and the number of the row to repeat. Raises Unfit if there is none, or more than one."""
    places = {
        (page.title, cell.row)
        for page in book.worksheets
        for cell in _cells(page)
        if isinstance(cell.value, str) and _ROW_TAG in TAG.findall(cell.value)
    }
    if not places:
        raise Unfit("form_no_row")
    if len(places) > 1:
        raise Unfit("form_two_rows", ", ".join(f"{title}!{row}" for title, row in sorted(places)))
    title, row = places.pop()
    page = book[title]
    for merged in page.merged_cells.ranges:
        if merged.min_row <= row <= merged.max_row and merged.min_row != merged.max_row:
            raise Unfit("form_merged", f"{title}!{merged.coord}")
    return page, row


def _repeat(page: Worksheet, row: int, count: int) -> None:
    """Make room below the row, and copy its cells with their looks; what merges cells below moves along."""
    more = count - 1
    if not more:
        return
    merged = [copy(each) for each in page.merged_cells.ranges]
    for area in merged:
        page.unmerge_cells(area.coord)
    heights = {at: each.height for at, each in page.row_dimensions.items() if each.height}
    page.insert_rows(row + 1, more)
    for at, height in heights.items():
        page.row_dimensions[at + more if at > row else at].height = height
    for at in range(row + 1, row + count):
        page.row_dimensions[at].height = heights.get(row)
        _copy_row(page, row, at)
    for area in merged:
        area.shift(0, more if area.min_row > row else 0)
        page.merge_cells(area.coord)
        for _ in range(more if area.min_row == row else 0):
            area.shift(0, 1)
            page.merge_cells(area.coord)


def _copy_row(page: Worksheet, row: int, at: int) -> None:
    for source in page[row]:
        if isinstance(source, MergedCell):
            continue
        target = page.cell(at, source.column)
        target.value = source.value
        target.data_type = source.data_type  # a text that begins with = stays one
        if source.has_style:
            _copy_look(source, target)


def _copy_look(source: Any, target: Any) -> None:
    target._style = copy(source._style)  # noqa: SLF001  # the library's own way


def _move_formulas(page: Worksheet, title: str, row: int, count: int) -> None:
    for cell in _cells(page):
        text = _formula(cell)
        if text is None:
            continue
        own = cell.row - row if page.title == title and row <= cell.row < row + count else None
        cell.value = _moved(text, page.title, title, row, count, own)


def _moved(text: str, here: str, title: str, row: int, count: int, own: int | None = None) -> str:
    """Return a formula with its references to the sheet `title` moved. `own`: which copy of the row it stands in."""
    made = "="
    for token in Tokenizer(text).items:
        said = token.value
        if token.type == Token.OPERAND and token.subtype == Token.RANGE:
            sheet, mark, area = said.rpartition("!")
            if (sheet.strip("'").replace("''", "'") or here) == title:
                said = f"{sheet}{mark}{_area(area, row, count, own)}"
        made += said
    return made


def _area(area: str, row: int, count: int, own: int | None) -> str:
    """Move the rows of an area: what is below the repeated row moves down, and an area with the row has all copies."""
    first, colon, last = area.partition(":")
    if not _REFERENCE.fullmatch(first) or (colon and not _REFERENCE.fullmatch(last)):
        return area  # a name, or whole columns or rows
    more = count - 1
    top, bottom = _line(first), _line(last or first)
    if own is not None and top == bottom == row:
        return colon.join(_shifted(each, own) for each in (first, last) if each)
    if top <= row <= bottom and (colon or own is None):
        if not colon:
            return first  # one cell of the row, named from elsewhere: that of the first unit
        return f"{first}:{_shifted(last, more)}"
    return colon.join(_shifted(each, more if _line(each) > row else 0) for each in (first, last) if each)


def _line(reference: str) -> int:
    found = _REFERENCE.fullmatch(reference)
    return int(found[4]) if found else 0


def _shifted(reference: str, rows: int) -> str:
    return _REFERENCE.sub(lambda found: f"{found[1]}{found[2]}{found[3]}{int(found[4]) + rows}", reference)


def _put(cell: Any, found: Mapping[str, Value]) -> None:
    """Put values in the place of tags. A text stays a text, whatever it begins with."""
    said = getattr(cell, "value", None)
    if not isinstance(said, str) or cell.data_type == "f" or not TAG.search(said):
        return
    whole = TAG.fullmatch(said.strip())
    if whole and whole[1] in found:
        cell.value = found[whole[1]]
    else:
        cell.value = TAG.sub(lambda tag: _text(found.get(tag[1], tag[0])), said)
    if isinstance(cell.value, str):
        cell.data_type = "s"
        cell.quotePrefix = cell.value[:1] in "=+-@"


def _text(value: Value) -> str:
    return str(value).replace(".", ",") if isinstance(value, float) else str(value)


def _printed(page: Worksheet, row: int, count: int) -> None:
    """Let the print area grow with the rows."""
    area = page.print_area
    if not area or "," in str(area):
        return
    left, top, right, bottom = range_boundaries(str(area).rpartition("!")[2].replace("$", ""))
    if left is None or top is None or right is None or bottom is None:
        return
    if top <= row <= bottom:
        first, last = page.cell(top, left).coordinate, page.cell(bottom + count - 1, right).coordinate
        page.print_area = f"{first}:{last}"
