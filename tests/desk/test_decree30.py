"""The form of a report, element by element, against Annex I of Decree 30/2020/NĐ-CP.

Measured in the file as Word reads it: what a style gives, and what a paragraph has of its own.
"""

from __future__ import annotations

import io
import re
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph

from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world import papers
from support.world.world import World

pytestmark = [pytest.mark.slow, pytest.mark.databases("sqlite")]
MM = 36_000
PT = 12_700


@pytest.fixture(scope="module")
def files() -> dict[tuple[str, str], bytes]:
    """The Word files that were made, by database and unit: each test reads one, none changes it."""
    return {}


@pytest.fixture(params=["33", "331", "12286"])
def report(
    world: World,
    desk: MakeDesk,
    phone: MakePhone,
    files: dict[tuple[str, str], bytes],
    database_url: str,
    request: pytest.FixtureRequest,
) -> Document:
    made = database_url.partition(":")[0], request.param
    if made not in files:
        papers.fill(desk, phone)
        one = desk({"33": "tinh", "331": "huyen", "12286": "xa1"}[request.param])
        files[made] = one.http.get(
            f"/desk/report/word?unit={world.units[request.param]}&annexes=all", buffered=True
        ).data
    return docx.Document(io.BytesIO(files[made]))


def looks(paragraph: Paragraph) -> tuple[float, bool, bool, str]:
    """Size in points, bold, italic, alignment: of the first run, else of its style."""
    run = next(run for run in paragraph.runs if run.text.strip())
    style: Any = paragraph.style
    while style is not None and style.font.size is None:
        style = style.base_style
    size = run.font.size or style.font.size
    bold = run.font.bold if run.font.bold is not None else paragraph.style.font.bold  # type: ignore[union-attr]
    italic = run.font.italic if run.font.italic is not None else paragraph.style.font.italic  # type: ignore[union-attr]
    align = paragraph.alignment if paragraph.alignment is not None else paragraph.style.paragraph_format.alignment  # type: ignore[union-attr]
    return size.pt, bool(bold), bool(italic), str(align).partition(" ")[0]


def head(report: Document) -> Table:
    return report.tables[0]


def line(cell: Any, said: str) -> Any:
    return next(each for each in cell.paragraphs if said in each.text)


def ruled(paragraph: Paragraph) -> bool:
    return bool(paragraph._p.findall(f".//{qn('w:pBdr')}/{qn('w:bottom')}"))  # noqa: SLF001


def find(report: Document, start: str) -> Any:
    return next(each for each in report.paragraphs if each.text.startswith(start))


