"""What is refused where a capability is at its end: too many, too large, too early, gone. Each in its own sentence."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import delete, select

from server.core.clock import today
from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.models import CaseKey, KeyHolder, KeyOpening, ReportForm
from server.services.airing_log.reading import MOST_PLAYS, ReadLog, from_text, read
from server.services.airing_log.reading import Play as Airing
from server.services.comparison.grid import of_lines
from server.services.exports import links, selection
from server.services.organisation.staff import give_role
from server.services.photos import computer_photos
from server.services.reports.documents import report_forms
from server.services.reports.text import statements
from server.serving.installation import installed
from support.clients.desk import Desk, MakeDesk
from support.clients.phone import MakePhone
from support.world import asked
from support.world.cases import NEW, entered, entitle
from support.world.confidential import PASSPHRASE
from support.world.keyholders import PAGE as CASE_KEY
from support.world.keyholders import puppet, signed_in
from support.world.world import World
from sync.errors import CODES
from sync.protocol import PHOTO_BYTES

pytestmark = pytest.mark.databases("sqlite")
EXPORTS, DOCUMENTS = "/desk/exports", "/desk/report/documents"
PAPER = {"type": "plan", "symbol": "12/KH-UBND", "issued_on": "2021-07-05", "subject": "Hưởng ứng ngày 30/7"}


def assert_said(one: Desk, code: str) -> None:
    assert one.status == CODES[code].status
    assert CODES[code].vi in one.text


def own_form() -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    for place, said in (("A1", "Đơn vị"), ("B1", "Băng rôn"), ("A2", "{{don_vi}}"), ("B2", "{{bang_ron}}")):
        book.active[place] = said
    book.save(out)
    return out.getvalue()


def add_form(world: World, one: Desk, named: str = "Biểu 01", file: str = "bieu.xlsx") -> None:
    one.get(f"/desk/report/letterhead?unit={world.units['331']}")
    form = next(each for each in one.forms() if each.action.endswith("/report/forms") and not each.values.get("whole"))
    one.post(form, name=named, file=[(io.BytesIO(own_form()), file)])


# --- exports --------------------------------------------------------------------------


def test_a_selection_of_too_many_is_no_file(
    world: World, desk: MakeDesk, phone: MakePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = phone("xa1")
    officer.create(quantity=3)
    officer.sync()
    one = desk("huyen")
    one.get(f"{EXPORTS}?campaign={world.campaign}")
    form = one.form("/exports/links")
    monkeypatch.setattr(selection, "MOST", 0)
    one.get(f"{EXPORTS}/table.csv?campaign={world.campaign}")
    assert_said(one, "export_too_large")
    one.post(replace(form, action=f"{EXPORTS}/ask"), **{"as": "csv"})
    assert_said(one, "export_too_large")


def test_a_link_is_of_one_unit_and_a_person_has_few(
    world: World, desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "OPEN", 1)
    one = desk("huyen")
    one.get(f"{EXPORTS}?campaign={world.campaign}")
    assert one.post(one.form("/exports/links")).status_code == 200
    one.get(f"{EXPORTS}?campaign={world.campaign}")
    form = one.form("/exports/links")
    one.post(form)
    assert_said(one, "too_many_links")
    with world.app.app_context(), writing() as session:
        give_role(session, world.officers["huyen"], world.units["333"], "reviewer")
    one.post(form)
    assert_said(one, "export_unit")


# --- documents and forms of a unit's own ----------------------------------------------


def test_a_document_is_fetched_once_it_is_made(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    officer.create(quantity=3)
    officer.sync()
    one = desk("xa1")
    document = asked.asked(world, one, "12286", "word")
    one.get(f"{DOCUMENTS}/{document}")
    assert_said(one, "document_not_ready")


def test_a_log_book_is_of_a_week(world: World, desk: MakeDesk) -> None:
    one = desk("xa1")
    one.get(f"{DOCUMENTS}?unit={world.units['12286']}&campaign={world.campaign}")
    one.post(next(form for form in one.forms() if form.values.get("kind") == ["log_book"]), **{"from": ""})
    assert_said(one, "document_week")


def test_a_form_has_a_name_and_a_unit_has_few(world: World, desk: MakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    one = desk("huyen")
    add_form(world, one, "", " .xlsx")
    assert_said(one, "form_unnamed")
    monkeypatch.setattr(report_forms, "MOST", 1)
    add_form(world, one)
    assert one.status == 303, one.text
    add_form(world, one, "Biểu 02")
    assert_said(one, "form_too_many")


def test_a_form_whose_file_is_lost_is_asked_for_again(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    officer.create(quantity=3)
    officer.sync()
    one = desk("huyen")
    add_form(world, one)
    document = asked.asked(world, one, "331", "form")
    with world.app.app_context(), reading() as session:
        installed(world.app).blobs.drop(session.scalars(select(ReportForm.sha256)).all())
    assert asked.made(world, document).code == "form_lost"


# --- statements, logs of a scheduler, files of a computer -------------------------------


def test_documents_that_are_listed_have_an_end(world: World, desk: MakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "MOST", 1)
    one = desk("xa1")
    for symbol, status in (("1/KH", 303), ("2/KH", 422)):
        one.get(f"/desk/statements?unit={world.units['12286']}&campaign={world.campaign}")
        assert one.post(one.form("/desk/statements/papers"), **PAPER | {"symbol": symbol}).status_code == status
    assert_said(one, "too_many_papers")


def test_a_log_of_too_many_airings_is_divided() -> None:
    rows = [["Ngày", "Giờ", "Tin bài", "Thời lượng"]]
    rows += [[f"{day:02}/07/2021", "05:30", f"Bài {number}", "5"] for day in range(1, 4) for number in range(1001)]
    with pytest.raises(Problem, match="air_log_too_long"):
        read(of_lines(rows), today())
    plays = tuple(Airing("2021-07-01", "05:30", f"Bài {number}", 5) for number in range(MOST_PLAYS + 1))
    with pytest.raises(Problem, match="air_log_too_long"):
        from_text(ReadLog(plays).text)


@pytest.mark.parametrize(("size", "code"), [(0, "document_empty"), (PHOTO_BYTES + 1, "document_too_large")])
def test_a_pdf_has_bytes_and_not_too_many(tmp_path: Path, size: int, code: str) -> None:
    with pytest.raises(Problem, match=code):
        computer_photos.prepare_document(io.BytesIO(b"%PDF-1.7".ljust(size, b" ")[:size]), tmp_path, "a.pdf")


# --- confidential cases -------------------------------------------------------------------


def test_a_case_is_of_somebody_whom_the_law_of_that_day_knows(world: World, desk: MakeDesk) -> None:
    entitle(world)
    one = entered(world, desk(), "mat_xa")
    one.get("/desk/cases")
    one.post(one.form("/desk/cases/new"), **NEW | {"category": "identified_here"})
    assert_said(one, "case_category")


def test_who_has_no_right_that_the_command_gave_makes_no_case_key(world: World, desk: MakeDesk) -> None:
    entitle(world)
    with world.app.app_context(), writing() as session:
        for table in (KeyOpening, KeyHolder, CaseKey):
            session.execute(delete(table))
    puppet(world, "moi", "12286")
    one = signed_in(world, desk(), "moi")
    one.get(CASE_KEY)
    form = replace(one.form("/desk/language"), action=f"{CASE_KEY}/passphrase")  # the page offers none
    one.post(form, password=PASSPHRASE, again=PASSPHRASE)
    assert_said(one, "case_first")
