"""Documents asked for on a page and made by jobs: once, found again, gone after a purge, nobody else's."""

from __future__ import annotations

import fcntl
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import docx
import openpyxl
import pytest
from pypdf import PdfReader
from sqlalchemy import func, select

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.decoding import limits
from server.models import AskedDocument, Job, Membership
from server.models.installation import lock_catalog
from server.services.jobs import running
from server.services.jobs.attempt import Later
from server.services.reports import additions
from server.services.reports.documents import report_files
from server.serving.installation import installed
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.jobs import inline
from support.world import asked, locking, papers, purging
from support.world.world import World

pytestmark = [pytest.mark.slow, pytest.mark.databases("sqlite")]
KINDS = ("word", "excel", "table", "summary", "log_book", "dossier")
WEEK = {"from": "2021-07-07"}


@pytest.fixture
def filled(desk: MakeDesk, phone: MakePhone) -> list[str]:
    return papers.fill(desk, phone)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("unit", ["33", "331", "12286"])
@pytest.mark.usefixtures("filled")
@pytest.mark.costly
def test_every_kind_is_made_for_every_level(world: World, desk: MakeDesk, kind: str, unit: str) -> None:
    one = desk({"33": "tinh", "331": "huyen", "12286": "xa1"}[unit])
    file = asked.got(world, one, unit, kind, **(WEEK if kind == "log_book" else {}))
    if kind == "excel":
        assert openpyxl.load_workbook(file).sheetnames[0] == "Phụ lục I"
    elif kind == "dossier":
        assert "SHA256SUMS.txt" in zipfile.ZipFile(file).namelist()
    else:
        assert len(docx.Document(file).tables) > 0