def test_paper_and_margins(report: Document) -> None:
    first = report.sections[0]
    assert ((first.page_width or 0) // MM, (first.page_height or 0) // MM) == (210, 297)
    top, bottom, left, right = (
        round((edge or 0) / MM, 1)
        for edge in (first.top_margin, first.bottom_margin, first.left_margin, first.right_margin)
    )
    assert 20 <= top <= 25
    assert 20 <= bottom <= 25
    assert 30 <= left <= 35
    assert 15 <= right <= 20
    for annex in report.sections[1:]:
        assert {(annex.page_width or 0) // MM, (annex.page_height or 0) // MM} == {210, 297}
        edges = (annex.top_margin, annex.bottom_margin, annex.left_margin, annex.right_margin)
        top, bottom, left, right = (round((edge or 0) / MM, 1) for edge in edges)
        assert (20 <= top <= 25, 20 <= bottom <= 25, 30 <= left <= 35, 15 <= right <= 20) == (True,) * 4


def test_page_number_in_the_middle_of_the_top_margin_but_not_on_the_first_page(report: Document) -> None:
    first, *others = report.sections
    assert first.different_first_page_header_footer
    number = first.header.paragraphs[0]
    codes = [piece.text.strip() for piece in number._p.iter(qn("w:instrText"))]  # noqa: SLF001
    assert codes == ["PAGE"]
    style: Any = number.style
    assert 13 <= style.font.size.pt <= 14
    assert str(style.paragraph_format.alignment).startswith("CENTER")
    assert "PAGE" not in first.first_page_header._element.xml  # noqa: SLF001
    assert (first.header_distance or 0) < (first.top_margin or 0)
    assert others
    for annex in others:
        assert annex.header.is_linked_to_previous
        assert annex._sectPr.find(qn("w:pgNumType")).get(qn("w:start")) == "1", "each annex is numbered by itself"  # noqa: SLF001


def test_what_the_machine_says_stands_below_annexes_alone(report: Document) -> None:
    letter, first, *others = report.sections
    assert not "".join(each.text for part in (letter.footer, letter.first_page_footer) for each in part.paragraphs)
    for part in (first.footer, first.first_page_footer):
        assert not part.is_linked_to_previous
        assert "tính đến" in part.paragraphs[0].text
    assert all(each.footer.is_linked_to_previous for each in others)


def test_what_waits_for_approval_is_said_below_annexes_alone(report: Document) -> None:
    said = [each.text for each in report.paragraphs]
    at = next(place for place, each in enumerate(said) if each.startswith("Phụ lục "))
    assert not [each for each in said[:at] if "duyệt" in each or "bản ghi" in each or "Loa" in each]
    assert any(re.match(r"Còn \d\d mục chờ duyệt", each) for each in said[at:])


def test_every_letter_is_times_new_roman_and_black(report: Document) -> None:
    for style in report.styles:
        for fonts in style.element.iter(qn("w:rFonts")):
            named = {fonts.get(qn(f"w:{script}")) for script in ("ascii", "hAnsi", "eastAsia", "cs")}
            if style.name in ("Normal", "Title", "Subtitle", "Heading 1", "Heading 2", "Heading 3", "Heading 4"):
                assert named == {"Times New Roman"}, style.name
    body = report.element.body
    assert not list(body.iter(qn("w:rFonts")))
    assert {each.get(qn("w:val")) for each in body.iter(qn("w:color"))} <= {"000000"}
    assert not list(body.iter(qn("w:shd"))), "nothing is tinted"


def test_national_name_and_motto_with_a_rule_of_its_length(report: Document) -> None:
    cell = head(report).rows[0].cells[1]
    nation, motto = line(cell, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"), line(cell, "Độc lập - Tự do - Hạnh phúc")
    assert looks(nation) in {(12.0, True, False, "CENTER"), (13.0, True, False, "CENTER")}
    assert looks(motto) in {(13.0, True, False, "CENTER"), (14.0, True, False, "CENTER")}
    assert looks(motto)[0] - looks(nation)[0] <= 1
    rule = next(each for each in cell.paragraphs if ruled(each))
    width = (cell.width or 0) - (rule.paragraph_format.left_indent or 0) - (rule.paragraph_format.right_indent or 0)
    assert 55 <= width / MM <= 70, "27 letters in 13 points bold are about 62 mm"


def test_issuing_body_in_two_lines_the_lower_bold_with_a_short_rule(report: Document) -> None:
    cell = head(report).rows[0].cells[0]
    written = [each for each in cell.paragraphs if each.text.strip()]
    issuing = written[-1]
    assert issuing.text == issuing.text.upper()
    assert looks(issuing)[:2] == (12.0, True)
    for above in written[:-1]:
        assert looks(above)[:2] == (12.0, False)
    assert ("ỦY BAN NHÂN DÂN" in issuing.text) == (len(written) == 1), "a committee has no governing body"
    rule = next(each for each in cell.paragraphs if ruled(each))
    width = (cell.width or 0) - (rule.paragraph_format.left_indent or 0) - (rule.paragraph_format.right_indent or 0)
    assert 1 / 3 <= width / (cell.width or 1) <= 1 / 2, "from a third to a half of the line"


def test_number_place_and_day(report: Document) -> None:
    left, right = head(report).rows[1].cells
    number, place = line(left, "Số:"), line(right, "ngày")
    assert looks(number) == (13.0, False, False, "CENTER")
    assert number.text.partition("/")[2] in {"BC-SLĐTBXH", "BC-PLĐTBXH", "BC-UBND"}
    assert looks(place) in {(13.0, False, True, "CENTER"), (14.0, False, True, "CENTER")}
    assert not any(char.isdigit() for char in number.text + place.text), "the clerk gives number and day"
    assert place.text.partition(",")[0] in {"Hưng Yên", "Kim Động", "Chính Nghĩa"}


def test_name_and_subject_with_a_rule(report: Document) -> None:
    title, subject = find(report, "BÁO CÁO"), find(report, "Kết quả tổ chức")
    assert looks(title) in {(13.0, True, False, "CENTER"), (14.0, True, False, "CENTER")}
    assert looks(subject) in {(13.0, True, False, "CENTER"), (14.0, True, False, "CENTER")}
    places = [each._p for each in report.paragraphs]  # noqa: SLF001
    after = report.paragraphs[places.index(subject._p) + 1]  # noqa: SLF001
    assert ruled(after)
    indents = (after.paragraph_format.left_indent or 0) + (after.paragraph_format.right_indent or 0)
    assert (160 - indents / MM) / looks(subject)[0] / 8 >= 1 / 3, "a third to a half of the subject's line"
    assert any(each.text.startswith("Kính gửi:") for each in report.paragraphs)


def test_body_text(report: Document) -> None:
    normal: Any = report.styles["Normal"]
    form = normal.paragraph_format
    assert 13 <= normal.font.size.pt <= 14
    assert str(form.alignment).startswith("JUSTIFY")
    assert form.first_line_indent / MM in {10.0, 12.7}
    assert form.space_after.pt >= 6
    assert 1.0 <= form.line_spacing <= 1.5


def test_headings(report: Document) -> None:
    for name, bold, italic in (("Heading 1", True, False), ("Heading 2", True, False), ("Heading 3", False, True)):
        style: Any = report.styles[name]
        assert 13 <= style.font.size.pt <= 14
        assert (bool(style.font.bold), bool(style.font.italic)) == (bold, italic), name
    first = [each.text for each in report.paragraphs if each.style and each.style.name == "Heading 1"]
    assert [each.partition(" ")[0] for each in first] == ["I.", "II.", "III.", "IV.", "V."]
    assert all(each == each.upper() for each in first)


def test_recipients_and_signature(report: Document) -> None:
    left, right = report.tables[1].rows[0].cells
    heading, *recipients = left.paragraphs
    assert looks(heading) == (12.0, True, True, "LEFT")
    assert heading.text == "Nơi nhận:"
    assert recipients
    for each in recipients:
        assert looks(each) == (11.0, False, False, "LEFT")
        assert each.text.startswith("- ")
    assert recipients[-1].text.startswith("- Lưu: VT")
    assert recipients[-1].text.endswith(".")
    signing = right.paragraphs[0]
    assert looks(signing)[:2] in {(13.0, True), (14.0, True)}
    assert signing.text == signing.text.upper()
    assert find(report, "Trên đây là báo cáo").text.endswith("./.")


def test_annexes(report: Document) -> None:
    numbers = [each for each in report.paragraphs if each.text.startswith("Phụ lục ")]
    assert [each.text.split()[2] for each in numbers] == ["I", "II", "III", "IV", "V", "VI"][: len(numbers)]
    assert len(numbers) >= 3
    places = [each._p for each in report.paragraphs]  # noqa: SLF001
    for number in numbers:
        at = places.index(number._p)  # noqa: SLF001
        title, attached = report.paragraphs[at + 1], report.paragraphs[at + 2]
        for each in (number, title):
            assert looks(each) in {(13.0, True, False, "CENTER"), (14.0, True, False, "CENTER")}
        assert title.text == title.text.upper()
        assert attached.text.startswith("(Kèm theo Báo cáo số ")
        assert looks(attached)[2:] == (True, "CENTER")
        assert 13 <= looks(attached)[0] <= 14


def test_tables_repeat_their_heads_and_name_columns(report: Document) -> None:
    for table in report.tables[2:]:
        cells = [cell.text for cell in table.rows[0].cells]
        if cells[0] == "TT":
            letters = [cell.text for cell in table.rows[2].cells]
            assert letters[:2] == ["A", "B"]
            assert [int(each) for each in letters[2:]] == list(
                range(int(letters[2]), int(letters[2]) + len(letters) - 2)
            )
            assert table.rows[3].cells[1].text == "Tổng cộng"
        if cells[0] in ("TT", "STT"):
            heads = [row for row in table.rows if row._tr.find(f".//{qn('w:tblHeader')}") is not None]  # noqa: SLF001
            assert len(heads) == (3 if cells[0] == "TT" else 1)
    alone = [
        cell.text for table in report.tables for cell in table.rows[0].cells if table.rows[0].cells[0].text == "STT"
    ]
    if head(report).rows[1].cells[0].text.find("/BC-UBND") > 0:
        assert alone[:6] == ["STT", "Nội dung", "ĐVT", "Kết quả", "Cùng kỳ", "Ghi chú"]
