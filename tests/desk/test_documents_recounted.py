"""Every figure in every document equals a recount from the raw writes (tests/support/checks/recount.py).

Word, Excel (formula and value beside it), the table of its own, the leader's sheet, a filled form. On random provinces,
and on one small case that was counted by hand.
"""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import docx
import openpyxl
import pytest
from openpyxl.formula.tokenizer import Token, Tokenizer
from openpyxl.utils import range_boundaries
from sqlalchemy import select, update

from server.core.db import reading, writing
from server.models import Tally, Unit
from support.checks import recount
from support.clients.phone import Phone
from support.world import asked, locking, papers
from support.world.world import World
from sync.registry import KINDS
from sync.unit_figures import every_figure

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_first]
MakeDesk = Callable[..., Any]
MakePhone = Callable[..., Phone]
Truth = dict[str, dict[str, recount.Cell]]
HEADS = {f"{figure.label['vi']} ({figure.unit['vi']})": figure.code for figure in every_figure()}
LABELS = {figure.label["vi"]: figure.code for figure in every_figure()}


def truth(world: World, tops: dict[str, str]) -> Truth:
    """By name of a unit: each figure of it and all below it, from stored writes alone."""
    with world.app.app_context(), reading() as session:
        reported = recount.by_unit(session, world.campaign)
        found: Truth = {}
        for name, id_ in tops.items():
            units = [reported[each] for each in recount.below(session, id_) if each in reported]
            found[name] = {code: recount.cell(units, code) for code in HEADS.values()}
    return found


def named(world: World) -> dict[str, str]:
    with world.app.app_context(), reading() as session:
        return dict(session.execute(select(Unit.name, Unit.id)).all())


def agrees(said: Any, cell: recount.Cell) -> bool:
    """A number as a text with dots or as itself; a sign where nobody reported, or there was nothing."""
    text = f"{said:,}".replace(",", ".") if isinstance(said, int) else str(said or "")
    if cell.number is None:
        return text in ("–", "KPS", "")
    return text == f"{cell.number:,}".replace(",", ".")


def word_cells(file: io.BytesIO) -> Iterator[tuple[str, str, str]]:
    """(unit, figure, cell) of all tables of figures."""
    for table in docx.Document(file).tables:
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        if rows and rows[0][:2] == ["TT", "Đơn vị"]:
            for row in rows[3:]:
                for head, cell in zip(rows[1][2:], row[2:], strict=True):
                    yield row[1], HEADS[head], cell


def excel_cells(file: io.BytesIO) -> Iterator[tuple[str, str, Any, Any]]:
    """(unit, figure, value, the sum that the formula gives) of all tables of figures."""
    data = file.getvalue()
    values, formulas = (openpyxl.load_workbook(io.BytesIO(data), data_only=flag) for flag in (True, False))
    for page in values.worksheets:
        top = next((row for row in range(1, 12) if page.cell(row, 1).value == "TT"), None)
        if top is None:
            continue
        for row in range(top + 2, page.max_row + 1):
            name = page.cell(row, 2).value
            for column in range(3, page.max_column + 1):
                code = HEADS.get(str(page.cell(top, column).value))
                if name and code:
                    value, formula = page.cell(row, column).value, formulas[page.title].cell(row, column).value
                    yield str(name), code, value, summed(page, formula) if isinstance(formula, str) else value


def summed(page: Any, formula: str) -> Any:
    """What a SUM over cells gives; a text is itself."""
    if not formula.startswith("="):
        return formula
    total = 0
    for token in Tokenizer(formula).items:
        if token.type == Token.OPERAND:
            left, top, right, bottom = (edge or 0 for edge in range_boundaries(token.value))
            cells = [
                page.cell(row, column).value for row in range(top, bottom + 1) for column in range(left, right + 1)
            ]
            total += sum(each for each in cells if isinstance(each, int))
        else:
            assert token.value in ("SUM(", ")", ",", "+"), token.value
    return total


