"""Forms of others: a text that looks like a formula stays a text, and nothing outside the file is ever read."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.oxml import serialize_part_xml
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from server.decoding.limits import Unfit
from server.services.reports.documents import report_forms
from server.services.reports.documents.report_forms import FormValues, Value

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
    assert report_forms.checked(path) == "xlsx"
    report_forms.filled(path, FormValues(tuple({"don_vi": name, "bang_ron": 3} for name in "ABC"), {}), target)
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
        report_forms.checked(path)


def test_a_link_to_click_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "form"
    path.write_bytes(form(f"{HEAD.format('UTF-8')}{LINK}</Relationships>".encode()))
    assert report_forms.checked(path) == "xlsx"


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
        report_forms.checked(path)


INCLUDE = "<w:r><w:instrText>INCLUDETEXT //10.0.0.1/a</w:instrText></w:r>"
ESCAPED = INCLUDE.replace("<", r"\u003c").replace(">", r"\u003e")
LIVE = {
    "safe": f'{{{{ "{ESCAPED}"|safe }}}}',
    "safe by another way": f'{{{{ ["{ESCAPED}"]|map("safe")|first }}}}',
    "escaping switched off": f'{{% autoescape false %}}{{{{ "{ESCAPED}" }}}}{{% endautoescape %}}',
    "a macro": f'{{% macro a() %}}{{{{ "{ESCAPED}"|safe }}}}{{% endmacro %}}{{{{ a() }}}}',
    "a comment around it": f"{{# {{{{ #}}{INCLUDE}{{# }}}} #}}",
    "pieces of its own": (
        "{% set x %}<w:r/>{% endset %}"
        '{{ x[0] ~ "w:instrText" ~ x[5] ~ "INCLUDETEXT a" ~ x[0] ~ "/w:instrText" ~ x[5] }}'
    ),
    "xmlattr": "{{ {'x':'y'}|xmlattr }}",
    "a method": "{{ don_vi_bao_cao.upper() }}",
    "a format": '{{ "{0.__class__}".format(1) }}',
    "an attribute": "{{ don_vi_bao_cao.join }}",
}


@pytest.mark.parametrize("place", ["body", "header", "footnotes", "title"])
@pytest.mark.parametrize("how", LIVE)
def test_a_tag_makes_text_and_nothing_else(tmp_path: Path, how: str, place: str) -> None:
    """No field, element or link comes into a filled form that the form does not have."""
    if (how, place) == ("a comment around it", "title"):
        return  # a title is no markup: it is that text
    made, path, target = docx.Document(), tmp_path / "form", tmp_path / "filled"
    if place == "body":
        made.add_paragraph(LIVE[how])
    elif place == "header":
        made.sections[0].header.paragraphs[0].text = LIVE[how]
    elif place == "title":
        made.core_properties.title = LIVE[how]
    else:
        note = OxmlElement("w:t")
        note.text = LIVE[how]
        notes = f'<w:footnotes xmlns:w="{qn("w:p")[1:].partition("}")[0]}"><w:footnote w:id="2"><w:p><w:r>'
        notes += serialize_part_xml(note).decode().partition("?>")[2] + "</w:r></w:p></w:footnote></w:footnotes>"
        kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
        part = Part(PackURI("/word/footnotes.xml"), kind, notes.encode(), made.part.package)
        made.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    made.save(str(path))
    with pytest.raises(Unfit, match=r"form_tag|form_outside"):
        report_forms.checked(path)
    with pytest.raises(Unfit, match=r"form_tag|form_outside"):
        report_forms.filled(path, report_forms.example(), target)


def test_a_field_that_a_tag_puts_together_is_refused(tmp_path: Path) -> None:
    """Before it is filled the code says nothing."""
    made, path = docx.Document(), tmp_path / "form"
    code = OxmlElement("w:instrText")
    code.text = ' INC{{ "LUDE" }}TEXT a.txt '
    made.add_paragraph()._p.add_r().append(code)  # noqa: SLF001
    made.save(str(path))
    with pytest.raises(Unfit, match="form_outside"):
        report_forms.checked(path)


def test_a_form_may_count_ask_and_loop(tmp_path: Path) -> None:
    """With fields and links of its own, which stay as they are."""
    made, path, target = docx.Document(), tmp_path / "form", tmp_path / "filled.docx"
    loop = "{% for d in cac_don_vi %}{{ loop.index }}. {{ d.don_vi|upper }}: {{ d['bang_ron'] }}"
    made.add_paragraph(loop + "{% if not loop.last %}; {% endif %}{% endfor %}")
    count = "{% set n = cac_don_vi|length %}{{ n }} xã, {{ (tong.bang_ron / n)|round(1) }} mỗi xã, "
    made.add_paragraph(count + "{{ cac_don_vi|sum('bang_ron') }}")
    made.add_paragraph(
        "{{ cac_don_vi[0].don_vi }}{{ ' có' if tong.bang_ron is number and tong.bang_ron >= 5 else '' }}"
    )
    code = OxmlElement("w:instrText")
    code.text = " PAGE "
    made.add_paragraph()._p.add_r().append(code)  # noqa: SLF001
    made.part.relate_to("https://example.org", RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    made.save(str(path))
    assert report_forms.checked(path) == "docx"
    rows: tuple[dict[str, Value], ...] = tuple(
        {"don_vi": name, "bang_ron": count} for name, count in (("Xã A", 2), ("Xã <b>\n&", 3))
    )
    report_forms.filled(path, FormValues(rows, {"tong.bang_ron": 5}), target)
    filled = docx.Document(str(target))
    said = [each.text for each in filled.paragraphs][:3]
    assert said == ["1. XÃ A: 2; 2. XÃ <B>\n&: 3", "2 xã, 2,5 mỗi xã, 5", "Xã A có"]
    assert [each.text for each in filled.element.body.iter(qn("w:instrText"))] == [" PAGE "]
