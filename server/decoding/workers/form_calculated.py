"""Values beside the formulas of a filled Excel form: sums, products and differences over cells of the same sheet.

openpyxl writes formulas without values, and whoever reads the file without computing it (a preview on a phone, a
program) sees nothing. What cannot be computed here is left to Excel, which computes the whole file when it opens it.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from decimal import Decimal, DivisionByZero, InvalidOperation
from typing import Any, BinaryIO, Final

from docx.opc.oxml import serialize_part_xml
from docx.oxml.parser import parse_xml
from openpyxl.formula.tokenizer import Token, Tokenizer
from openpyxl.utils import range_boundaries
from openpyxl.utils.cell import coordinate_to_tuple

_NS: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_DEPTH: Final = 50
MOST_CELLS: Final = 100_000
"""Most cells of one area."""
CellValues = Mapping[tuple[int, int], Any]


class NotComputedError(Exception):
    """The formula needs more than this file knows."""


def add(file: BinaryIO, target: BinaryIO) -> None:
    """Write the workbook anew, with a value beside each formula that can be computed."""
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            content = old.read(member)
            if member.filename.startswith("xl/worksheets/sheet"):
                content = _with_values(content)
            new.writestr(member, content)


def _with_values(content: bytes) -> bytes:
    tree = parse_xml(content)  # it resolves no entities
    cells: dict[tuple[int, int], Any] = {}
    formulas: dict[tuple[int, int], Any] = {}
    for cell in tree.iter(f"{_NS}c"):
        place = coordinate_to_tuple(cell.get("r"))
        formula, value = cell.find(f"{_NS}f"), cell.find(f"{_NS}v")
        if formula is not None and formula.text and not formula.get("t"):
            formulas[place] = cell
            cells[place] = f"={formula.text}"
        elif value is not None and value.text and cell.get("t", "n") == "n":
            cells[place] = Decimal(value.text)
    for place, cell in formulas.items():
        try:
            computed = _cell(cells, place, 0)
        except (NotComputedError, InvalidOperation, DivisionByZero):
            continue
        value = cell.find(f"{_NS}v")
        if value is None:
            value = cell.makeelement(f"{_NS}v", {})
            cell.append(value)
        cell.attrib.pop("t", None)
        value.text = format(computed.normalize(), "f")
    return bytes(serialize_part_xml(tree))


def _cell(cells: CellValues, place: tuple[int, int], depth: int) -> Decimal:
    found = cells.get(place, Decimal(0))
    if isinstance(found, Decimal):
        return found
    if depth > _DEPTH:
        raise NotComputedError(place)
    return _FormulaReader(cells, found, depth + 1).whole()


class _FormulaReader:
    """Reads one formula: numbers, cells, + - * /, brackets, SUM."""

    def __init__(self, cells: CellValues, text: str, depth: int) -> None:
        self._cells, self._depth = cells, depth
        self._left = [token for token in Tokenizer(text).items if token.type != Token.WSPACE]

    def whole(self) -> Decimal:
        made = self._sum()
        if self._left:
            raise NotComputedError
        return made

    def _next(self, *kinds: tuple[str, str]) -> Token | None:
        """Take the next token if it is of one of these (type, value)."""
        if self._left and any(
            self._left[0].type == type_ and (not value or self._left[0].value.upper() == value)
            for type_, value in kinds
        ):
            found: Token = self._left.pop(0)
            return found
        return None

    def _sum(self) -> Decimal:
        made = self._product()
        while (sign := self._next((Token.OP_IN, "+"), (Token.OP_IN, "-"))) is not None:
            other = self._product()
            made = made + other if sign.value == "+" else made - other
        return made

    def _product(self) -> Decimal:
        made = self._one()
        while (sign := self._next((Token.OP_IN, "*"), (Token.OP_IN, "/"))) is not None:
            other = self._one()
            made = made * other if sign.value == "*" else made / other
        return made

    def _one(self) -> Decimal:
        if (sign := self._next((Token.OP_PRE, "-"), (Token.OP_PRE, "+"))) is not None:
            return -self._one() if sign.value == "-" else self._one()
        if self._next((Token.PAREN, "(")):
            made = self._sum()
            if not self._next((Token.PAREN, ")")):
                raise NotComputedError
            return made
        if self._next((Token.FUNC, "SUM(")):
            return self._arguments()
        token = self._next((Token.OPERAND, ""))
        if token is None:
            raise NotComputedError
        if token.subtype == Token.NUMBER:
            return Decimal(token.value)
        found = self._area(token)
        if len(found) != 1:
            raise NotComputedError
        return found[0]

    def _arguments(self) -> Decimal:
        made = Decimal(0)
        while True:
            token = self._next((Token.OPERAND, ""))
            if token is None:
                raise NotComputedError
            made += Decimal(token.value) if token.subtype == Token.NUMBER else sum(self._area(token), Decimal(0))
            if self._next((Token.FUNC, ")")):
                return made
            if not self._next((Token.SEP, ",")):
                raise NotComputedError

    def _area(self, token: Token) -> list[Decimal]:
        if token.subtype != Token.RANGE or "!" in token.value:
            raise NotComputedError
        try:
            left, top, right, bottom = range_boundaries(token.value.replace("$", ""))
        except ValueError as error:
            raise NotComputedError from error
        if left is None or top is None or right is None or bottom is None:  # whole rows or columns
            raise NotComputedError
        if (bottom - top + 1) * (right - left + 1) > MOST_CELLS:
            raise NotComputedError
        places = [(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]
        return [_cell(self._cells, place, self._depth) for place in places]
