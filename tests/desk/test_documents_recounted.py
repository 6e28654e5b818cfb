"""Every figure in every document equals a recount from the raw writes (tests/support/checks/recount.py).

Word, Excel (formula and value beside it), the table of its own, the leader's sheet, a filled form. On random provinces,
and on one small case that was counted by hand.
"""

from __future__ import annotations

import io
import random
import re
from typing import Any

import docx
import openpyxl
import pytest
from sqlalchemy import update

from server.core.db import writing
from server.models import Tally
from server.services.reports.workflow.papers import PaperState
from support.checks import documents, recount
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone, Phone
from support.world import asked, issuing, locking, papers
from support.world.world import World
from sync.registry import KINDS

pytestmark = [pytest.mark.slow, pytest.mark.databases("sqlite")]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.costly
def test_random_provinces(world: World, desk: MakeDesk, phone: MakePhone, seed: int) -> None:
    filled(desk, phone, random.Random(seed))  # no secret
    assert documents.check_all(world, desk, "tinh", "33") > 10
    freeze = locking.lock(world, "tinh", "33")
    assert documents.check_all(world, desk, "tinh", "33", {"freeze": freeze}) > 10
    assert documents.check_all(world, desk, "huyen", "331") >= 8


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.costly
def test_the_issued_report_of_random_provinces(world: World, desk: MakeDesk, phone: MakePhone, seed: int) -> None:
    """Its tables and its prose, of the moment of the lock: what was recorded and approved since changes none of it."""
    filled(desk, phone, random.Random(seed))  # no secret
    found = documents.truth(world, documents.named(world, world.units["33"]))
    locking.lock(world, "tinh", "33")
    paper = issuing.make(world, "tinh", "33")
    issuing.write(world, paper, "tinh", set__annexes="none\nfigures\ndetail", strengths="Người dân hưởng ứng.")
    later = phone("dinhcao", "12397")
    late = later.create(quantity=777)
    later.sync()
    papers.decide(desk("phucu"), late)
    issuing.to(world, paper, PaperState.ISSUED, "tinh")
    file = io.BytesIO(issuing.downloaded(desk("tinh"), paper))
    assert documents.check_word(file, found, "Tỉnh Hưng Yên") >= 10
    assert documents.check_prose(file, found["Tỉnh Hưng Yên"]) > 0
    assert "777" not in papers.prose(docx.Document(file))


