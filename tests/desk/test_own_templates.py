"""A unit's own Word template of a report: checked, looked at, chosen by a paper, frozen with it at *Trình*."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from docx.oxml import OxmlElement
from sqlalchemy import select

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.decoding.limits import Unfit
from server.models import AuditLine, FreezeDocument, PaperVersion, ReportForm
from server.services.reports.snapshot import freezes
from server.services.reports.snapshot.freezes import spoken
from server.services.reports.word import own_template
from server.services.reports.workflow.papers import PaperAct, PaperState
from server.services.units.scope import Scope
from server.serving.installation import installed
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.letters import files
from support.world import asked
from support.world.issuing import annexes, compared, downloaded, make, opened, prose, step, to, word, write
from support.world.locking import lock
from support.world.papers import fill
from support.world.world import World
from sync.errors import CODES

pytestmark = [pytest.mark.slow, pytest.mark.databases("sqlite")]
S = PaperState
OURS = "Mẫu của tỉnh, điều chỉnh."
NEEDED = "{{ dau_hieu }} {{ ma_so_lieu }}"


def saved(made: Any) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def changed(says: str = OURS) -> bytes:
    """The starter with a sentence of its own, as somebody changes it in Word."""
    made = opened(own_template.starter())
    made.paragraphs[0].insert_paragraph_before(says)
    made.add_paragraph("Tổng số băng rôn: {{ tong.bang_ron }}.")
    return saved(made)


def plain(*paragraphs: str) -> bytes:
    made = docx.Document()
    for said in (*paragraphs, NEEDED):
        made.add_paragraph(said)
    return saved(made)


def excel() -> bytes:
    book = openpyxl.Workbook()
    return saved(book)


def dde() -> bytes:
    made = opened(plain())
    code = OxmlElement("w:instrText")
    code.text = " DDEAUTO cmd "
    made.add_paragraph()._p.add_r().append(code)  # noqa: SLF001
    return saved(made)


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def text_of(data: bytes) -> str:
    """The text of a Word file with its feet, as an office's own program would print it."""
    document = opened(data)
    said = [each.text for each in document.paragraphs]
    return "\n".join([*said, *(each.text for one in document.sections for each in one.footer.paragraphs)])


def upload(world: World, one: Any, data: bytes, name: str = "Mẫu tỉnh", unit: str = "331") -> Any:
    one.get(f"/desk/report/letterhead?unit={world.units[unit]}")
    form = next(each for each in one.forms() if each.values.get("whole"))
    sent: dict[str, Any] = {key: value[0] for key, value in form.values.items()}
    sent |= {"name": name, "file": (io.BytesIO(data), "mau.bin")}
    answer = one.http.post(form.action, data=sent, content_type="multipart/form-data", buffered=True)
    one.status, one.html = answer.status_code, answer.get_data(as_text=True)
    return answer


def choose(one: Any, paper: str, template: str) -> Any:
    """Choose a template in place, on the page of the report."""
    one.get(f"/desk/papers/{paper}")
    one.post(next(form for form in one.forms() if form.values.get("section") == ["set.template"]))
    one.follow()
    writing_form = next(form for form in one.forms() if form.action.endswith("/texts/save"))
    one.post(writing_form, act="close", **{"text.set.template": template})
    return one


def kept(world: World) -> ReportForm:
    with world.app.app_context(), reading() as session:
        found = session.scalars(select(ReportForm).order_by(ReportForm.added_at.desc())).first()
        assert found is not None
        session.expunge_all()
        return found


@pytest.fixture
def paper(world: World, desk: MakeDesk, phone: MakePhone) -> tuple[str, str, str]:
    """A draft of a district in its own template. Returns freeze, paper and template."""
    fill(desk, phone)
    freeze = lock(world)
    one = desk("huyen")
    assert upload(world, one, changed()).status_code == 303, one.text
    it, template = make(world), kept(world).id
    choose(one, it, template)
    assert one.status == 303, one.text
    return freeze, it, template


def lines(data: bytes) -> dict[str, list[str]]:
    """The rows of the tables of figures by their units."""
    found: dict[str, list[str]] = {}
    for table in opened(data).tables:
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        if rows[0][:2] == ["TT", "Đơn vị"]:
            for row in rows[1:]:
                found.setdefault(row[1], []).extend(row[2:])
    return found


def frozen(world: World, freeze: str) -> dict[str, list[str]]:
    """The same rows of the locked figures, as our own report prints them."""
    with world.app.app_context(), reading() as session:
        found = freezes.read(session, Scope(session, world.officers["huyen"]), freeze)
        report = freezes.frozen_report(found, freezes.headed(session, found))
    rows: dict[str, list[str]] = {}
    for grid in report.annexes[0].grids:
        for line in grid.lines:
            rows.setdefault(line.name, []).extend(str(cell) for cell in line.cells)
    return rows