@pytest.mark.usefixtures("filled")
@pytest.mark.costly
def test_asked_twice_it_is_made_once_and_later_anew(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    first = asked.asked(world, one, "331", "word")
    assert asked.asked(world, one, "331", "word") == first
    assert asked.made(world, first).state == "done"
    one.get("/desk/report/documents?unit=" + world.units["331"])
    assert "bao-cao-huyen-kim-dong-" in one.text
    assert "Đã xong" in one.text
    second = asked.asked(world, one, "331", "word")
    assert second != first
    with world.app.app_context(), reading() as session:
        assert session.scalar(select(func.count()).select_from(AskedDocument)) == 2


@pytest.mark.usefixtures("filled")
@pytest.mark.costly
def test_a_document_is_for_who_may_see_its_unit(world: World, desk: MakeDesk) -> None:
    mine = asked.asked(world, desk("huyen"), "331", "word")
    assert desk("huyen").http.get(f"/desk/report/documents/{mine}", buffered=True).status_code == 409
    asked.made(world, mine)
    for username, status in (("huyen", 200), ("tinh", 200), ("phucu", 404), ("xa1", 404)):
        assert desk(username).http.get(f"/desk/report/documents/{mine}", buffered=True).status_code == status, username
    assert desk().http.get(f"/desk/report/documents/{mine}", buffered=True).status_code == 303
    one = desk("xa1")
    one.get("/desk/report/documents")
    form = next(form for form in one.forms() if form.values.get("kind") == ["word"])
    assert one.post(form, unit=world.units["331"]).status_code == 404
    assert one.post(form, kind="no such").status_code == 404
    assert one.post(form, campaign="0" * 16).status_code == 404


@pytest.mark.costly
def test_a_purge_deletes_files_that_may_hold_the_record(world: World, desk: MakeDesk, filled: list[str]) -> None:
    one = desk("tinh")
    theirs, others = asked.asked(world, one, "33", "word"), asked.asked(world, one, "333", "word")
    for each in (theirs, others):
        asked.made(world, each)
    with world.app.app_context(), reading() as session:
        job = session.get_one(Job, session.get_one(AskedDocument, theirs).job_id)
        key = str(job.result_key)
    blobs = installed(world.app).blobs
    assert blobs.has(key)
    purge(world, filled[0])
    assert not blobs.has(key)
    assert one.http.get(f"/desk/report/documents/{theirs}", buffered=True).status_code == 410
    assert one.http.get(f"/desk/report/documents/{others}", buffered=True).status_code == 200
    one.get("/desk/report/documents?unit=" + world.units["33"])
    assert "đề nghị lập lại" in one.text


def purge(world: World, record: str) -> None:
    purging.purge(world, record)


@pytest.mark.usefixtures("filled")
def test_a_job_whose_rights_ended_fails_with_a_sentence(world: World, desk: MakeDesk) -> None:
    document = asked.asked(world, desk("huyen"), "331", "word")
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        theirs = select(Membership).where(Membership.officer_id == world.officers["huyen"])
        session.scalars(theirs).one().ended_at = 1
    assert asked.made(world, document).code == "not_found"


@pytest.mark.usefixtures("filled")
def test_a_freeze_gives_the_same_document_as_its_page(world: World, desk: MakeDesk) -> None:
    freeze = locking.lock(world)
    one = desk("huyen")
    file = asked.got(world, one, "331", "word", freeze=freeze)
    assert file.getvalue() == papers.word(one, freeze, "annexes=all&photos=60")
    sheet = openpyxl.load_workbook(asked.got(world, one, "331", "excel", freeze=freeze))["Phụ lục I"]
    assert "Số liệu đã khóa" in str(sheet["A3"].value)
    assert desk("phucu").http.post("/desk/report/documents").status_code in (400, 404)


@pytest.mark.usefixtures("filled")
@pytest.mark.costly
def test_the_summary_says_what_changed_since_the_last_print(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    one = desk("tinh")
    before = docx.Document(asked.got(world, one, "33", "summary"))
    rows = {row.cells[1].text: [cell.text for cell in row.cells] for row in before.tables[1].rows}
    assert len(rows) == 11, "the head, and all that the letter asks for"
    assert rows["Băng rôn"][3:6] == ["48", "", ""]
    text = "\n".join(each.text for each in before.paragraphs)
    assert "Có 2/3 đơn vị đã có số liệu." in text
    assert "xã Nhân La" in text
    assert "Lần in đầu" in text
    officer = phone("xa1")
    record = officer.create(quantity=7)
    officer.sync()
    papers.decide(desk("huyen"), record)
    after = docx.Document(asked.got(world, one, "33", "summary"))
    rows = {row.cells[1].text: [cell.text for cell in row.cells] for row in after.tables[1].rows}
    assert rows["Băng rôn"][3:6] == ["55", "", "+7"]
    assert rows["Lượt phát"][5] == "0"


@pytest.mark.usefixtures("filled")
@pytest.mark.costly
def test_the_log_book_of_a_week(world: World, desk: MakeDesk) -> None:
    file = docx.Document(asked.got(world, desk("xa1"), "12286", "log_book", **WEEK))
    rows = [[cell.text for cell in row.cells] for row in file.tables[0].rows]
    assert rows[1][0] == "Tổng cộng"
    said = dict(zip(rows[0], rows[1], strict=True))
    assert [said[head] for head in ("Dự kiến", "Đã phát", "Phút mỗi lượt", "Số phút")] == ["28", "28", "", "140"]
    assert "Giờ phát" not in said, "no column is empty"
    assert all(any(row[place] for row in rows[1:]) for place in range(len(rows[0])))
    assert rows[2][0] == "Thứ hai, 05/7/2021"
    assert [row[rows[0].index("Dự kiến")] for row in rows[2:]] == ["4"] * 7
    text = "\n".join(each.text for each in file.paragraphs)
    assert "Tuần 05/7/2021 - 11/7/2021" in text
    document = asked.asked(world, desk("xa1"), "12286", "log_book", **{"from": "2020-01-01"})
    assert asked.made(world, document).code == "document_empty"
    one = desk("xa1")
    one.get("/desk/report/documents")
    form = next(form for form in one.forms() if form.values.get("kind") == ["log_book"])
    assert one.post(form, **{"from": "chưa rõ"}).status_code == 422


@pytest.mark.usefixtures("filled")
@pytest.mark.costly
def test_a_table_of_its_own_has_two_signatures_and_an_annex_none(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    table = docx.Document(asked.got(world, one, "331", "table"))
    last = [cell.text for cell in table.tables[-1].rows[0].cells]
    assert "NGƯỜI LẬP BIỂU" in last[0]
    assert "THỦ TRƯỞNG ĐƠN VỊ" in last[1]
    report = docx.Document(asked.got(world, one, "331", "word"))
    every = "\n".join(cell.text for each in report.tables for row in each.rows for cell in row.cells)
    assert "NGƯỜI LẬP BIỂU" not in every


@pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice here")
@pytest.mark.usefixtures("filled")
def test_a_pdf_and_one_page_of_summary(world: World, desk: MakeDesk, tmp_path: Path) -> None:
    pages = PdfReader(asked.got(world, desk("huyen"), "331", "pdf")).pages
    assert "PHÒNG LAO ĐỘNG -" in pages[0].extract_text()
    assert "2" in pages[1].extract_text().split()[:1]
    summary = tmp_path / "summary.docx"
    summary.write_bytes(asked.got(world, desk("tinh"), "33", "summary").getvalue())
    converter = installed(world.app).pdf
    assert len(PdfReader(converter.convert(summary, tmp_path)).pages) == 1


@pytest.mark.usefixtures("filled")
def test_without_libreoffice_the_page_says_so(world: World, desk: MakeDesk, tmp_path: Path) -> None:
    before = installed(world.app).pdf
    installed(world.app).pdf = report_files.Converter(report_files.OFF, tmp_path)
    try:
        one = desk("huyen")
        one.get("/desk/report/documents")
        assert "chưa cài LibreOffice" in one.text
        assert not any(form.values.get("kind") == ["pdf"] for form in one.forms())
        form = next(form for form in one.forms() if form.values.get("kind") == ["word"])
        assert one.post(form, kind="pdf").status_code == 422
    finally:
        installed(world.app).pdf = before


def test_libreoffice_that_hangs_is_ended_and_two_never_run_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = limits.Decoding.OFFICE_PDF
    monkeypatch.setitem(limits.LIMITS, of, replace(limits.LIMITS[of], wall_s=1))
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\nsleep 60\n")
    program.chmod(0o755)
    file = tmp_path / "a.docx"
    file.write_bytes(b"PK")
    with pytest.raises(Problem, match="pdf_failed"):
        report_files.Converter(str(program), tmp_path).convert(file, tmp_path)
    with (tmp_path / "pdf.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Later):
            report_files.Converter(str(program), tmp_path).convert(file, tmp_path)


@pytest.mark.usefixtures("filled")
def test_a_job_that_a_shutdown_cut_short_is_made_again(world: World, desk: MakeDesk) -> None:
    document = asked.asked(world, desk("tinh"), "33", "dossier")
    with world.app.app_context(), reading() as session:
        job = session.get_one(AskedDocument, document).job_id
    running.run(installed(world.app).jobs, job, world.app.app_context, lambda: True)
    assert inline.row(world, job).state == "queued"
    assert inline.run(world, job).state == "done"


@pytest.mark.usefixtures("filled")
@pytest.mark.costly
def test_others_give_the_same_time_before(world: World, desk: MakeDesk) -> None:
    additions.EARLIER.add("thử", lambda _session, _campaign, _unit: {"banners": 1_040})
    try:
        summary = docx.Document(asked.got(world, desk("tinh"), "33", "summary"))
        commune = docx.Document(asked.got(world, desk("xa1"), "12286", "word"))
    finally:
        additions.EARLIER.remove("thử")
    rows = {row.cells[1].text: [cell.text for cell in row.cells] for row in summary.tables[1].rows}
    assert rows["Băng rôn"][3:] == ["48", "1.040", "", "0"]
    assert "Các số liệu trên đều có minh chứng." in [each.text for each in summary.paragraphs]
    table = next(each for each in commune.tables if each.rows[0].cells[0].text == "STT")
    rows = {row.cells[1].text: [cell.text for cell in row.cells] for row in table.rows}
    assert rows["Băng rôn"][3:5] == ["12", "1.040"]
    text = "\n".join(each.text for each in commune.paragraphs)
    assert "Cột “Cùng kỳ” để trống" not in text


def test_a_purged_record_leaves_the_lists_of_what_was_frozen(world: World, desk: MakeDesk, filled: list[str]) -> None:
    freeze = locking.lock(world)
    one = desk("huyen")
    before = papers.opened(papers.word(one, freeze))
    purge(world, filled[0])
    after = papers.opened(papers.word(one, freeze))
    for document, count in ((before, 2), (after, 1)):
        heads_of = ([cell.text for cell in each.rows[0].cells] for each in document.tables)
        lists = [heads for heads in heads_of if heads[0] == "STT" and "Số hiệu" in heads]
        assert len(lists) == count
    assert "01 kết quả đã được xóa vĩnh viễn sau khi khóa" in papers.prose(after)
    heads = [
        [line for line in papers.prose(each).split("\n") if line.startswith("Phụ lục ")] for each in (before, after)
    ]
    assert heads[0] == heads[1], "an annex of which nothing is left says so, and the others keep their numbers"
    assert papers.banners(after) == papers.banners(before)
    assert locking.check(world, freeze).is_right
