"""Lengths with a decimal comma, from what is typed to every page and file that shows them (SPEC F-17 to F-19)."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any, cast

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from server.core.db import reading, writing
from server.models import Campaign, Freeze, Record, Tally, TotalStep, WriteRow
from server.models.installation import lock_catalog
from server.services.figures.table import Cell, FigureRow, FigureTable, FigureUnit, from_plain, to_plain
from server.services.reports.snapshot.freezes import FrozenFigures
from support.checks import recount
from support.clients.client import Client
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.papers import decide
from support.world.world import World
from sync.amount import Amount
from sync.figures import every_figure

pytestmark = pytest.mark.databases("sqlite")


def counted(desk: MakeDesk, phone: MakePhone) -> None:
    """Two banners of a commune, 12.5 and 9 metres, the second from an older app; both approved."""
    one = phone("xa1")
    made = [one.create(quantity=1, length_cm=1250), one.create(quantity=1, metres=9)]
    one.sync()
    reviewer = desk("huyen")
    for record in made:
        decide(reviewer, record)


def cell_of(one: Any, heading: str) -> str:
    return str(one.figures()["Tổng cộng"][heading])


def test_every_table_shows_the_comma(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    counted(desk, phone)
    one = desk("huyen")
    one.get("/desk/figures?kind=banner")
    assert cell_of(one, "Chiều dài băng rôn").startswith("21,5")
    assert one.figures()["Tổng cộng"]["Băng rôn"] == "2"
    data = one.http.get("/desk/figures.csv?csv=comma&kind=banner", buffered=True).get_data()
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    total = next(row for row in rows if row and row[0] == "Tổng cộng")
    assert "21,5" in total
    assert "2150" not in total
    data = one.http.get(f"/desk/exports/table.csv?campaign={world.campaign}&state=all", buffered=True).get_data()
    lines = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    head = next(name for name in lines[0] if name and name.startswith("Được tính: Chiều dài băng rôn"))
    assert {line[head] for line in lines} == {"12,5", "9"}
    data = one.http.get("/desk/figures.xlsx?kind=banner", buffered=True).get_data()
    page = load_workbook(io.BytesIO(data)).worksheets[0]
    metres = [cell for row in page.iter_rows() for cell in row if cell.value == 21.5]
    assert metres or any("SUM" in str(cell.value) for row in page.iter_rows() for cell in row)
    numbers = {cell.value: cell.number_format for row in page.iter_rows() for cell in row}
    assert numbers.get(2150) is None
    assert "#,##0.0" in numbers.values()
    with world.app.app_context(), reading() as session:
        stored = select(Tally.amount).where(Tally.figure == "banner_metres", Tally.bucket == "counted")
        assert session.scalars(stored).all() == [2150]
        found = recount.by_unit(session, world.campaign).values()
        assert recount.cell(found, "banner_metres").number == 2150


def test_a_total_by_hand_and_a_plan_have_decimals(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    counted(desk, phone)
    one = desk("xa1")
    where = f"/desk/totals?unit={world.units['12286']}&campaign={world.campaign}"
    one.get(where)
    for wrong, says in (("abc", "Chưa hiểu số “abc”"), ("1,200", "có thể là 1.200 hoặc 1,2"), ("-3", "nhỏ hơn 0")):
        answer = one.post(one.form("/desk/totals"), **{"amount.banner_metres": wrong, "source": "book"})
        assert answer.status_code == 422
        assert says in one.text
        assert f'value="{wrong}"' in one.html, "what was typed stays"
    one.post(one.form("/desk/totals"), **{"amount.banner_metres": "24,75", "source": "book"})
    one.follow()
    assert "24,75 mét (tổng số)" in one.text
    assert "còn 3,25 mét chưa có minh chứng" in one.text
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        assert session.scalars(select(TotalStep.amount)).all() == [2475]
        session.get_one(Campaign, world.campaign).expected = [{"figure": "banner_metres", "amount": 4050}]
    one = desk("huyen")
    one.get("/desk/figures?kind=banner")
    assert "/40,5" in one.text
    assert "3,25†" in one.text
    one.get(f"/desk/progress?campaign={world.campaign}")
    assert "40,5" in one.text
    assert "4.050" not in one.text


def test_the_catalogue_keeps_whole_numbers_for_older_apps(world: World) -> None:
    """V-4: app 3 reads `amount`; a newer one the digits."""
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        plan = [{"figure": "banner_metres", "amount": 1250}, {"figure": "banners", "amount": 5}]
        session.get_one(Campaign, world.campaign).expected = plan
    found = Client(world.app.test_client(), world.token("xa1")).get("/catalog").get_json()["campaigns"][0]["expected"]
    assert found == [{"figure": "banner_metres", "amount": 13, "digits": 1250}, {"figure": "banners", "amount": 5}]


def test_a_form_shows_what_an_older_app_measured(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """F-19: saved unchanged it writes nothing of it; changed, the retired field ends."""
    one = phone("xa1")
    record = one.create(quantity=1, metres=9)
    one.sync()
    page = desk("xa1")
    page.get(f"/desk/records/{record}/edit")
    assert page.form("/edit").values["f.length_cm"] == ["9"]
    assert "f.metres" not in page.html
    page.post(page.form("/edit"), **{"f.quantity": "2"})
    page.get(f"/desk/records/{record}/edit")
    page.post(page.form("/edit"), **{"f.length_cm": "9,5"})
    with world.app.app_context(), reading() as session:
        written = session.scalars(select(WriteRow.set).order_by(WriteRow.position)).all()
        assert written[1:] == [{"quantity": 2}, {"length_cm": 950, "metres": None}]
        assert session.get_one(Record, record).amounts["banner_metres"] == 950


def test_an_older_app_that_measures_again_is_seen_and_adds_nothing(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    """F-19: app 3 with yesterday's kinds writes `metres` on a record that has `length_cm`."""
    one = phone("xa1")
    record = one.create(quantity=1, length_cm=1250)
    one.sync()
    one.edit(record, metres=20)
    one.sync()
    with world.app.app_context(), reading() as session:
        assert session.get_one(Record, record).amounts["banner_metres"] == 1250
    page = desk("huyen")
    page.get(f"/desk/records/{record}")
    assert "12,5 mét" in page.text
    assert "20 mét (không cộng vào số liệu)" in page.text