@pytest.mark.costly
def test_the_recount_notices_a_wrong_number_in_the_issued_prose(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    papers.fill(desk, phone)
    found = documents.truth(world, documents.named(world, world.units["33"]))
    locking.lock(world, "tinh", "33")
    paper = issuing.to(world, issuing.make(world, "tinh", "33"), PaperState.ISSUED, "tinh")
    file = io.BytesIO(issuing.downloaded(desk("tinh"), paper))
    assert documents.check_prose(file, found["Tỉnh Hưng Yên"]) >= 10
    for code in ("banners", "airings", "hotline_units"):
        cells = dict(found["Tỉnh Hưng Yên"])
        cells[code] = recount.Cell((cells[code].number or 0) + 1, None, 0)
        with pytest.raises(AssertionError, match=code):
            documents.check_prose(file, cells)


def filled(desk: MakeDesk, phone: MakePhone, chance: random.Random) -> None:
    """Three communes of two districts at random; some say nothing."""
    officers = {"xa1": ("12286", "huyen"), "nhanla": ("12289", "huyen"), "dinhcao": ("12397", "phucu")}
    for username, (unit, reviewer) in officers.items():
        if chance.random() < 0.2:
            continue  # silent
        officer = phone(username, unit)
        for _ in range(chance.randint(1, 8)):
            made(officer, chance)
        officer.sync()
        for record in officer.records:
            verdict = chance.choices(("counted", "returned", "not_counted", ""), (8, 1, 1, 2))[0]
            if verdict:
                one = desk(reviewer)
                one.get(f"/desk/records/{record}")
                one.post(one.form("/decide"), verdict=verdict, reason="" if verdict == "counted" else "thử")


def made(officer: Phone, chance: random.Random) -> None:
    hotline = chance.random() < 0.5
    scripts = ("Tin chung", "tin CHUNG", f"Tin {chance.randint(1, 3)}")
    each = chance.randint(0, 6)
    if each == 0:
        officer.create(quantity=chance.randint(1, 50), metres=chance.randint(1, 500), hotline=hotline)
    elif each == 1:
        officer.create(
            "panel", form=chance.choice(["panel", "poster"]), quantity=chance.randint(1, 20), hotline=hotline
        )
    elif each == 2:
        officer.create("leaflet", form="leaflet", distributed=chance.randint(1, 20_000), hotline=hotline)
    elif each == 3:
        schedule = {
            "from": "2021-07-05",
            "to": f"2021-07-{chance.randint(5, 31):02d}",
            "times_a_day": chance.randint(1, 4),
        }
        programme = chance.choice(["own", "relay"])
        more = {"script": chance.choice(scripts), "minutes": chance.randint(1, 60), "programme": programme}
        officer.create("broadcast", schedule=schedule, hotline=hotline, **more)
    elif each == 4:
        schedule = {"from": "2021-07-05", "to": "2021-07-25", "times_a_day": 2}
        aired = {f"aired/202107{day:02d}": chance.randint(0, 3) for day in range(6, 12)}
        more = {"script": chance.choice(scripts), "minutes": 5, "programme": "own", "standing": True}
        officer.create("broadcast", schedule=schedule, hotline=hotline, **more, **aired)
    elif each == 5:
        form = chance.choice(["rally", "conference", "training"])
        officer.create("event", form=form, name="Họp", role=chance.choice(["host", "co_organiser"]), attendances=99)
    else:
        officer.create("mobile", route="Đường 38", rounds=chance.randint(1, 9), attendances=chance.randint(1, 400))


@pytest.mark.costly
def test_a_small_case_counted_by_hand(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Counted by hand, not by any program.

    Chính Nghĩa: a banner record of 3 pieces, counted; one of 5 that waits; a broadcast on 10 days, twice a day, 15
    minutes: 20 airings, 300 minutes. Đình Cao: a banner record of 4, counted; the same script on 2 days, once a day, 10
    minutes: 2 airings, 20 minutes. Nhân La: silent. So the province has 7 banners, 22 airings, 320 minutes and, as both
    read the same text, 1 script.
    """
    near, far = phone("xa1"), phone("dinhcao", "12397")
    near.create(quantity=3)
    near.create(
        "broadcast", script="Tin", minutes=15, programme="own", schedule=schedule("2021-07-01", "2021-07-10", 2)
    )
    near.create(quantity=5)
    far.create(quantity=4)
    far.create("broadcast", script="tin", minutes=10, programme="own", schedule=schedule("2021-07-30", "2021-07-31", 1))
    near.sync(), far.sync()
    for record in list(near.records)[:2]:
        papers.decide(desk("huyen"), record)
    for record in far.records:
        papers.decide(desk("phucu"), record)
    by_hand = {
        "Tổng cộng": {"banners": "7", "airings": "22", "minutes": "320", "scripts": "1"},
        "Huyện Kim Động": {"banners": "3", "airings": "20", "minutes": "300", "scripts": "1"},
        "Huyện Phù Cừ": {"banners": "4", "airings": "2", "minutes": "20", "scripts": "1"},
        "Xã Chính Nghĩa": {"banners": "3", "airings": "20", "minutes": "300", "scripts": "1"},
        "Xã Nhân La": {"banners": "–", "airings": "–", "minutes": "–", "scripts": "–"},
        "Xã Đình Cao": {"banners": "4", "airings": "2", "minutes": "20", "scripts": "1"},
    }
    one = desk("tinh")
    checked = 0
    for name, code, cell in documents.word_cells(asked.got(world, one, "33", "word")):
        if code in by_hand[name]:
            assert cell == by_hand[name][code], (name, code)
            checked += 1
    assert checked == 4 * (3 + 6)
    for name, code, value, total in documents.excel_cells(asked.got(world, one, "33", "excel")):
        if code in by_hand[name]:
            assert str(value) == by_hand[name][code], (name, code)
            assert total == value
    alone = docx.Document(asked.got(world, desk("xa1"), "12286", "word"))
    table = next(each for each in alone.tables if each.rows[0].cells[0].text == "STT")
    rows = {row.cells[1].text: row.cells[3].text for row in table.rows}
    assert (rows["Băng rôn"], rows["Lượt phát"], rows["Thời lượng phát"]) == ("3", "20", "300")
    lists = [each for each in docx.Document(asked.got(world, one, "33", "word")).tables if is_list(each)]
    quantities = [row.cells[5].text for row in lists[0].rows[1:]]
    assert quantities == ["3", "4"]
    assert [[cell.text for cell in row.cells][7:9] for row in lists[1].rows[1:]] == [["20", "300"], ["2", "20"]]


def schedule(first: str, last: str, times: int) -> dict[str, Any]:
    return {"from": first, "to": last, "times_a_day": times}


def is_list(table: Any) -> bool:
    return table.rows[0].cells[0].text == "STT" and len(table.columns) > 6


@pytest.mark.costly
def test_the_recount_notices_a_wrong_total(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    papers.fill(desk, phone)
    assert documents.check_all(world, desk, "tinh", "33") > 10
    with world.app.app_context(), writing() as session:
        session.execute(update(Tally).where(Tally.figure == "banners").values(amount=Tally.amount + 1))
    with pytest.raises(AssertionError, match="banners"):
        documents.check_all(world, desk, "tinh", "33")


@pytest.mark.costly
def test_lists_add_up_to_the_figures(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    papers.fill(desk, phone)
    book = openpyxl.load_workbook(asked.got(world, desk("tinh"), "33", "excel"), data_only=True)
    found = documents.truth(world, documents.named(world, world.units["33"]))["Tỉnh Hưng Yên"]
    pages = [page for page in book.worksheets if page["A5"].value == "STT"]
    assert len(pages) == 2
    every: list[list[dict[str, Any]]] = [
        [dict(zip(map(str, heads), line, strict=True)) for line in lines]
        for heads, *lines in ([[cell.value for cell in row] for row in page.iter_rows(min_row=5)] for page in pages)
    ]
    displays, broadcasts = every
    assert sum(row["Số lượng"] for row in displays if row["Hình thức"] == "Băng rôn") == found["banners"].number
    rows = [row for row in broadcasts if isinstance(row["STT"], str) and re.fullmatch(r"\d+", row["STT"])]
    assert sum(row["Lượt phát"] for row in rows) == found["airings"].number
    assert sum(row["Số phút"] for row in rows) == found["minutes"].number
    assert len(KINDS) > 5
