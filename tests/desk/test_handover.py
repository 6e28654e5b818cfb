"""Handover: one act passes a person's duties on; who may; what is left on the phone; and the record."""

from __future__ import annotations

from typing import Any

import pytest

from server.core.db import reading, writing
from server.models import EnrolmentCode, Handover, Officer
from server.services.access import accounts
from server.services.organisation.staff import NewOfficer, add_officer, give_role
from server.services.units.scope import ADMIN, COORDINATOR, OFFICER, REVIEWER, Scope
from support.clients.client import Client, shot
from support.clients.desk import MakeDesk
from support.world.workload import records
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def act(one: Any, officer: str, username: str) -> int:
    one.get(f"/desk/people/{officer}/account")
    return int(one.post(one.form("/hand-over"), username=username).status_code)


def test_all_duties_go_over_at_once_and_the_record_says_so(world: World, desk: MakeDesk) -> None:
    old, new = world.officers["xa1"], world.officers["nhanla"]
    calling = Client(world.app.test_client(), world.token("xa1"))
    first, draft, late = records(3, world.units["12286"], world.campaign)
    first["set"] |= shot(4).register
    calling.sync(first)
    code = world.code("xa1")
    theirs, one = desk("xa1"), desk("huyen")
    one.get("/desk/people")
    assert f"/desk/people/{old}/account#hand-over" in one.html
    one.get(f"/desk/people/{old}/account")
    assert "Cán bộ nhập liệu, Xã Chính Nghĩa" in one.text
    assert "máy thử" in one.text
    assert act(one, old, "nhanla") == 303
    one.follow()
    assert "BIÊN BẢN BÀN GIAO" in one.text
    for said in ("Cán bộ 1 xã Chính Nghĩa", "Cán bộ xã Nhân La", "Người duyệt huyện Kim Động", "Xã Chính Nghĩa"):
        assert said in one.text
    with world.app.app_context(), writing() as session:
        row = session.query(Handover).one()
        assert row.told["devices"][0]["photos"] == 1
        assert row.told["work"]["waiting"] + row.told["work"]["drafts"] == 1
        assert Scope(session, new).own_units() == sorted([world.units["12286"], world.units["12289"]])
        assert Scope(session, old).own_units() == []
        assert Scope(session, old, grace=True).may_write(world.units["12286"])
        assert session.query(EnrolmentCode).one().used_at is not None
    assert calling.result(late)[0] == "stored"  # what was on the old phone
    assert calling.sync()["changes"] == []  # and nothing new comes to it
    theirs.get("/desk/queue")
    assert theirs.status == 303
    body = {"code": code, "label": ""}
    assert world.app.test_client().post("/api/v1/enrolment", json=body).status_code == 403
    one.get("/desk/people")
    assert "Các lần bàn giao đồng chí đã thực hiện" in one.text
    assert draft["id"] != late["id"]


def test_drafts_of_campaigns_go_over_too(world: World, desk: MakeDesk) -> None:
    """Of them only their officer knows."""
    one = desk("tinh")
    one.get("/desk/campaigns")
    one.post(one.form("/desk/campaigns/drafts"), act="empty")
    draft = one.location
    chief, successor = desk("quantri"), desk("phucu")
    assert act(chief, world.officers["tinh"], "phucu") == 303
    successor.get(draft)
    assert successor.status == 200
    again = desk("tinh")
    again.get(draft)
    assert again.status == 404


def test_nobody_gives_a_power_that_is_not_below_their_own(world: World) -> None:
    with world.app.app_context(), writing() as session:
        officer = add_officer(session, NewOfficer("huyen2", "Người duyệt 2 huyện Kim Động"))
        give_role(session, officer.id, world.units["331"], REVIEWER)
        commune, district, province = (world.units[code] for code in ("12286", "331", "33"))
        reviewer = Scope(session, world.officers["huyen"])
        coordinator = Scope(session, world.officers["tinh"])
        chief = Scope(session, world.officers["quantri"])
        assert [reviewer.may_pass_on(role, commune) for role in (OFFICER, REVIEWER, COORDINATOR, ADMIN)] == [
            True,
            True,
            False,
            False,
        ]
        assert [reviewer.may_pass_on(role, district) for role in (OFFICER, REVIEWER)] == [True, False]
        assert [coordinator.may_pass_on(role, province) for role in (REVIEWER, COORDINATOR, ADMIN)] == [
            False,
            True,
            False,
        ]
        assert all(chief.may_pass_on(role, province) for role in (OFFICER, REVIEWER, COORDINATOR, ADMIN))
        assert not any(Scope(session, world.officers["xa1"]).may_pass_on(role, commune) for role in (OFFICER, REVIEWER))


def test_a_reviewer_makes_no_administrator_of_himself(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        give_role(session, world.officers["phucu"], world.units["331"], ADMIN)
        give_role(session, world.officers["huyen"], world.units["333"], REVIEWER)
    one = desk("huyen")
    one.get(f"/desk/people/{world.officers['phucu']}/account")
    assert not one.has_form("/hand-over")
    token = one.forms()[0].values["csrf_token"][0]
    path = f"/desk/people/{world.officers['phucu']}/hand-over"
    assert one.http.post(path, data={"csrf_token": token, "username": "huyen"}).status_code == 403
    with world.app.app_context(), reading() as session:
        assert not Scope(session, world.officers["huyen"]).has_role(ADMIN)


@pytest.mark.parametrize("username", ["", "khong.co.ai", "xa1", "dinhcao", "shut"])
def test_a_successor_who_cannot_take_over_is_refused_and_what_was_typed_stays(
    world: World, desk: MakeDesk, username: str
) -> None:
    with world.app.app_context(), writing() as session:
        shut = add_officer(session, NewOfficer("shut", "Đã nghỉ"))
        give_role(session, shut.id, world.units["12286"], OFFICER)
        accounts.disable(session, shut)
    one = desk("huyen")
    assert act(one, world.officers["xa1"], username) == 422
    assert one.form("/hand-over").values["username"] == [username]
    with world.app.app_context(), reading() as session:
        assert Scope(session, world.officers["xa1"]).own_units() == [world.units["12286"]]


def test_the_duties_of_a_disabled_account_are_handed_over_too(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        accounts.disable(session, session.get_one(Officer, world.officers["xa1"]))
    assert act(desk("huyen"), world.officers["xa1"], "xa2") == 303


def test_the_record_is_for_those_it_concerns(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    act(one, world.officers["xa1"], "xa2")
    for username, status in (("huyen", 200), ("tinh", 200), ("xa2", 200), ("phucu", 404), ("nhanla", 404)):
        other = desk(username)
        other.get(one.location)
        assert (other.status, username) == (status, username)
