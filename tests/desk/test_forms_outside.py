"""Forms of others: a text that looks like a formula stays a text, and nothing outside the file is ever read."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from server.decoding.limits import Unfit
from server.services.documents import keeping
from server.services.documents.placeholders import FormValues

HEAD = '<?xml version="1.0" encoding="{}"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
LINK = f'<Relationship Id="r1" Type="{TYPE}hyperlink" Target="https://example.org" TargetMode="External"/>'
PICTURE = f'<Relationship Id="r2" Type="{TYPE}image" Target="http://example.org/a.png" TargetMode="External"/>'


def form(relations: bytes = b"") -> bytes:
    """A form whose title and row have texts that begin like formulas; with one more part of relations."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for cell, said in (("A1", "{{don_vi}}"), ("B1", "=1+1"), ("C1", "=HYPERLINK({{bang_ron}})"), ("D1", "=A1")):
        page[cell] = said
    for cell in ("B1", "C1"):
        page[cell].data_type = "s"
        page[cell].quotePrefix = True
    out = io.BytesIO()
    book.save(out)
    if relations:
        with zipfile.ZipFile(out, "a") as archive:
            archive.writestr("xl/worksheets/_rels/sheet9.xml.rels", relations)
    return out.getvalue()


def test_a_text_that_begins_like_a_formula_stays_a_text_in_every_row(tmp_path: Path) -> None:
    path, target = tmp_path / "form", tmp_path / "filled.xlsx"
    path.write_bytes(form())
    assert keeping.checked(path) == "xlsx"
    keeping.filled(path, FormValues(tuple({"don_vi": name, "bang_ron": 3} for name in "ABC"), {}), target)
    page = openpyxl.load_workbook(target).active
    assert page is not None
    for row in (1, 2, 3):
        assert [cell.data_type for cell in page[row]] == ["s", "s", "s", "f"], row
        assert [cell.value for cell in page[row]][1:] == ["=1+1", "=HYPERLINK(3)", f"=A{row}"]
        assert page.cell(row, 2).quotePrefix


@pytest.mark.parametrize(
    "relations",
    [
        f"{HEAD.format('UTF-8')}{LINK}{PICTURE}</Relationships>".encode(),
        f"{HEAD.format('UTF-8')}{PICTURE}</Relationships>".replace(
            'TargetMode="External"', "TargetMode='External'"
        ).encode(),
        f"{HEAD.format('UTF-8')}{PICTURE}</Relationships>".replace('"External"', '"&#69;xternal"').encode(),
        f"{HEAD.format('UTF-16')}{PICTURE}</Relationships>".encode("utf-16"),
    ],
    ids=["beside a link", "single quotes", "written in numbers", "UTF-16"],
)
def test_a_part_outside_is_refused_whatever_stands_beside_it(tmp_path: Path, relations: bytes) -> None:
    path = tmp_path / "form"
    path.write_bytes(form(relations))
    with pytest.raises(Unfit, match="form_outside"):
        keeping.checked(path)


def test_a_link_to_click_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "form"
    path.write_bytes(form(f"{HEAD.format('UTF-8')}{LINK}</Relationships>".encode()))
    assert keeping.checked(path) == "xlsx"


@pytest.mark.parametrize("place", ["header", "footer", "footnotes"])
def test_a_field_outside_the_body_is_found(tmp_path: Path, place: str) -> None:
    made, path = docx.Document(), tmp_path / "form"
    made.add_paragraph("{{ don_vi_bao_cao }}")
    if place == "footnotes":
        notes = f'<w:footnotes xmlns:w="{qn("w:p")[1:].partition("}")[0]}"><w:footnote w:id="2"><w:p><w:r><w:instrText>'
        notes += " INCLUDETEXT a.txt </w:instrText></w:r></w:p></w:footnote></w:footnotes>"
        kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
        part = Part(PackURI("/word/footnotes.xml"), kind, notes.encode(), made.part.package)
        made.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    else:
        code = OxmlElement("w:instrText")
        code.text = ' INCLUDEPICTURE "http://example.org/a.png" '
        getattr(made.sections[0], place).paragraphs[0]._p.add_r().append(code)  # noqa: SLF001
    made.save(str(path))
    with pytest.raises(Unfit, match="form_outside"):
        keeping.checked(path)
