"""Annexes as an Excel file: amounts with signs are numbers, plain tables are there, each list is under its title."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

from server.core.clock import now_ms
from server.services.reports.documents import report_files, report_forms, workbook
from server.services.reports.documents.asking import DocumentOrder
from server.services.reports.snapshot.freezing import LockChoice
from server.services.reports.words import Printed
from server.serving.installation import installed
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world import asked, issuing, locking, papers, totals
from support.world.world import World
from sync.amount import Amount

pytestmark = [pytest.mark.slow, pytest.mark.databases("sqlite")]


def banners(book: Any) -> Any:
    """The cell of the total of banners."""
    page = book["Phụ lục I"]
    rows = list(page.iter_rows())
    heads = next(row for row in rows if row[1].value == "Đơn vị")
    place = next(at for at, cell in enumerate(heads) if str(cell.value).startswith("Băng rôn (chiếc"))
    return next(row for row in rows if row[1].value == "Tổng cộng")[place]


@pytest.mark.parametrize(("stands_in", "amount"), [(False, 17), (True, 65)])
@pytest.mark.costly
def test_amounts_show_their_signs_and_are_numbers(
    world: World, desk: MakeDesk, phone: MakePhone, stands_in: bool, amount: int
) -> None:
    papers.fill(desk, phone)
    if stands_in:
        totals.state(world, "xa1", banners=65)
    freeze = locking.lock(world, choice=LockChoice("with_waiting", stands_in=stands_in))
    file = asked.got(world, desk("huyen"), "331", "excel", freeze=freeze)
    cell = banners(openpyxl.load_workbook(file))
    assert cell.number_format == ('#,##0"*†"' if stands_in else '#,##0"*"'), "what was chosen at the lock"
    file.seek(0)
    assert banners(openpyxl.load_workbook(file, data_only=True)).value == amount


def test_a_form_gets_numbers_for_them() -> None:
    printed = (Printed(1200, "*†"), Printed(7, "‡"), Printed(Amount(1250, 2)), "–", "KPS", "1.200")
    assert printed[0] == "1.200*†"
    assert [report_forms.amount(said) for said in printed] == [1200, 7, 12.5, "–", "KPS", "1.200"]


@pytest.mark.costly
def test_a_draft_by_a_job_has_what_people_wrote(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    papers.fill(desk, phone)
    issuing.write_unit(world, "331", "huyen", strengths="Người dân hưởng ứng.")
    made = docx.Document(asked.got(world, desk("huyen"), "331", "word"))
    assert "Người dân hưởng ứng." in papers.prose(made)


def test_plain_tables_are_in_the_file(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    papers.fill(desk, phone)
    one = desk("xa1")
    one.get(f"/desk/statements?unit={world.units['12286']}&campaign={world.campaign}")
    one.post(one.form("/desk/statements/money"), commune="1500")
    book = openpyxl.load_workbook(asked.got(world, desk("huyen"), "331", "excel"))
    money = next(page for page in book if "Kinh phí" in str(page["A1"].value))
    rows = [[cell.value for cell in row] for row in money.iter_rows()]
    assert [None, "Tổng cộng", 1500, 1500] in [[row[0] or None, *row[1:4]] for row in rows]


@pytest.mark.costly
def test_no_column_of_a_list_is_empty(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    papers.fill(desk, phone)
    for who, unit in (("xa1", "12286"), ("tinh", "33")):
        lists = 0
        for page in openpyxl.load_workbook(asked.got(world, desk(who), unit, "excel"), data_only=True):
            rows = [[cell or "" for cell in row] for row in page.iter_rows(values_only=True)]
            top = next((at for at, row in enumerate(rows) if row[0] == "STT"), None)
            if top is None:
                continue
            lists += 1
            below = rows[top + 1 :]
            end = next((at for at, row in enumerate(below) if not any(row[1:])), len(below))
            for place, head in enumerate(filter(None, rows[top])):
                assert any(row[place] for row in below[:end]), (unit, page.title, head)
            assert not any("Cùng kỳ" in str(cell) for row in rows for cell in row), "nor is one spoken of"
        assert lists >= 2


def test_a_first_display_between_two_readings_leaves_each_list_under_its_title(
    world: World, desk: MakeDesk, phone: MakePhone, tmp_path: Path
) -> None:
    officer = phone("xa1")
    aired = officer.create(
        "broadcast", script="Tin", schedule=papers.SCHEDULE, minutes=5, programme="own", hotline=True
    )
    hung = officer.create(quantity=12)
    officer.sync()
    papers.decide(desk("huyen"), aired)
    order = DocumentOrder(
        campaign_id=world.campaign,
        unit_id=world.units["331"],
        officer_id=world.officers["huyen"],
        choices={"photos": 0},
        asked_at=now_ms(),
        folder=tmp_path,
        blobs=installed(world.app).blobs,
        on_progress=lambda _done, _of: None,
    )
    with world.app.app_context():
        read = report_files.asked_report(order)
    papers.decide(desk("huyen"), hung)
    with world.app.app_context():
        made = workbook.with_every_line(order, read)
    listed = [annex for annex in made.annexes if annex.lists]
    assert [annex.title for annex in listed] == ["Nhật ký phát thanh của huyện Kim Động"]
    assert any("Tin" in line for line in listed[0].lists[0].lines)


@pytest.mark.costly
def test_the_tables_alone_come_without_the_lists(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Of the figures as they are, and of a freeze: the same tables, numbered without a gap."""
    papers.fill(desk, phone)
    for more in ({}, {"freeze": locking.lock(world, "tinh", "33")}):
        whole = openpyxl.load_workbook(asked.got(world, desk("tinh"), "33", "excel", **more))
        alone = openpyxl.load_workbook(asked.got(world, desk("tinh"), "33", "excel", lists="none", **more))
        titles = [str(page["A1"].value).split(". ", 1)[1] for page in whole]
        assert any(title.startswith("Nhật ký phát thanh") for title in titles)
        kept = [title for title in titles if not title.startswith(("Nhật ký phát thanh", "Danh sách băng rôn"))]
        assert [str(page["A1"].value).split(". ", 1)[1] for page in alone] == kept
        assert alone.sheetnames == [f"Phụ lục {number}" for number in ("I", "II", "III", "IV", "V")[: len(kept)]]
        cells = (
            [[cell.value for cell in row] for row in book.worksheets[0].iter_rows(min_row=5)] for book in (whole, alone)
        )
        assert next(cells) == next(cells)
