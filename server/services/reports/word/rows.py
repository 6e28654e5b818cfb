"""Rows of a large table, kept as text until the file is written.

A row of 15 cells is 100 nodes of a tree: 10,600 units would take a gigabyte. So the tree gets one empty row as a mark,
and steady.py puts the text of the rows in its place, in the archive. All that comes from people is escaped here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

from docx.shared import Length

from server.services.reports.word.oxml import element


@dataclass(frozen=True, slots=True)
class RawCell:
    """A cell: its text, the id of its paragraph style, its width, how many columns it spans."""

    text: str
    style: str
    width: Length
    span: int = 1


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row. `keep`: on one page with the next row. `head`: repeated at the top of each page."""

    cells: tuple[RawCell, ...]
    bold: bool = False
    italic: bool = False
    keep: bool = False
    head: bool = False


class RawRows:
    """The rows of one document."""

    def __init__(self) -> None:
        self._texts: dict[bytes, bytes] = {}

    def put(self, table: Any, rows: Iterable[RawRow]) -> None:
        """Append these rows to a table (its XML element)."""
        mark = f"{len(self._texts) + 1:08X}"  # a revision id: eight hex digits
        table.append(element("tr", rsidR=mark))
        self._texts[f'<w:tr w:rsidR="{mark}"/>'.encode()] = "".join(map(_row, rows)).encode()

    def filled(self, xml: bytes) -> bytes:
        """Return the document's XML with all rows in their places."""
        for mark, rows in self._texts.items():
            before, found, after = xml.partition(mark)
            if not found:
                raise ValueError(mark)
            xml = before + rows + after
        return xml


def _row(row: RawRow) -> str:
    head = "<w:tblHeader/>" if row.head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{head}</w:trPr>{''.join(_cell(cell, row) for cell in row.cells)}</w:tr>"


def _cell(cell: RawCell, row: RawRow) -> str:
    span = f'<w:gridSpan w:val="{cell.span}"/>' if cell.span > 1 else ""
    keep = "<w:keepNext/>" if row.keep else ""
    middle = '<w:jc w:val="center"/>' if row.head else ""
    looks = ("<w:b/>" if row.bold else "") + ("<w:i/>" if row.italic else "")
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{cell.width.twips}" w:type="dxa"/>{span}</w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{cell.style}"/>{keep}{middle}</w:pPr><w:r><w:rPr>{looks}</w:rPr>'
        f'<w:t xml:space="preserve">{escape(cell.text, quote=False)}</w:t></w:r></w:p></w:tc>'
    )
