"""How each figure is counted stands in a table of its own below the figures: a line for each that the table has."""

from __future__ import annotations

from typing import Any

import docx
import openpyxl
import pytest

from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world import asked, papers
from support.world.world import World
from sync.figures import every_figure

pytestmark = pytest.mark.databases("sqlite")
HEADS = ["STT", "Chỉ tiêu", "ĐVT", "Cách tính"]
BY_LABEL = {figure.label["vi"]: figure for figure in every_figure()}


def rules(document: Any) -> list[list[str]]:
    """The lines of the one table of rules."""
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]
    found = [rows for rows in tables if rows[0] == HEADS]
    assert len(found) == 1
    return found[0][1:]


@pytest.mark.slow
@pytest.mark.parametrize(("who", "unit"), [("tinh", "33"), ("xa1", "12286")])
@pytest.mark.parametrize("kind", ["word", "table"])
@pytest.mark.costly
def test_a_word_file_has_a_line_for_each_figure_of_its_table(
    world: World, desk: MakeDesk, phone: MakePhone, who: str, unit: str, kind: str
) -> None:
    papers.fill(desk, phone)
    document = docx.Document(asked.got(world, desk(who), unit, kind))
    lines = rules(document)
    assert {"Băng rôn", "Lượt phát", "Mít tinh, lễ phát động"} <= {line[1] for line in lines}
    assert "Pa nô" not in {line[1] for line in lines}  # nobody reported any
    for place, (index, label, counted_in, rule) in enumerate(lines, 1):
        figure = BY_LABEL[label]
        assert (index, counted_in, rule) == (str(place), figure.unit["vi"], figure.rule["vi"])
    shown = {head.split(" (")[0] for head in papers.cells(document, "Tổng cộng")}
    if unit == "33":
        assert {line[1] for line in lines} == shown
    assert not [each for each in document.paragraphs if BY_LABEL["Băng rôn"].rule["vi"] in each.text]


@pytest.mark.slow
@pytest.mark.costly
def test_an_excel_file_has_them_below_its_figures(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    papers.fill(desk, phone)
    one = desk("tinh")
    lines = rules(docx.Document(asked.got(world, one, "33", "word")))
    page = openpyxl.load_workbook(asked.got(world, one, "33", "excel")).worksheets[0]
    rows = [[cell.value for cell in row[:3]] for row in page.iter_rows()]
    at = rows.index(["Cách tính từng chỉ tiêu", None, None])
    assert rows[at + 1 :] == [[index, f"{label} ({unit})", rule] for index, label, unit, rule in lines]


@pytest.mark.slow
def test_the_preview_shows_them(desk: MakeDesk, phone: MakePhone) -> None:
    papers.fill(desk, phone)
    one = desk("tinh")
    one.get("/desk/report")
    assert f"1 Băng rôn chiếc {BY_LABEL['Băng rôn'].rule['vi']}" in one.text
