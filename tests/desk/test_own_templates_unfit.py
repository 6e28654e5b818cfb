"""A unit's own Word template that cannot be filled, hides what it has to say, brings in more than text, or computes."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from desk.test_own_templates import NEEDED, OURS, changed, choose, kept, plain, saved, upload
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from sqlalchemy import select

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.decoding.limits import Decoding, Unfit
from server.decoding.service import decode
from server.models import FreezeDocument, FreezeLine, PhotoRef, Record
from server.services.reports.word import own_template
from server.services.reports.workflow import paper_documents
from server.services.reports.workflow.papers import PaperAct, PaperState
from server.serving.installation import installed
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world import asked
from support.world.issuing import history, make, prose, step, to, word, write
from support.world.locking import lock
from support.world.papers import fill
from support.world.purging import purge
from support.world.world import World

pytestmark = [pytest.mark.slow, pytest.mark.databases("sqlite")]
FAULT = "{{ cac_muc[99].ten }}"
FAILS = f"{{% if ten_don_vi not in ('ten_don_vi', '') %}}{FAULT}{{% endif %}}"
"""It is filled with every example, and with no report of a unit."""


def chosen(world: World, one: Any, template: bytes) -> str:
    """A draft in a template. Returns the paper."""
    assert upload(world, one, template).status_code == 303, one.text
    it = make(world)
    choose(one, it, kept(world).id)
    return it


@pytest.mark.databases("both")
def test_a_template_that_cannot_be_filled_is_not_presented_and_the_tag_is_named(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    fill(desk, phone)
    lock(world)
    one = desk("huyen")
    it = chosen(world, one, plain(f"Kết quả: {FAILS}"))
    one.get(f"/desk/papers/{it}")
    one.post(next(form for form in one.forms() if form.action.endswith("/step")), act="submit")
    assert one.status == 422
    assert FAULT in one.text
    assert "không điền được bằng báo cáo này" in one.text
    assert history(world, it).state is PaperState.DRAFT
    with zipfile.ZipFile(asked.got(world, one, "331", "dossier")) as archive:
        drafts = [name for name in archive.namelist() if name.startswith("8-ban-thao/")]
        assert "treo 12 băng rôn" in prose(archive.read(drafts[0])), "in our layout"


@pytest.mark.databases("both")
def test_what_was_filled_is_kept_as_it_is_presented(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    lock(world)
    it = chosen(world, desk("huyen"), changed())
    with world.app.app_context():
        filled = paper_documents.filled_version(world.officers["huyen"], it, installed(world.app).blobs)
    assert filled is not None
    write(world, it, set__subject="một trích yếu khác")
    for other in (filled, None):
        with pytest.raises(Problem, match="paper_changed"):
            step(world, it, PaperAct.SUBMIT, filled=other)
    step(world, it, PaperAct.SUBMIT)
    with world.app.app_context(), reading() as session:
        sha256 = session.scalars(select(FreezeDocument.sha256)).one()
        assert installed(world.app).blobs.has(sha256)
    assert hashlib.sha256(word(world, it)).hexdigest() == sha256


def test_a_paper_whose_word_file_is_lost_is_said_to_be_in_the_closing_file(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    fill(desk, phone)
    lock(world)
    one = desk("huyen")
    it = to(world, chosen(world, one, changed()), PaperState.ISSUED)
    with world.app.app_context(), reading() as session:
        lost = [kept(world).sha256, *session.scalars(select(FreezeDocument.sha256))]
        installed(world.app).blobs.drop(lost)
    assert one.http.get(f"/desk/report/word?paper={it}").status_code == 422
    with zipfile.ZipFile(asked.got(world, one, "331", "dossier")) as archive:
        assert not [name for name in archive.namelist() if name.startswith("3-van-ban-da-phat-hanh/")]
        index = docx.Document(io.BytesIO(archive.read("0-muc-luc.docx")))
    rows = [[cell.text for cell in row.cells] for table in index.tables for row in table.rows]
    assert [row[-1] for row in rows if "(bản Word)" in " ".join(row)] == ["không còn tệp trên máy chủ"]


@pytest.mark.databases("both")
def test_a_purge_leaves_a_template_and_what_was_presented_in_it(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """A record may name the very bytes as its photo."""
    fill(desk, phone)
    lock(world)
    it = to(world, chosen(world, desk("huyen"), changed()), PaperState.PRESENTED)
    blobs = installed(world.app).blobs
    with world.app.app_context(), writing() as session:
        elsewhere = Record.id.not_in(select(FreezeLine.record_id))
        record = session.scalars(select(Record).where(elsewhere)).first()
        assert record is not None
        theirs = [kept(world).sha256, *session.scalars(select(FreezeDocument.sha256))]
        for each in theirs:
            named = {"record_id": record.id, "stream_id": record.stream_id, "role": "original"}
            session.add(PhotoRef(sha256=each, held=False, gone=False, **named))
        id_ = record.id
    assert not set(purge(world, id_)) & set(theirs)
    assert all(map(blobs.has, theirs))
    assert OURS in prose(word(world, it))


# What the check and each filling look at, in the file alone.
def checked(tmp_path: Path, data: bytes) -> list[str]:
    path = tmp_path / "template"
    path.write_bytes(data)
    return own_template.checked(path)


def hidden(how: str) -> bytes:
    """A template whose needed tags stand where nobody reads them."""
    made = docx.Document()
    made.add_paragraph("BÁO CÁO")
    if how == "a first page that is like the others":
        made.sections[0].first_page_footer.paragraphs[0].text = NEEDED
        made.sections[0].different_first_page_header_footer = False
        return saved(made)
    if how == "left out":
        made.add_paragraph("{% if dau_hieu %}{% endif %}{% if ma_so_lieu %}{% endif %}")
        return saved(made)
    if how == "left out of a draft":
        made.add_paragraph("{% if not dau_hieu %}{{ dau_hieu }}{% endif %}{{ ma_so_lieu }}")
        return saved(made)
    paragraph = made.add_paragraph()
    run = paragraph.add_run(NEEDED)
    if how == "hidden":
        run.font.hidden = True
    elif how == "white":
        run.font.color.rgb = RGBColor(0xFF, 0xFF, 0xFF)
    elif how == "small":
        run.font.size = Pt(1)
    elif how == "a hidden style":
        style = made.styles.add_style("An", 1)
        style.font.hidden = True
        paragraph.style = style
    else:
        box = OxmlElement("w:txbxContent")
        box.append(paragraph._p)  # noqa: SLF001
        made.add_paragraph()._p.add_r().append(OxmlElement("w:pict"))  # noqa: SLF001
        next(made.element.body.iter(qn("w:pict"))).append(box)
    return saved(made)


@pytest.mark.parametrize(
    "how",
    [
        *("left out", "left out of a draft", "hidden", "white", "small", "a hidden style", "a text box"),
        "a first page that is like the others",
    ],
)
def test_a_needed_tag_that_nobody_reads_is_refused(tmp_path: Path, how: str) -> None:
    with pytest.raises(Unfit, match="template_lacks") as found:
        checked(tmp_path, hidden(how))
    assert "{{ dau_hieu }}" in found.value.place


def test_a_draft_mark_that_only_examples_show_is_refused_when_it_is_filled(tmp_path: Path) -> None:
    path = tmp_path / "template"
    made = docx.Document()
    made.add_paragraph("{% if dau_hieu == 'dau_hieu' %}{{ dau_hieu }}{% endif %}{{ ma_so_lieu }}")
    path.write_bytes(saved(made))
    assert own_template.checked(path)
    said = own_template.example(2)
    said["head"] |= {"dau_hieu": "DỰ THẢO"}
    with pytest.raises(Unfit, match="template_lacks"):
        filled(path, said)


def filled(path: Path, said: dict[str, Any]) -> bytes:
    target = path.with_name("filled.docx")
    at, needed = [2021, 8, 1, 8, 0, 0], list(own_template.NEEDED)
    decode(Decoding.FILLED_REPORT, [path], [target], at=at, needed=needed, **said)
    return target.read_bytes()


def changed_parts(data: bytes, change: Callable[[str, bytes], bytes | None], **more: bytes) -> bytes:
    """The file with its parts changed or left out, and more of them."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if (made := change(part.filename, old.read(part))) is not None:
                new.writestr(part.filename, made)
        for name, content in more.items():
            new.writestr(name, content)
    return out.getvalue()


