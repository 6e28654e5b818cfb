"""Forms of others: filled with their formulas kept; each that cannot be filled is refused with the place."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from openpyxl.styles import Font
from openpyxl.worksheet.formula import ArrayFormula

from server.decoding.limits import Unfit
from server.services.reports.documents import report_forms
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world import asked, papers
from support.world.world import World
from sync.errors import CODES

pytestmark = [pytest.mark.slow, pytest.mark.databases("sqlite")]
Change = Callable[[Any], None]


def excel(change: Change = lambda _book: None) -> bytes:
    """A form with a title, a row for a unit, a formula in it, sums below, and a sheet that looks at the first."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "Biểu 1"
    page["A1"], page["A2"] = "{{don_vi_bao_cao}}: {{chien_dich}}", "{{so_lieu}}"
    page.merge_cells("A1:E1")
    for column, head in enumerate(("TT", "Đơn vị", "Băng rôn", "Lần phát", "Cộng"), 1):
        page.cell(4, column, head)
    for column, tag in enumerate(("{{stt}}", "{{don_vi}}", "{{bang_ron}}", "{{airings}}", "=C5+D5"), 1):
        page.cell(5, column, tag)
    page["C5"].font = Font(bold=True)
    page["B6"], page["C6"], page["D6"], page["E6"] = "Cộng", "=SUM(C5:C5)", "=SUM(D5:D5)", "=SUM(C6:D6)*1"
    page["B7"], page["C7"] = "Theo báo cáo", "{{tong.bang_ron}}"
    page["D7"] = "=C6-C7"
    page.merge_cells("A8:E8")
    page["A8"] = "Ghi chú"
    other = book.create_sheet("Tổng hợp")
    other["A1"] = "='Biểu 1'!C6"
    change(book)
    return saved(book)


def saved(made: Any) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def word(*paragraphs: str, table: bool = True) -> bytes:
    made = docx.Document()
    for said in paragraphs:
        made.add_paragraph(said)
    if table:
        rows = made.add_table(rows=4, cols=3)
        for row, cells in enumerate(
            (
                ("Đơn vị", "Băng rôn", "Phát"),
                ("{%tr for d in cac_don_vi %}", "", ""),
                ("{{ d.don_vi }}", "{{ d.bang_ron }}", "{{ d.airings }}"),
                ("{%tr endfor %}", "", ""),
            )
        ):
            for column, said in enumerate(cells):
                rows.cell(row, column).text = said
    return saved(made)


def upload(world: World, one: Any, data: bytes, name: str = "Biểu 01/BC", unit: str = "331") -> Any:
    one.get(f"/desk/report/letterhead?unit={world.units[unit]}")
    form = next(each for each in one.forms() if "/report/forms" in each.action and not each.values.get("whole"))
    sent: dict[str, Any] = {key: value[0] for key, value in form.values.items()}
    sent |= {"name": name, "file": (io.BytesIO(data), "bieu.bin")}
    answer = one.http.post(form.action, data=sent, content_type="multipart/form-data", buffered=True)
    one.status, one.html = answer.status_code, answer.get_data(as_text=True)
    return answer


@pytest.mark.costly
def test_an_excel_form_is_filled_and_its_formulas_follow_the_rows(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    papers.fill(desk, phone)
    one = desk("tinh")
    assert upload(world, one, excel(), unit="33").status_code == 303
    file = asked.got(world, one, "33", "form")
    page = openpyxl.load_workbook(file)["Biểu 1"]
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=5, max_row=9)]
    assert rows[0] == [1, "Huyện Kim Động", 12, 124, "=C5+D5"]
    assert rows[1] == [2, "Huyện Phù Cừ", 36, 124, "=C6+D6"]
    assert rows[2][1:] == ["Cộng", "=SUM(C5:C6)", "=SUM(D5:D6)", "=SUM(C7:D7)*1"]
    assert rows[3][2:4] == [48, "=C7-C8"]
    assert page["C6"].font.bold
    assert {str(each) for each in page.merged_cells.ranges} == {"A1:E1", "A9:E9"}
    assert str(page["A1"].value).startswith("SỞ LAO ĐỘNG - THƯƠNG BINH VÀ XÃ HỘI: Ngày toàn dân")
    file.seek(0)
    book = openpyxl.load_workbook(file, data_only=True)
    values = [[cell.value for cell in row] for row in book["Biểu 1"].iter_rows(min_row=5, max_row=8, min_col=3)]
    assert values == [[12, 124, 136], [36, 124, 160], [48, 248, 296], [48, 0, None]]
    file.seek(0)
    assert openpyxl.load_workbook(file)["Tổng hợp"]["A1"].value == "='Biểu 1'!C7"


