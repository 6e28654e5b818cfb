"""Whose turn it is: the nearest level decides first, the one above sees what it holds."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import update

from server.core.clock import now_ms
from server.core.db import db, reading, writing
from server.models import Campaign, Device, Officer, Record, Unit
from server.services.organisation.staff import NewOfficer, add_officer, give_role
from server.services.organisation.unit_changes import UnitRow, add_unit
from server.services.review import queue
from server.services.review.queue import QueueFilter
from server.services.units.scope import Scope
from support.checks.counting import counted
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def count(desk: Any, state: str) -> int:
    """The number of records in one state, from the page's list and from its tab, which must agree."""
    desk.get(f"/desk/queue?state={state}")
    rows = len(re.findall(r'class="record"', desk.html))
    tab = re.search(r'aria-current="true">.*?<span class="count">(\d+)', desk.html, re.DOTALL)
    assert tab is not None
    assert int(tab[1]) == rows
    return rows


@pytest.mark.slow
def test_the_district_first_the_province_sees_what_it_holds(desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    made = [officer.create(slogan="s1", quantity=number) for number in (1, 2)]
    officer.sync()
    district, province = desk("huyen"), desk("tinh")
    assert (count(district, "todo"), count(district, "below")) == (2, 0)
    assert (count(province, "todo"), count(province, "below")) == (0, 2)
    assert "Huyện đang giữ 2" in province.text
    assert "Duyệt tất cả" not in province.text
    province.get(f"/desk/records/{made[0]}")  # it may still decide on one
    assert province.post(province.form("/decide"), verdict="counted").status_code == 303
    assert (count(district, "todo"), count(province, "below")) == (1, 1)


@pytest.mark.slow
def test_without_a_reviewer_below_it_is_the_turn_of_the_next_level(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    officer, province = phone("xa1"), desk("tinh")
    officer.create(slogan="s1", quantity=1)
    officer.sync()
    with world.app.app_context(), writing() as session:
        session.execute(update(Officer).where(Officer.username == "huyen").values(disabled_at=now_ms()))
    assert (count(province, "todo"), count(province, "below")) == (1, 0)


@pytest.mark.slow
@pytest.mark.parametrize("few", [5_000, 0])
def test_what_every_reviewer_below_wrote_goes_up(
    world: World, desk: MakeDesk, phone: MakePhone, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr("server.services.records.authors._FEW", few)
    own, officer = phone("huyen"), phone("xa1")
    own.create(slogan="s1", quantity=1)
    officer.create(slogan="s1", quantity=2)
    own.sync(), officer.sync()
    district, province = desk("huyen"), desk("tinh")
    assert (count(district, "todo"), count(province, "todo"), count(province, "below")) == (1, 1, 1)
    with world.app.app_context(), writing() as session:  # a second reviewer in the district
        give_role(session, world.officers["phucu"], world.units["331"], "reviewer")
    assert (count(desk("phucu"), "todo"), count(province, "todo"), count(province, "below")) == (2, 0, 2)


@pytest.mark.slow
def test_the_maker_of_a_code_is_an_author_here_too(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer, province = phone("xa1"), desk("tinh")
    officer.create(slogan="s1", quantity=1)
    officer.sync()
    with world.app.app_context(), writing() as session:
        session.execute(update(Device).values(code_by=world.officers["huyen"], confirmed_at=None))
    assert (count(desk("huyen"), "todo"), count(province, "todo"), count(province, "below")) == (0, 1, 0)


@pytest.mark.slow
@pytest.mark.databases("both")
def test_a_conflict_is_settled_by_the_level_that_holds_it(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    one, two = phone("xa1"), phone("xa2")
    record = one.create(slogan="s1", quantity=1)
    one.sync(), two.sync()
    one.edit(record, quantity=2), two.edit(record, quantity=3)
    one.sync(), two.sync()
    with world.app.app_context(), reading() as session:
        assert session.get_one(Record, record).conflicted
    province = desk("tinh")
    assert (count(desk("huyen"), "todo"), count(province, "todo"), count(province, "below")) == (1, 0, 1)


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.parametrize("rule", ["parent", "peer"])
@pytest.mark.costly
def test_the_lists_and_their_counts_agree(world: World, phone: MakePhone, rule: str) -> None:
    own, officer, far = phone("huyen"), phone("xa1"), phone("dinhcao", "12397")
    for each, number in ((own, 2), (officer, 3), (far, 1)):
        for _ in range(number):
            each.create(slogan="s1", quantity=1)
        each.sync()
    with world.app.app_context(), writing() as session:
        session.execute(update(Campaign).values(review_rule=rule))
        campaign = session.get_one(Campaign, world.campaign)
        for name in ("huyen", "tinh"):
            scope = Scope(session, world.officers[name])
            for cut in (QueueFilter(), QueueFilter(figure="banners", bucket="waiting")):
                counts = queue.page(session, scope, campaign, cut).counts
                for state, expected in counts.items():
                    page = queue.page(session, scope, campaign, replace(cut, state=state))
                    assert (page.total, len(page.records)) == (expected, expected), (name, state, cut)


@pytest.mark.slow
def test_lists_cost_as_many_statements_for_many_districts_as_for_few(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    officer, province = phone("xa1"), desk("tinh")
    officer.create(slogan="s1", quantity=1)
    officer.sync()
    costs = []
    with world.app.app_context():
        engine = db.engine
    for more in (0, 12):
        with world.app.app_context(), writing() as session:
            top = session.get_one(Unit, world.units["33"])
            for number in range(more):
                row = UnitRow(f"9{number}", f"Huyện số {number}", f"Số {number}", "district", "33")
                unit = add_unit(session, row, top, date(2021, 1, 1))
                person = add_officer(session, NewOfficer(f"duyet{number}", f"Người duyệt {number}"))
                give_role(session, person.id, unit.id, "reviewer")
                below = UnitRow(f"99{number}", f"Xã số {number}", f"Số {number}", "commune", f"9{number}")
                add_unit(session, below, unit, date(2021, 1, 1))
        province.get("/desk/queue")
        with counted(engine) as found:
            province.get("/desk/queue")
        costs.append((province.status, found.statements))
    assert costs[0] == costs[1] == (200, costs[0][1])