@pytest.mark.databases("both")
@pytest.mark.costly
def test_a_paper_in_its_own_template_says_what_was_locked(
    world: World, desk: MakeDesk, paper: tuple[str, str, str]
) -> None:
    freeze, it, _ = paper
    one = desk("huyen")
    draft = downloaded(one, it)
    assert OURS in prose(draft)
    assert "DỰ THẢO" in opened(draft).tables[0].rows[1].cells[0].text
    one.get(f"/desk/papers/{it}")
    assert "theo mẫu riêng “Mẫu tỉnh”" in one.text
    to(world, it, S.PRESENTED)
    made = downloaded(one, it)
    assert lines(made) == frozen(world, freeze) != {}
    assert "Tổng số băng rôn: 12." in prose(made)
    foot = opened(made).sections[-1].footer.paragraphs[0].text
    assert spoken(freeze) in foot
    assert "DỰ THẢO" not in foot
    assert "treo 12 băng rôn" in prose(made)
    assert not any(sign in prose(made) for sign in ("{{", "{%")), "no tag is left"
    assert word(world, it) == made, "the same bytes each time"
    with world.app.app_context(), writing() as session:
        for each in session.scalars(select(FreezeDocument)):
            installed(world.app).blobs.drop([each.sha256])
    assert word(world, it) == made, "and made anew, as after a restore"


@pytest.mark.costly
def test_what_becomes_of_a_template_later_changes_nothing_that_was_presented(
    world: World, desk: MakeDesk, paper: tuple[str, str, str]
) -> None:
    _, it, template = paper
    to(world, it, S.PRESENTED)
    made = word(world, it)
    with world.app.app_context(), reading() as session:
        content = json.loads(session.scalars(select(PaperVersion.content)).one())
    assert content["template"] == {"sha256": kept(world).sha256, "name": "Mẫu tỉnh", "tags": kept(world).tags}
    one = desk("huyen")
    one.get(f"/desk/report/letterhead?unit={world.units['331']}")
    one.post(one.form(f"/{template}/remove"))
    assert upload(world, one, changed("Mẫu khác.")).status_code == 303
    assert word(world, it) == made
    one.get(f"/desk/papers/{it}")
    assert "theo mẫu riêng “Mẫu tỉnh”" in one.text
    step(world, it, PaperAct.BACK)
    one.get(f"/desk/papers/{it}")
    assert "Mẫu riêng đã chọn không còn nữa" in one.text, "a draft has no template that was withdrawn"
    assert one.http.get(f"/desk/report/word?paper={it}").status_code == 409
    with pytest.raises(Problem, match="template_gone"):
        step(world, it, PaperAct.SUBMIT)
    choose(one, it, "none")
    to(world, it, S.PRESENTED)
    ours = word(world, it)
    assert OURS not in prose(ours)
    assert opened(ours).tables[0].rows[0].cells[0].text
    again = make(world)
    choose(one, again, kept(world).id)
    assert "Mẫu khác." in prose(word(world, again))


@pytest.mark.costly
def test_the_choice_is_the_papers_until_it_is_presented_and_the_next_begins_with_it(
    world: World, desk: MakeDesk, paper: tuple[str, str, str]
) -> None:
    _, it, template = paper
    one = desk("huyen")
    second = make(world)
    assert OURS in prose(word(world, second)), "a sibling begins as a copy"
    choose(one, second, "none")
    assert OURS not in prose(word(world, second))
    choose(one, second, "0" * 16)
    assert one.http.get(f"/desk/report/word?paper={second}").status_code == 409, "an id of no template"
    choose(one, second, "phuc")
    assert one.status == 400
    step(world, it, PaperAct.SUBMIT)
    one.get(f"/desk/papers/{it}")
    assert not [form for form in one.forms() if form.values.get("section") == ["set.template"]]
    one.get(f"/desk/report/letterhead?unit={world.units['331']}")
    one.post(one.form(f"/{template}/remove"))
    assert OURS not in prose(word(world, make(world))), "a new paper begins without what was withdrawn"


def test_a_template_of_another_district_is_not_for_a_paper(world: World, desk: MakeDesk) -> None:
    lock(world)
    assert upload(world, desk("phucu"), changed(), unit="333").status_code == 303
    template, it, one = kept(world).id, make(world), desk("huyen")
    write(world, it, set__template=template)
    assert one.http.get(f"/desk/report/word?paper={it}").status_code == 409
    assert one.http.get(f"/desk/report/forms/{template}/preview?unit={world.units['331']}").status_code == 404
    assert upload(world, desk("tinh"), changed("Mẫu của tỉnh."), "Mẫu của tỉnh", unit="33").status_code == 303
    choose(one, it, kept(world).id)
    assert "Mẫu của tỉnh." in prose(word(world, it)), "one of a unit above is"