def test_a_template_without_properties_makes_the_same_bytes_each_time(tmp_path: Path) -> None:
    def without(name: str, data: bytes) -> bytes | None:
        if name in ("_rels/.rels", "[Content_Types].xml"):
            return re.sub(rb"<(Relationship|Override) [^>]*core[.-][^>]*/>", b"", data)
        return None if name == "docProps/core.xml" else data

    path = tmp_path / "template"
    path.write_bytes(changed_parts(plain("BÁO CÁO"), without))
    made = filled(path, own_template.example(2))
    said = docx.Document(io.BytesIO(made)).core_properties
    assert [str(each) for each in (said.created, said.modified)] == ["2021-08-01 08:00:00+00:00"] * 2
    assert (said.last_modified_by, said.revision) == ("", 1)


RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


@pytest.mark.parametrize(
    ("relation", "part", "type_"),
    [
        ("aFChunk", "word/chunk.xml", "application/xml"),
        ("control", "word/activeX/activeX1.xml", "application/xml"),
        ("subDocument", "word/other.xml", "application/xml"),
        ("attachedTemplate", "word/other.xml", "application/xml"),
        ("image", "word/a.html", "text/html"),
        ("image", "word/a.xhtml", "application/xhtml+xml"),
        ("image", "word/a.bin", "application/vnd.ms-office.activeX"),
        ("image", "word/a.bin", ""),
    ],
)
def test_a_part_for_another_program_is_refused(tmp_path: Path, relation: str, part: str, type_: str) -> None:
    def with_part(name: str, data: bytes) -> bytes:
        if name == "[Content_Types].xml" and type_:
            override = f'<Override PartName="/{part}" ContentType="{type_}"/></Types>'
            return data.replace(b"</Types>", override.encode())
        if name == "word/_rels/document.xml.rels":
            target = part.removeprefix("word/")
            one = f'<Relationship Id="rId99" Type="{RELATION}{relation}" Target="{target}"/></Relationships>'
            return data.replace(b"</Relationships>", one.encode())
        return data

    with pytest.raises(Unfit, match="form_outside"):
        checked(tmp_path, changed_parts(plain(), with_part, **{part: b"<a/>"}))


