"""A text that somebody typed never becomes a formula, a field code, a link or a tag in any document."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from sqlalchemy import select

from server.core.db import writing
from server.models import Unit
from support.clients.phone import Phone
from support.world import asked, papers
from support.world.world import World

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_first]
MakeDesk = Callable[..., Any]
MakePhone = Callable[..., Phone]
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


@pytest.mark.parametrize("typed", TYPED)
def test_a_typed_text_stays_a_text(world: World, desk: MakeDesk, phone: MakePhone, typed: str) -> None:
    officer = phone("xa1")
    officer.create(quantity=3, hamlet=typed, put_up_on="2021-07-04")
    schedule = papers.SCHEDULE
    officer.create("broadcast", script=typed, station=typed, schedule=schedule, minutes=5, programme="own")
    officer.sync()
    for record in officer.records:
        papers.decide(desk("huyen"), record)
    with world.app.app_context(), writing() as session:
        session.scalars(select(Unit).where(Unit.code == "12286")).one().name = typed
    one = desk("huyen")
    for kind in ("word", "table", "log_book"):
        file = asked.got(world, one, "331", kind, **({"from": "2021-07-07"} if kind == "log_book" else {}))
        document = docx.Document(file)
        for part in (document.element.body, *(section.footer._element for section in document.sections)):  # noqa: SLF001
            assert not list(part.iter(qn("w:instrText"), qn("w:fldSimple"), qn("w:hyperlink")))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        assert any(typed.strip() in cell for cell in cells), kind
    file = asked.got(world, one, "331", "excel")
    book = openpyxl.load_workbook(file)
    formulas = [cell.value for page in book for row in page.iter_rows() for cell in row if cell.data_type == "f"]
    assert all(str(each).startswith("=SUM(") for each in formulas), formulas
    assert not any(cell.hyperlink for page in book for row in page.iter_rows() for cell in row)
    texts = {str(cell.value) for page in book for row in page.iter_rows() for cell in row if cell.data_type == "s"}
    assert any(typed.strip() in text for text in texts)
    names = zipfile.ZipFile(io.BytesIO(file.getvalue())).namelist()
    assert not [name for name in names if "externalLink" in name]


@pytest.mark.parametrize("typed", TYPED)
def test_a_typed_text_stays_a_text_in_a_filled_form(world: World, desk: MakeDesk, phone: MakePhone, typed: str) -> None:
    papers.fill(desk, phone)
    with world.app.app_context(), writing() as session:
        session.scalars(select(Unit).where(Unit.code == "12286")).one().name = typed
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page["A1"], page["B1"] = "{{don_vi}}", "{{bang_ron}}"
    one = desk("huyen")
    form = docx.Document()
    form.add_paragraph("{% for d in cac_don_vi %}{{ d.don_vi }}|{% endfor %}")
    for made in (book, form):
        out = io.BytesIO()
        made.save(out)
        one.get(f"/desk/report/forms?unit={world.units['331']}")
        sent = {key: value[0] for key, value in one.form("/desk/report/forms").values.items()}
        more = {"name": "Biểu", "file": (io.BytesIO(out.getvalue()), "a")}
        assert one.http.post("/desk/report/forms", data=sent | more).status_code == 303
    one.get(f"/desk/report/documents?unit={world.units['331']}")
    filled = [asked.got(world, one, "331", "form", form=form_id) for form_id in forms_of(one)]
    excel = next(file for file in filled if zipfile.ZipFile(file).namelist().count("xl/workbook.xml"))
    cell = openpyxl.load_workbook(excel).worksheets[0]["A1"]
    assert cell.data_type == "s"
    assert str(cell.value).strip() == typed.strip()
    word = docx.Document(next(file for file in filled if file is not excel))
    assert typed.strip() in word.paragraphs[0].text
    assert not list(word.element.body.iter(qn("w:instrText"), qn("w:fldSimple")))


def forms_of(one: Any) -> list[str]:
    select_ = one.html[one.html.index('<select name="form">') :].partition("</select>")[0]
    return re.findall(r'value="([^"]+)"', select_)