@pytest.mark.costly
def test_a_unit_alone_has_one_row_and_who_said_nothing_a_dash(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    papers.fill(desk, phone)
    upload(world, desk("tinh"), excel(), unit="33")
    page = openpyxl.load_workbook(asked.got(world, desk("xa1"), "12286", "form"))["Biểu 1"]
    assert [cell.value for cell in page[5]][2:4] == [12, 124]
    silent = openpyxl.load_workbook(asked.got(world, desk("nhanla"), "12289", "form"))["Biểu 1"]
    assert [cell.value for cell in silent[5]][2:4] == ["–", "–"]


@pytest.mark.costly
def test_a_word_form_is_filled_and_its_quotes_are_straightened(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    papers.fill(desk, phone)
    one = desk("tinh")
    said = "Tổng {{ tong.bang_ron }} băng rôn{% if tong.panels != “–” %}, {{ tong.panels }} pano{% endif %}"
    said += "{% if tong.posters != «–» %}!{% endif %}."
    assert upload(world, one, word(said), unit="33").status_code == 303, one.text
    made = docx.Document(asked.got(world, one, "33", "form"))
    assert made.paragraphs[0].text == "Tổng 48 băng rôn."
    rows = [[cell.text for cell in row.cells] for row in made.tables[0].rows]
    assert rows == [["Đơn vị", "Băng rôn", "Phát"], ["Huyện Kim Động", "12", "124"], ["Huyện Phù Cừ", "36", "124"]]


def at(cell: str, value: Any) -> Change:
    def change(book: Any) -> None:
        book["Biểu 1"][cell] = value

    return change


def without_row(book: Any) -> None:
    for cell in book["Biểu 1"][5]:
        cell.value = None


def merged(book: Any) -> None:
    book["Biểu 1"].merge_cells("A5:A6")


def array(book: Any) -> None:
    book["Biểu 1"]["G5"] = ArrayFormula("G5:G6", "=C5:C6*2")


@pytest.mark.parametrize(
    ("change", "says", "place"),
    [
        (at("C5", "{{bang_zon}}"), "không có trong danh sách", "Biểu 1!C5: {{bang_zon}}"),
        (at("C5", "{{bang_ron}"), "thiếu ngoặc", "Biểu 1!C5"),
        (at("E5", "=[2]Sheet1!A1"), "tệp khác", "Biểu 1!E5"),
        (at("E5", "='C:\\data\\[a.xlsx]Sheet1'!A1"), "tệp khác", "Biểu 1!E5"),
        (at("E5", "=cmd|' /C calc'!A0"), "tệp khác", "Biểu 1!E5"),
        (at("E5", '=WEBSERVICE("http://example.org")'), "tệp khác", "Biểu 1!E5"),
        (at("E5", "={{bang_ron}}+1"), "không được nằm trong công thức", "Biểu 1!E5"),
        (at("C9", "{{don_vi}}"), "ở nhiều dòng", "Biểu 1!5, Biểu 1!9"),
        (without_row, "không có dòng đơn vị", ""),
        (merged, "gộp nhiều dòng", "Biểu 1!A5:A6"),
        (array, "công thức mảng", "Biểu 1!G5"),
        (at("A2000", "x"), "quá phức tạp", "Biểu 1"),
    ],
)
def test_an_excel_form_that_cannot_be_filled_names_the_cell(
    tmp_path: Path, change: Change, says: str, place: str
) -> None:
    path = tmp_path / "form"
    path.write_bytes(excel(change))
    with pytest.raises(Unfit) as found:
        report_forms.checked(path)
    assert says in CODES[found.value.code].vi
    assert place in found.value.place


def test_the_page_says_what_is_wrong_and_where(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    assert upload(world, one, excel(at("C5", "{{bang_zon}}"))).status_code == 422
    assert "không có trong danh sách" in one.text
    assert "Biểu 1!C5: {{bang_zon}}" in one.text
    assert "Chưa có biểu mẫu nào." in one.text
    assert upload(world, one, word("{{ bang_zon }}", table=False)).status_code == 422
    assert "{{ bang_zon }}" in one.text


@pytest.mark.parametrize(
    ("said", "says", "place"),
    [
        ("{{ bang_zon }}", "không có trong danh sách", "{{ bang_zon }}"),
        ("{{ tong.bang_zon }}", "không có trong danh sách", "bang_zon"),
        ("{{ bang_ron + }}", "viết không đúng mẫu", "{{ bang_ron + }}"),
        ("{% for d in cac_don_vi %}{{ d.don_vi }}", "thiếu lệnh mở hoặc lệnh đóng", "{% for d in cac_don_vi %}"),
        ("{% endif %}", "thiếu lệnh mở hoặc lệnh đóng", "{% endif %}"),
        ("{% include 'x' %}", "viết không đúng mẫu", "include"),
        ("tổng {{ tong.bang_ron", "thiếu ngoặc", "{{ tong.bang_ron"),
        ("{{ ''.__class__.__mro__ }}", "không thực hiện được", ""),
    ],
)
def test_a_word_form_that_cannot_be_filled_names_the_tag(tmp_path: Path, said: str, says: str, place: str) -> None:
    path = tmp_path / "form"
    path.write_bytes(word(said, table=False))
    with pytest.raises(Unfit) as found:
        report_forms.checked(path)
    assert says in CODES[found.value.code].vi
    assert place in found.value.place


@pytest.mark.parametrize(
    "said",
    [
        "{{ 'a' * 10 ** 10 }}",
        "{% for a in range(99999) %}{% for b in range(99999) %}{{ b }}{% endfor %}{% endfor %}",
    ],
)
@pytest.mark.costly
def test_a_form_that_would_take_all_memory_or_time_meets_a_limit(tmp_path: Path, said: str) -> None:
    path = tmp_path / "form"
    path.write_bytes(word(said, table=False))
    with pytest.raises(Unfit, match="form_too_complex"):
        report_forms.checked(path)


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def dde() -> bytes:
    made = docx.Document()
    run = made.add_paragraph()._p.add_r()  # noqa: SLF001
    for piece in (" DDE", "AUTO cmd "):
        code = OxmlElement("w:instrText")
        code.set(qn("xml:space"), "preserve")
        code.text = piece
        run.append(code)
    return saved(made)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512
BAD = {
    "macros": (with_part(excel(), "xl/vbaProject.bin", b"x"), "macro"),
    "password": (OLE + "EncryptedPackage".encode("utf-16-le"), "mật khẩu"),
    "old": (OLE, "kiểu cũ"),
    "text": (b"Don vi;Bang ron\n", "không phải Excel"),
    "empty": (b"", "không phải Excel"),
    "cut": (excel()[:900], "không phải Excel"),
    "a PDF": (b"%PDF-1.7", "không phải Excel"),
    "a ZIP": (with_part(b"", "a.txt", b"a"), "không phải Excel"),
    "links": (with_part(excel(), "xl/externalLinks/externalLink1.xml", b"<x/>"), "tệp khác"),
    "bomb": (with_part(excel(), "xl/media/a.xml", b"0" * 41 * 1024**2), "quá phức tạp"),
    "a field": (dde(), "chương trình khác"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_is_no_form_is_refused_with_the_reason(world: World, desk: MakeDesk, name: str) -> None:
    data, says = BAD[name]
    one = desk("huyen")
    assert upload(world, one, data).status_code == 422, name
    assert says in one.text


@pytest.mark.costly
def test_a_form_is_for_its_unit_and_those_below(world: World, desk: MakeDesk) -> None:
    assert upload(world, desk("huyen"), excel()).status_code == 303
    for username, unit, there in (("xa1", "12286", True), ("phucu", "333", False), ("tinh", "33", False)):
        one = desk(username)
        one.get(f"/desk/report/documents?unit={world.units[unit]}")
        kinds = [form.values.get("kind", [""])[0] for form in one.forms()]
        assert ("form" in kinds) == there, username
    one = desk("xa1")
    one.get(f"/desk/report/letterhead?unit={world.units['12286']}")
    assert "Biểu 01/BC" in one.text
    assert not one.has_form("/remove")
    owner = desk("huyen")
    owner.get(f"/desk/report/letterhead?unit={world.units['331']}")
    remove = owner.form("/remove")
    one.get(f"/desk/report/letterhead?unit={world.units['12286']}")
    token = one.form("/desk/report/forms").values["csrf_token"][0]
    assert one.http.post(remove.action, data={"csrf_token": token}).status_code == 404
    assert owner.post(remove).status_code == 303
    assert "Chưa có biểu mẫu nào." in owner.follow()
    assert upload(world, desk("huyen"), excel(), name=" " * 3).status_code == 303
    assert desk("phucu").http.get(f"/desk/report/letterhead?unit={world.units['331']}").status_code == 404