@pytest.mark.parametrize(
    "said",
    [
        *("{{ tong.bang_ron | int }}", "{{ tong.bang_ron | float | round }}", "{{ tong.bang_ron * 2 }}"),
        *("{{ cac_don_vi | sum('bang_ron') }}", "{{ -5 }}", "{{ '%s' % so_lieu }}", "{{ kinh_gui | sort | first }}"),
        *("{% for a in range(9) %}x{% endfor %}", "{{ range }}"),
    ],
)
def test_a_template_computes_nothing(tmp_path: Path, said: str) -> None:
    """An amount is a text, as 1.234*, of which a number would be 0."""
    with pytest.raises(Unfit, match=r"form_tags?") as found:
        checked(tmp_path, plain(f"Tổng: {said}"))
    assert re.split(r"(?<=%})", said)[0] in found.value.place


@pytest.mark.parametrize(
    "said",
    [
        "{% for m in cac_bang %}{{ m.tong.so_lieu[1] }}{% endfor %}",
        "{% if not dau_hieu and cac_bang %}{{ cac_muc[99].ten }}{% endif %}",
    ],
)
def test_a_template_is_tried_with_one_column_and_with_what_was_presented(tmp_path: Path, said: str) -> None:
    with pytest.raises(Unfit, match="form_tag") as found:
        checked(tmp_path, plain(said))
    assert re.search(r"\{\{ [^}]*\[\d+\][^}]*\}\}", found.value.place), "the tag, not what a library says of it"