@pytest.mark.costly
def test_the_signed_copy_is_compared_with_the_locked_figures(
    world: World, desk: MakeDesk, paper: tuple[str, str, str], tmp_path: Path
) -> None:
    freeze, it, _ = paper
    to(world, it, S.SIGNED)
    text = text_of(downloaded(desk("huyen"), it))
    assert "treo 12 băng rôn" in text
    wrong: tuple[tuple[str, list[str]], ...] = (
        (text, []),
        (text.replace("treo 12 băng rôn", "treo 99 băng rôn").replace("băng rôn: 12", "băng rôn: 99"), ["Băng rôn"]),
        (text.replace(spoken(freeze), "0000-1111-2222-3333"), ["other_code"]),
        (text.replace(spoken(freeze), ""), ["code"]),
    )
    for place, (said, unfit) in enumerate(wrong):
        path = tmp_path / f"{place}.pdf"
        path.write_bytes(files.pdf(said))
        assert list(compared(world, it, path).unfit) == unfit


@pytest.mark.costly
def test_a_template_without_sections_is_not_asked_for_their_sentences(
    world: World, desk: MakeDesk, phone: MakePhone, tmp_path: Path
) -> None:
    fill(desk, phone)
    lock(world)
    one = desk("huyen")
    assert upload(world, one, plain("Băng rôn: {{ tong.bang_ron }}")).status_code == 303
    it = make(world)
    choose(one, it, kept(world).id)
    to(world, it, S.SIGNED)
    path = tmp_path / "signed.pdf"
    path.write_bytes(files.pdf(f"{prose(word(world, it))}, đủ chữ để là một trang"))
    assert list(compared(world, it, path).unfit) == []
    beside = one.http.get(f"/desk/report/word?paper={it}&beside=1", buffered=True)
    assert any("SỐ LIỆU" in name for name in annexes(beside.data)), "what it does not print is beside it"


@pytest.mark.costly
def test_a_file_beside_has_what_the_template_lacks(desk: MakeDesk, paper: tuple[str, str, str]) -> None:
    _, it, _ = paper
    beside = desk("huyen").http.get(f"/desk/report/word?paper={it}&beside=1", buffered=True)
    assert beside.status_code == 200
    names = annexes(beside.data)
    assert names
    assert not any(name.startswith("SỐ LIỆU KẾT QUẢ") for name in names), "the table is in the paper"


@pytest.mark.databases("both")
@pytest.mark.costly
def test_the_issued_paper_stands_in_the_closing_file_in_its_template(
    world: World, desk: MakeDesk, paper: tuple[str, str, str]
) -> None:
    _, it, _ = paper
    to(world, it, S.ISSUED)
    with zipfile.ZipFile(asked.got(world, desk("huyen"), "331", "dossier")) as archive:
        issued = [name for name in archive.namelist() if name.startswith("3-van-ban-da-phat-hanh/")]
        assert [archive.read(name) for name in issued] == [word(world, it)]
        assert OURS in prose(archive.read(issued[0]))


@pytest.mark.costly
def test_a_draft_without_its_template_keeps_no_closing_file_from_being_made(
    world: World, desk: MakeDesk, paper: tuple[str, str, str]
) -> None:
    _, it, template = paper
    one = desk("huyen")
    one.get(f"/desk/report/letterhead?unit={world.units['331']}")
    one.post(one.form(f"/{template}/remove"))
    assert one.http.get(f"/desk/report/word?paper={it}").status_code == 409
    with zipfile.ZipFile(asked.got(world, one, "331", "dossier")) as archive:
        drafts = [name for name in archive.namelist() if name.startswith("8-ban-thao/")]
        assert "treo 12 băng rôn" in prose(archive.read(drafts[0])), "in our layout"


