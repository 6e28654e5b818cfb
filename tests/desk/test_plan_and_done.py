"""Plan and done of a schedule stand apart at the desk: card, record, giving in, table, log book (F-21)."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any

import docx
import pytest

from server.core.clock import today
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world import asked
from support.world.papers import decide
from support.world.world import World

pytestmark = [pytest.mark.slow, pytest.mark.databases("sqlite")]


def at(days: int) -> date:
    return today() + timedelta(days=days)


def aired(**days: int) -> dict[str, Any]:
    """`b3=2`: twice three days ago."""
    return {f"aired/{at(-int(name[1:])):%Y%m%d}": times for name, times in days.items()}


@pytest.fixture
def broadcasts(phone: MakePhone) -> tuple[str, str]:
    """Twelve days, twice a day, begun four days ago, two confirmed; and one as an app of before wrote it."""
    officer = phone("xa1")
    schedule = {"from": at(-4).isoformat(), "to": at(7).isoformat(), "times_a_day": 2}
    more = {"schedule": schedule, "minutes": 15, "programme": "own"}
    said = {"standing": True, "hours": "5:30, 17:00", **aired(b4=2, b3=1)}
    marked = officer.create("broadcast", script="Bản tin sáng", **more, **said)
    before = officer.create("broadcast", script="Bản tin cũ", **more)
    officer.sync()
    return marked, before


def test_on_a_card_and_on_the_record(broadcasts: tuple[str, str], desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get("/desk/queue")
    assert "đã phát 3 / dự kiến 24 lượt" in one.text
    assert "24 lượt, tính theo lịch (cách tính trước đây)" in one.text
    one.get(f"/desk/records/{broadcasts[0]}")
    assert "đã phát 3 / dự kiến 24 lượt" in one.text
    assert "còn 2 ngày trong lịch chưa xác nhận" in one.text, "today may still be aired"


@pytest.mark.usefixtures("broadcasts")
def test_before_figures_are_given_in_the_open_airings_are_said(world: World, desk: MakeDesk) -> None:
    """Two days, two airings each; today may still be aired; none of the record that counts by its schedule."""
    one = desk("xa1")
    one.get(f"/desk/figures/give?unit={world.units['12286']}&campaign={world.campaign}")
    assert "Còn 4 lượt phát chưa xác nhận, chưa tính." in one.text


def test_in_columns_of_a_table(world: World, broadcasts: tuple[str, str], desk: MakeDesk) -> None:
    one = desk("huyen")
    address = f"/desk/exports/table.csv?campaign={world.campaign}&unit={world.units['12286']}"
    answer = one.http.get(address, buffered=True)
    assert answer.status_code == 200
    lines = {line["Mã bản ghi"]: line for line in csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))}
    heads = ("Lượt phát dự kiến", "Lượt đã phát", "Lượt chưa xác nhận, chưa tính")
    assert [[lines[each][head] for head in heads] for each in broadcasts] == [["24", "3", "4"], ["24", "24", "0"]]


def test_in_the_log_book_a_day_that_nobody_confirmed_is_planned_and_adds_nothing(
    world: World, broadcasts: tuple[str, str], desk: MakeDesk
) -> None:
    decide(desk("huyen"), broadcasts[0])
    monday = at(-4) - timedelta(days=at(-4).weekday())
    within = [day for day in (at(-4), at(-3), at(-2), at(-1), at(0)) if day < monday + timedelta(days=7)]
    file = docx.Document(asked.got(world, desk("xa1"), "12286", "log_book", **{"from": monday.isoformat()}))
    heads, total, *rows = [[cell.text for cell in row.cells] for row in file.tables[0].rows]
    assert heads[4:6] == ["Dự kiến", "Đã phát"]
    assert heads[1] == "Giờ phát"
    assert {row[1] for row in rows if row[5] != "1"} == {"05:30, 17:00"}
    said = {at(-4): "2", at(-3): "1"}
    once = {"" for day in within if said.get(day) == "1"}  # on a Thursday the two days are of two weeks
    assert {row[1] for row in rows if row[5] == "1"} == once, "which of the two is not known (F-41)"
    assert [row[4:6] for row in rows] == [["2", said.get(day, "–")] for day in within]
    done = sum(int(said.get(day, 0)) for day in within)
    assert [total[4], total[5], total[7]] == [str(2 * len(within)), str(done), str(15 * done)]