def check_all(world: World, desk: MakeDesk, who: str, unit: str, choices: dict[str, str] | None = None) -> int:
    """Compare every figure of every document of a unit. Returns how many were more than nothing."""
    more = choices or {}
    tops = named(world)
    with world.app.app_context(), reading() as session:
        own = session.get_one(Unit, world.units[unit]).name
    found = truth(world, tops)
    found["Tổng cộng"] = found[own]
    one = desk(who)
    compared = 0
    for kind in ("word", "table"):
        for name, code, cell in word_cells(asked.got(world, one, unit, kind, **more)):
            if name in found:
                assert agrees(cell, found[name][code]), (kind, name, code, cell, found[name][code])
                compared += cell not in ("–", "KPS", "0")
    for name, code, value, total in excel_cells(asked.got(world, one, unit, "excel", **more)):
        if name in found:
            assert agrees(value, found[name][code]), ("excel", name, code, value, found[name][code])
            assert total == value, ("formula", name, code, total, value)
            compared += isinstance(value, int) and value > 0
    if not more:
        for row in docx.Document(asked.got(world, one, unit, "summary")).tables[1].rows[1:]:
            cells = [cell.text for cell in row.cells]
            assert agrees(cells[3], found[own][LABELS[cells[1]]]), ("summary", cells)
            compared += 1
    return compared


@pytest.mark.parametrize("seed", range(3))
def test_random_provinces(world: World, desk: MakeDesk, phone: MakePhone, seed: int) -> None:
    chance = random.Random(seed)  # no secret
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
    assert check_all(world, desk, "tinh", "33") > 10
    freeze = locking.lock(world, "tinh", "33")
    assert check_all(world, desk, "tinh", "33", {"freeze": freeze}) > 10
    assert check_all(world, desk, "huyen", "331") >= 8


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
    for name, code, cell in word_cells(asked.got(world, one, "33", "word")):
        if code in by_hand[name]:
            assert cell == by_hand[name][code], (name, code)
            checked += 1
    assert checked == 4 * (3 + 6)
    for name, code, value, total in excel_cells(asked.got(world, one, "33", "excel")):
        if code in by_hand[name]:
            assert str(value) == by_hand[name][code], (name, code)
            assert total == value
    alone = docx.Document(asked.got(world, desk("xa1"), "12286", "word"))
    table = next(each for each in alone.tables if each.rows[0].cells[0].text == "STT")
    rows = {row.cells[1].text: row.cells[3].text for row in table.rows}
    assert (rows["Băng rôn"], rows["Lần phát"], rows["Thời lượng phát"]) == ("3", "20", "300")
    lists = [each for each in docx.Document(asked.got(world, one, "33", "word")).tables if is_list(each)]
    quantities = [row.cells[5].text for row in lists[0].rows[1:]]
    assert quantities == ["3", "4"]
    assert [[cell.text for cell in row.cells][7:9] for row in lists[1].rows[1:]] == [["20", "300"], ["2", "20"]]


def schedule(first: str, last: str, times: int) -> dict[str, Any]:
    return {"from": first, "to": last, "times_a_day": times}


def is_list(table: Any) -> bool:
    return table.rows[0].cells[0].text == "STT" and len(table.columns) > 6


def test_the_recount_notices_a_wrong_total(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    papers.fill(desk, phone)
    assert check_all(world, desk, "tinh", "33") > 10
    with world.app.app_context(), writing() as session:
        session.execute(update(Tally).where(Tally.figure == "banners").values(amount=Tally.amount + 1))
    with pytest.raises(AssertionError, match="banners"):
        check_all(world, desk, "tinh", "33")


def test_lists_add_up_to_the_figures(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    papers.fill(desk, phone)
    book = openpyxl.load_workbook(asked.got(world, desk("tinh"), "33", "excel"), data_only=True)
    found = truth(world, named(world))["Tỉnh Hưng Yên"]
    pages = [page for page in book.worksheets if page["A5"].value == "STT"]
    assert len(pages) == 2
    every: list[list[list[Any]]] = [
        [[cell.value for cell in row] for row in page.iter_rows(min_row=6)] for page in pages
    ]
    displays, broadcasts = every
    assert sum(row[5] for row in displays if row[3] == "Băng rôn") == found["banners"].number
    rows = [row for row in broadcasts if isinstance(row[0], str) and re.fullmatch(r"\d+", row[0])]
    assert sum(row[7] for row in rows) == found["airings"].number
    assert sum(row[8] for row in rows) == found["minutes"].number
    assert len(KINDS) > 5