def test_a_preview_is_filled_with_the_draft_of_today(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    one = desk("tinh")
    assert upload(world, one, changed(), unit="33").status_code == 303
    one.get(f"/desk/report/letterhead?unit={world.units['33']}")
    assert "Đề nghị xem thử" in one.text
    at = f"/desk/report/forms/{kept(world).id}/preview"
    for who, unit, banners in (("tinh", "33", "48"), ("huyen", "331", "12"), ("xa1", "12286", "12")):
        seen = desk(who).http.get(f"{at}?unit={world.units[unit]}", buffered=True)
        assert f"Tổng số băng rôn: {banners}." in prose(seen.data), who
    silent = desk("nhanla").http.get(f"{at}?unit={world.units['12289']}", buffered=True)
    assert "Tổng số băng rôn: –." in prose(silent.data)
    assert desk("phucu").http.get(f"{at}?unit={world.units['331']}").status_code == 404
    with world.app.app_context(), reading() as session:
        acts = session.execute(select(AuditLine.act, AuditLine.new)).all()
    assert {"format": "docx", "table": "template", "hash": kept(world).sha256[:32]} in [
        json.loads(new) for act, new in acts if act == "form_added"
    ]
    assert "template" in [json.loads(new).get("table") for act, new in acts if act == "exported"]


def test_the_starter_is_a_template_as_it_is(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    starter = one.http.get("/desk/report/forms/starter", buffered=True)
    assert upload(world, one, starter.data).status_code == 303, one.text
    assert set(kept(world).tags or ()) >= {*own_template.NEEDED, *own_template.LISTS, *own_template.FIELDS} - {
        own_template.UNITS
    }


@pytest.mark.parametrize(
    ("said", "says", "place"),
    [
        ("Kết quả: {{ bang_zon }} băng", "không có trong danh sách", "Kết quả: {{ bang_zon }} băng"),
        ("Treo {{ tong.bang_zon }} chiếc", "không có trong danh sách", "Treo {{ tong.bang_zon }} chiếc"),
        ("{% for d in cac_don_vi %}{{ d.bang_zon }}{% endfor %}", "không có trong danh sách", "{{ d.bang_zon }}"),
        ("Số {{ bang_ron + }} cái", "viết không đúng mẫu", "Số {{ bang_ron + }} cái"),
        ("{% for d in cac_don_vi %}{{ d.don_vi }}", "thiếu lệnh mở hoặc lệnh đóng", "{% for d in cac_don_vi %}"),
        ("tổng {{ tong.bang_ron", "thiếu ngoặc", "{{ tong.bang_ron"),
        ("{{ tong.bang_ron / 2 }}", "không thực hiện được", ""),
        ("{{ kinh_gui[1] }}", "không có trong danh sách", ""),
        ("{{ ''.__class__.__mro__ }}", "không thực hiện được", ""),
        ("{% macro a() %}{% endmacro %}", "viết không đúng mẫu", "macro"),
    ],
)
def test_a_wrong_tag_is_named_with_the_words_around_it(tmp_path: Path, said: str, says: str, place: str) -> None:
    path = tmp_path / "template"
    path.write_bytes(plain(said))
    with pytest.raises(Unfit) as found:
        own_template.checked(path)
    assert says in CODES[found.value.code].vi
    assert place in found.value.place


def test_every_tag_is_explained_in_the_docs() -> None:
    said = (Path(__file__).parents[2] / "docs" / "vi" / "mau-bao-cao.md").read_text("utf-8")
    fields = {name for row in own_template.FIELDS.values() for name in row}
    for name in (*own_template.known(), *fields):
        assert re.search(rf"\b{name}\b", said), name


def test_the_page_names_the_fault_beside_the_form(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    assert upload(world, one, plain("Kết quả: {{ bang_zon }} băng")).status_code == 422
    assert "Kết quả: {{ bang_zon }} băng" in one.text
    assert "Chưa có mẫu nào" in one.text
    without = docx.Document()
    without.add_paragraph("{{ dau_hieu }}")
    assert upload(world, one, saved(without)).status_code == 422
    assert "thiếu một thẻ bắt buộc" in one.text
    assert "{{ ma_so_lieu }}" in one.text
    for data, says in (
        (with_part(plain(), "word/vbaProject.bin", b"x"), "macro"),
        (with_part(plain(), "word/media/a.xml", b"0" * 41 * 1024**2), "quá phức tạp"),
        (with_part(plain(), "word/embeddings/a.bin", b"x"), "tệp khác"),
        (dde(), "chương trình khác"),
        (excel(), "phải là tệp Word"),
        (b"%PDF-1.7", "không phải Excel"),
    ):
        assert upload(world, one, data).status_code == 422
        assert says in one.text, says


def test_who_may_not_write_for_a_unit_gives_it_no_template(world: World, desk: MakeDesk) -> None:
    one = desk("phucu")
    one.get(f"/desk/report/letterhead?unit={world.units['333']}")
    form = next(each for each in one.forms() if each.values.get("whole"))
    sent: dict[str, Any] = {key: value[0] for key, value in form.values.items()} | {"unit": world.units["331"]}
    sent["file"] = (io.BytesIO(plain()), "mau.docx")
    assert one.http.post(form.action, data=sent, content_type="multipart/form-data").status_code == 404
    above = desk("quantri")
    above.get(f"/desk/report/letterhead?unit={world.units['331']}")
    assert not above.has_form("/report/forms"), "an administrator runs accounts and writes no papers"
