"""A text that somebody typed never becomes a formula, a field code, a link or a tag in any document."""

from __future__ import annotations

import zipfile
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from sqlalchemy import select

from server.core.db import writing
from server.models import Unit
from server.models.installation import lock_catalog
from server.services.reports.documents import report_forms
from server.services.reports.documents.report_forms import FormValues, Value
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world import asked, papers
from support.world.world import World

pytestmark = [pytest.mark.slow, pytest.mark.databases("sqlite")]
TYPED = (
    "=1+1",
    "+1",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://example.org","bấm")',
    "{ DDEAUTO c:\\windows\\system32\\cmd.exe }",
    "{=2+2}",
    "{{ don_vi }}",
    "{% for a in range(9) %}",
    "https://example.org/",
    "</w:t><w:fldSimple w:instr='DDE'/>",
)


@pytest.mark.costly
def test_a_typed_text_stays_a_text(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    for typed in TYPED:
        officer.create(quantity=3, hamlet=typed, put_up_on="2021-07-04")
        more = {"schedule": papers.SCHEDULE, "minutes": 5, "programme": "own"}
        officer.create("broadcast", script=typed, station=typed, **more)
    officer.sync()
    for record in officer.records:
        papers.decide(desk("huyen"), record)
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.scalars(select(Unit).where(Unit.code == "12286")).one().name = TYPED[0]
    one = desk("huyen")
    for kind in ("word", "table", "log_book"):
        file = asked.got(world, one, "331", kind, **({"from": "2021-07-07"} if kind == "log_book" else {}))
        document = docx.Document(file)
        for part in (document.element.body, *(section.footer._element for section in document.sections)):  # noqa: SLF001
            assert not list(part.iter(qn("w:instrText"), qn("w:fldSimple"), qn("w:hyperlink")))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        for typed in TYPED if kind != "table" else TYPED[:1]:
            assert any(typed.strip() in cell for cell in cells), (kind, typed)
    file = asked.got(world, one, "331", "excel")
    book = openpyxl.load_workbook(file)
    every = [cell for page in book for row in page.iter_rows() for cell in row]
    formulas = [cell.value for cell in every if cell.data_type == "f"]
    assert formulas
    assert all(str(each).startswith("=SUM(") for each in formulas), formulas
    assert not any(cell.hyperlink for cell in every)
    texts = {str(cell.value) for cell in every if cell.data_type == "s"}
    for typed in TYPED:
        assert any(typed.strip() in text for text in texts), typed
    assert not [name for name in zipfile.ZipFile(file).namelist() if "externalLink" in name]


def test_a_typed_text_stays_a_text_in_a_filled_form(tmp_path: Path) -> None:
    rows: tuple[dict[str, Value], ...] = tuple(
        {"stt": place, "don_vi": typed, "bang_ron": 1} for place, typed in enumerate(TYPED, 1)
    )
    found = FormValues(rows, {"tong.bang_ron": len(rows), "don_vi_bao_cao": TYPED[0], "chien_dich": TYPED[5]})
    book, form = openpyxl.Workbook(), docx.Document()
    page = book.active
    assert page is not None
    page["A1"], page["B1"], page["A2"] = "{{don_vi}}", "{{bang_ron}}", "{{chien_dich}} và {{don_vi_bao_cao}}"
    form.add_paragraph("{% for d in cac_don_vi %}{{ d.don_vi }}§{% endfor %}{{ chien_dich }}")
    source, filled = tmp_path / "form", tmp_path / "filled"
    book.save(source)
    report_forms.filled(source, found, filled)
    with filled.open("rb") as file:
        cells = openpyxl.load_workbook(file).worksheets[0]
    assert [cells.cell(row, 1).value for row in range(1, len(TYPED) + 1)] == list(TYPED)
    assert {cell.data_type for row in cells.iter_rows(max_col=1) for cell in row} == {"s"}
    form.save(str(source))
    report_forms.filled(source, found, filled)
    with filled.open("rb") as file:
        document = docx.Document(file)
    said = document.paragraphs[0].text.split("§")
    assert [each.strip() for each in said] == [typed.strip() for typed in (*TYPED, TYPED[5])]
    assert not list(document.element.body.iter(qn("w:instrText"), qn("w:fldSimple")))