def test_a_freeze_of_before_keeps_its_digits_and_shows_today_s_scale() -> None:
    """Its hash is over the digits of its day; readers get them at today's scale."""
    known = {figure.code: figure for figure in every_figure()}
    cells = {"banner_metres": Cell(21, 9, 9, 2, 1, 1, unsupported=4), "banners": Cell(2, 1, 0, 1, 1)}
    row = FigureRow(FigureUnit("u", "Xã A", "A", "commune"), own=False, cells=cells)
    plain = to_plain(FigureTable((replace(known["banner_metres"], scale=0), known["banners"]), (row,)))
    said = plain["rows"][0]["cells"]["banner_metres"]
    assert said == {
        "counted": 21,
        "waiting": 9,
        "returned": 9,
        "unsupported": 4,
        "counted_records": 2,
        "waiting_records": 1,
        "returned_records": 1,
    }
    found = from_plain(plain).total.cells
    assert (found["banner_metres"].counted, found["banner_metres"].unsupported) == (2100, 400)
    assert (found["banner_metres"].counted_records, found["banners"].counted) == (2, 2)
    head: dict[str, Any] = {"table": plain, "totals": [{"figure": "banner_metres", "amount": 25}]}
    totals = FrozenFigures(cast("Freeze", None), head).totals
    assert totals[0]["amount"].text(",", ".") == "25"
    plain["figures"][0]["scale"] = 2
    assert cast("Amount", from_plain(plain).total.cells["banner_metres"].counted).text(",", ".") == "0,21"


def test_metres_of_a_pasted_message_are_never_another_number(world: World, desk: MakeDesk) -> None:
    """A decimal is left to a person, who types it; whole metres are taken as metres."""
    one = desk("xa1")
    one.get(f"/desk/totals?unit={world.units['12286']}&campaign={world.campaign}")
    one.post(one.form("/totals/read"), text="treo 3 băng rôn (12,5 m)")
    assert "12,5 m" in one.text
    offered = one.form("/totals/take").values
    assert [value for name, value in offered.items() if name.startswith("amount.")] == [["3"]]
    one.get(f"/desk/totals?unit={world.units['12286']}&campaign={world.campaign}")
    one.post(one.form("/totals/read"), text="treo 3 băng rôn (95 m)")
    one.post(one.form("/totals/take"), **{"take.1": "1", "take.2": "1"})
    with world.app.app_context(), reading() as session:
        stored = {step.figure: step.amount for step in session.scalars(select(TotalStep))}
    assert stored == {"banners": 3, "banner_metres": 9500}
    one.get("/desk/figures?kind=banner")
    assert "95†" in one.text


def test_an_app_of_before_and_a_new_one_on_one_record(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """F-19, F-25: app 3 writes `metres` and a yes that nobody gave; whoever edits, nothing is added twice or lost."""
    old, new = phone("xa1"), phone("xa2")
    record = old.create(quantity=1, metres=9, hotline=True)
    old.sync(), new.sync()
    page = desk("huyen")

    def counts() -> tuple[int, int]:
        with world.app.app_context(), reading() as session:
            amounts = session.get_one(Record, record).amounts
            return amounts["banner_metres"], amounts["hotline_mentions"]

    assert counts() == (900, 1)
    page.get(f"/desk/records/{record}")
    assert "mặc định cũ" in page.text
    new.edit(record, length_cm=950, metres=None)
    new.edit(record, hotline=False, hotline_by="person")
    new.sync(), old.sync()
    assert counts() == (950, 0)
    old.edit(record, metres=20)
    old.edit(record, hotline=True)
    old.sync(), new.sync()
    assert counts() == (950, 1)
    page.get(f"/desk/records/{record}")
    assert "9,5 mét" in page.text
    assert "20 mét (không cộng vào số liệu)" in page.text
    assert "mặc định cũ" not in page.text, "a person of the older app changed it"
    assert old.state(record).conflicts == new.state(record).conflicts == []
