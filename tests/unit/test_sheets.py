"""The one writer of Excel files: no text becomes a formula or a link, and a cell is what its value is."""

from __future__ import annotations

import io
import re
from datetime import date, datetime
from pathlib import Path

import openpyxl

from server.core import sheets
from server.core.sheets import Sheets

SERVER = Path(__file__).parents[2] / "server"


def _fill(book: Sheets) -> None:
    page = book.page("Bảng [1]: " + "x" * 40, (6, 30))
    rows = [("=1+1", 5, 1.5, date(2021, 7, 5), datetime(2021, 7, 5, 8, 30), None, 10**15)]  # noqa: DTZ001  # a cell has no zone
    assert book.table(page, 0, ["Chữ"], rows, book.look(bold=True)) == 1
    page.write(3, 0, "=1+1")
    page.write(4, 0, "https://example.org")


def test_cells_are_what_their_values_are(tmp_path: Path) -> None:
    with sheets.written(tmp_path / "a.xlsx", by_row=False) as book:
        _fill(book)
    for data in (sheets.made(_fill), (tmp_path / "a.xlsx").read_bytes()):
        [page] = openpyxl.load_workbook(io.BytesIO(data)).worksheets
        assert page.title == ("Bảng  1   " + "x" * 40)[:31]
        assert [cell.data_type for cell in page[2]] == ["s", "n", "n", "d", "d", "n", "s"]
        assert page["A2"].value == page["A4"].value == "=1+1"
        assert page["A4"].data_type == "s"
        assert page["A5"].hyperlink is None
        assert page.freeze_panes == "A2"
        assert page.column_dimensions["B"].width > 29


def test_a_sum_has_ranges_and_never_too_many() -> None:
    assert sheets.sum_of([1, 2, 3, 7], 2) == "=SUM(C2:C4,C8)"
    long = sheets.sum_of(range(0, 1000, 2), 0)
    assert max(part.count(",") for part in long.split("+")) < 255
    assert len(re.findall(r"A\d+", long)) == 500


def test_a_look_is_made_once() -> None:
    def fill(book: Sheets) -> None:
        assert book.look(bold=True, border=1) is book.look(border=1, bold=True)
        assert book.look(bold=True) is not book.look(border=1)
        book.page("a")

    assert sheets.made(fill)


def test_nobody_else_makes_a_workbook() -> None:
    those = {
        str(file.relative_to(SERVER))
        for file in SERVER.rglob("*.py")
        if re.search(r"\bWorkbook\(", file.read_text("utf-8"))
    }
    assert those == {"core/sheets.py"}
