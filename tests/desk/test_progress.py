"""Who is behind: planned and done per unit, and every number opens to its records."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from server.core.db import db, writing
from server.models import Campaign
from server.models.installation import lock_catalog
from support.checks.counting import counted
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.changes import add_communes, merge
from support.world.world import World


def plan(world: World, *rows: dict[str, Any]) -> None:
    """Give the campaign this plan."""
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Campaign, world.campaign).expected = list(rows)


pytestmark = pytest.mark.databases("sqlite")

BANNERS = {"figure": "banners", "amount": 3}
SESSIONS = {"figure": "mobile_sessions", "amount": 2}


def matrix(desk: Any) -> dict[str, list[str]]:
    """Each row's cells as they are read, without what only screen readers hear."""
    rows = re.findall(r"<tr[^>]*>\s*<th scope=\"row\">(.*?)</tr>", desk.html, re.DOTALL)
    found = {}
    for row in rows:
        seen = re.sub(r'<span class="(?:unseen|item)">.*?</span>', "", row, flags=re.DOTALL)
        name, *cells = re.split(r"</t[hd]>", seen)
        found[plain(name)] = [plain(cell) for cell in cells[:-1]]
    return found


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def links(desk: Any, row: str) -> list[str]:
    """The addresses in this row."""
    html = next(each for each in re.findall(r"<tr[^>]*>.*?</tr>", desk.html, re.DOTALL) if f">{row}<" in each)
    return [unescape(at) for at in re.findall(r'href="([^"]+)"', html)]


def test_the_commune_home_has_what_is_approved_and_what_waits_apart(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    """As the phone and the figures say it."""
    plan(world, BANNERS)
    officer, reviewer, one = phone("xa1"), desk("huyen"), desk("xa1")
    approved = officer.create(quantity=2)
    officer.create(quantity=9)
    officer.sync()
    reviewer.get(f"/desk/records/{approved}")
    reviewer.post(reviewer.form("/decide"), verdict="counted")
    one.get("/desk/")
    assert "2/3 Băng rôn, 9 chờ duyệt" in one.text


@pytest.mark.slow
@pytest.mark.databases("both")
def test_done_of_expected_and_each_number_opens_to_its_records(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    plan(world, BANNERS, SESSIONS)
    officer, one = phone("xa1"), desk("huyen")
    approved = officer.create(quantity=2)
    officer.create(quantity=2)
    officer.sync()
    one.get(f"/desk/records/{approved}")
    one.post(one.form("/decide"), verdict="counted")
    one.get("/desk/progress")
    assert matrix(one) == {
        "Tổng cộng": ["1/4", "1/2 4/6", "–/2 –/4"],
        "Xã Chính Nghĩa": ["1/2", "4/3 2 chờ duyệt", "–/2"],
        "Xã Nhân La": ["0/2", "–/3", "–/2"],
    }
    assert 'class="review"' in one.html
    banners = links(one, "Xã Chính Nghĩa")[1]
    assert len(re.findall(r'class="record"', one.get(banners))) == 2
    assert "4 chiếc" in one.text, "the list says the number that was clicked"


def test_a_province_sees_its_districts_and_on_request_every_commune(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    plan(world, BANNERS)
    officer, one = phone("dinhcao", "12397"), desk("tinh")
    officer.create(quantity=3)
    officer.sync()
    one.get("/desk/progress")
    assert matrix(one) == {
        "Tổng cộng": ["1/3", "1/3 3/9"],
        "Huyện Kim Động": ["0/2", "–/2 –/6"],
        "Huyện Phù Cừ": ["1/1", "1/1 3/3"],
    }
    one.get("/desk/progress?reach=every&order=behind")
    assert list(matrix(one)) == [
        *("Tổng cộng", "Huyện Kim Động", "Xã Chính Nghĩa", "Xã Nhân La", "Huyện Phù Cừ", "Xã Đình Cao"),
    ]
    one.get(links(one, "Huyện Phù Cừ")[0])
    assert matrix(one) == {"Xã Đình Cao": ["1/1", "3/3 3 chờ duyệt"]}


def test_a_unit_with_nothing_to_report_is_not_behind_and_one_not_asked_has_no_plan(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    plan(world, BANNERS | {"units": {world.units["12289"]: 0}})
    officer, one = phone("xa1"), desk("huyen")
    officer.create("plan", **{"nil/banners": True})
    officer.sync()
    one.get("/desk/progress")
    assert matrix(one) == {
        "Tổng cộng": ["1/1", "1/1 0/3"],
        "Xã Chính Nghĩa": ["1/1", "KPS"],
        "Xã Nhân La": ["", "–"],
    }


def test_a_merged_unit_counts_as_its_successor(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    plan(world, BANNERS)
    officer, one = phone("nhanla", "12289"), desk("huyen")
    officer.create(quantity=2)
    officer.sync()
    merge(world, "12289", into="12286")
    one.get("/desk/progress")
    assert matrix(one) == {"Xã Chính Nghĩa": ["0/1", "2/3 2 chờ duyệt"]}


@pytest.mark.slow
def test_a_commune_sees_itself_alone(world: World, desk: MakeDesk) -> None:
    plan(world, BANNERS)
    one = desk("xa1")
    for path in ("/desk/progress", "/desk/board?who=all", "/desk/"):
        one.get(path)
        assert one.status == 200
        assert "Chính Nghĩa" in one.text
        assert "Nhân La" not in one.text
    for path in ("/desk/progress", "/desk/board", "/desk/board.csv", "/desk/board.xlsx", "/desk/"):
        for other in ("12289", "331"):
            one.get(f"{path}?unit={world.units[other]}")
            assert one.status == 404, path


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/desk/progress?reach=every", "/desk/board?who=all", "/desk/", "/desk/queue"])
def test_a_page_costs_as_many_statements_for_many_units_as_for_few(world: World, desk: MakeDesk, path: str) -> None:
    plan(world, BANNERS, SESSIONS)
    one = desk("tinh")
    with world.app.app_context():
        engine = db.engine
    one.get(path)
    with counted(engine) as few:
        one.get(path)
    add_communes(world, "331", 40)
    one.get(path)
    with counted(engine) as many:
        one.get(path)
    assert (one.status, many.statements) == (200, few.statements)
    assert many.statements < 60
