"""Many records approved in one act while others write and decide: what changed since the page is left, and counted."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.core.clock import new_id
from server.core.db import reading, writing
from server.models import BulkAct, Campaign, DecisionRow, Record
from server.services.organisation.staff import give_role
from server.services.records.journal import accept
from server.services.records.stored import Author
from server.services.units.scope import Scope
from support.clients.client import Client
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.clients.uploading import bring
from support.jobs.checks import checked
from support.likeness.scenes import scene
from support.likeness.shots import shot
from support.world.approving import bulk, judged, leaflet, states
from support.world.meanwhile import meanwhile
from support.world.world import World


@pytest.fixture(autouse=True)
def _in_time(world: World) -> None:
    """Nothing is late, so that nothing has a warning by itself."""
    with world.app.app_context(), writing() as session:
        session.execute(update(Campaign).values(due_before=date(2099, 1, 1)))


def test_what_changed_or_came_since_the_page_is_left_and_counted(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    officer = phone("xa1")
    made = [leaflet(officer) for _ in range(5)]
    officer.sync()
    one = desk("huyen")
    checked(world)
    one.get("/desk/queue")
    form = bulk(one, "all")
    officer.edit(made[0], distributed=99)
    judged(world, made[1], "returned", by="tinh")
    new = leaflet(officer)
    officer.sync()
    one.post(form)
    one.follow()
    assert "Đã duyệt 3 mục; 2 mục vừa thay đổi, để lại; 1 mục mới đến hoặc vừa kiểm tra xong, để lại." in one.text
    now = states(world)
    assert [now[record] for record in made] == ["waiting", "returned", "counted", "counted", "counted"]
    assert now[new] == "waiting"


def test_what_became_ready_since_the_page_is_left_and_counted(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Its photo came and was checked: no position moves by that, and nobody has seen the photo."""
    officer, photo = phone("xa1"), shot(scene(2))
    offered, held = leaflet(officer), leaflet(officer, **photo.register)
    officer.sync()
    checked(world)
    one = desk("huyen")
    one.get("/desk/queue")
    form = bulk(one, "all")
    assert "Duyệt tất cả 1 mục của bộ lọc này" in one.text
    bring(Client(world.app.test_client(), world.token("xa1")), photo)
    checked(world)
    one.post(form)
    one.follow()
    assert "Đã duyệt 1 mục; 1 mục mới đến hoặc vừa kiểm tra xong, để lại." in one.text
    assert states(world) == {offered: "counted", held: "waiting"}
    assert "Duyệt tất cả 1 mục của bộ lọc này" in one.text


def test_an_act_names_the_records_of_its_page_in_few_signs(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Some were edited in between, and one is not offered."""
    officer, one = phone("xa1"), desk("huyen")
    made: list[str] = []
    for _ in range(3):
        made += [leaflet(officer) for _ in range(4)]
        officer.sync()
        officer.edit(made[-2], received=50)
    officer.sync()
    checked(world)
    left = made.pop(1)
    judged(world, left, "returned")
    one.get("/desk/queue")
    form = bulk(one, "all")
    assert re.fullmatch(r"[\w-]{16}:1\.3-4\.6-9\.11-14", form.values["offered"][0])
    one.post(form)
    one.follow()
    assert f"Đã duyệt {len(made)} mục." in one.text
    now = states(world)
    assert {record for record, state in now.items() if state == "counted"} == set(made)


def test_a_double_click_is_one_act(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    leaflet(officer), leaflet(officer)
    officer.sync()
    one = desk("huyen")
    checked(world)
    one.get("/desk/queue")
    form = bulk(one, "all")
    for _ in range(2):
        one.post(form)
        one.follow()
        assert "Đã duyệt 2 mục." in one.text
    with world.app.app_context(), reading() as session:
        assert len(session.scalars(select(BulkAct)).all()) == 1
        assert len(session.scalars(select(DecisionRow)).all()) == 2


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_while_a_phone_writes_what_it_wrote_first_is_left(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """The act waits for the write that holds the stream, and then sees it."""
    officer = phone("xa1")
    made = [leaflet(officer) for _ in range(3)]
    officer.sync()
    one = desk("huyen")
    checked(world)
    one.get("/desk/queue")
    form = bulk(one, "all")

    def write(session: Session) -> None:
        raw = {"id": new_id(), "at": 1, "record": made[0], "set": {"distributed": 77}, "seen": made[:1]}
        assert accept(session, Author(Scope(session, world.officers["xa2"])), [raw])[0].result == "stored"

    with meanwhile(world, write):
        one.post(form)
    one.follow()
    assert "Đã duyệt 2 mục; 1 mục vừa thay đổi, để lại." in one.text
    assert [states(world)[record] for record in made] == ["waiting", "counted", "counted"]


@pytest.mark.slow
def test_two_reviewers_approve_the_same_list(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    made = [leaflet(officer) for _ in range(2)]
    officer.sync()
    with world.app.app_context(), writing() as session:
        give_role(session, world.officers["phucu"], world.units["331"], "reviewer")
    one, two = desk("huyen"), desk("phucu")
    checked(world)
    for each in (one, two):
        each.get("/desk/queue")
    forms = [bulk(each, "all") for each in (one, two)]
    for each, form in zip((one, two), forms, strict=True):
        each.post(form)
        each.follow()
    assert "Đã duyệt 0 mục; 2 mục vừa thay đổi, để lại." in two.text
    with world.app.app_context(), reading() as session:
        assert len(session.scalars(select(DecisionRow)).all()) == len(made)


def test_a_write_since_the_page_keeps_nothing_back_that_was_checked(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    """The hints of the whole stream are made anew then; what the page showed was checked as it was."""
    officer = phone("xa1")
    made = leaflet(officer)
    officer.sync()
    checked(world)
    one = desk("huyen")
    one.get("/desk/queue")
    form = bulk(one, "all")
    leaflet(officer, distributed=12)
    officer.sync()
    one.post(form)
    one.follow()
    assert "Đã duyệt 1 mục" in one.text
    assert states(world)[made] == "counted"
    assert "Chưa đủ ảnh, đang kiểm tra 1" in one.text


def test_only_ticked_ones_that_have_not_changed_are_approved(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    made = [leaflet(officer) for _ in range(4)]
    officer.sync()
    checked(world)
    one = desk("huyen")
    one.get("/desk/queue")
    form = bulk(one, "picked")
    assert set(_ticks(one)) == {_place(world, record) for record in made}
    one.post(form)
    one.follow()
    assert "Chưa chọn mục nào." in one.text
    one.get("/desk/queue")
    form = bulk(one, "picked")
    form.values["pick"] = [_place(world, record) for record in made[:3]]
    officer.edit(made[0], distributed=99)
    leaflet(officer)
    officer.sync()
    one.post(form)
    one.follow()
    assert "Đã duyệt 2 mục; 1 mục vừa thay đổi, để lại." in one.text, "who ticked some left the others out"
    now = states(world)
    assert [now[record] for record in made] == ["waiting", "counted", "counted", "waiting"]
    one.post(next(each for each in one.forms() if each.action.endswith("/undo")))
    one.follow()
    assert "Đã hoàn tác 2 mục" in one.text
    assert set(states(world).values()) == {"waiting"}


def test_what_is_looked_at_one_by_one_has_no_tick(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    first, odd = leaflet(officer), leaflet(officer, received=1)
    officer.sync()
    checked(world)
    one = desk("huyen")
    one.get("/desk/queue")
    assert "chỉ duyệt được từng mục" in one.text
    form = bulk(one, "picked")
    assert _ticks(one) == [_place(world, first)]
    form.values["pick"] = [_place(world, first), _place(world, odd)]
    one.post(form)
    one.follow()
    assert "Đã duyệt 1 mục; 1 mục vừa thay đổi, để lại." in one.text
    assert states(world)[odd] == "waiting"


def _ticks(one: Any) -> list[str]:
    return re.findall(r'name="pick" value="([^"]*)"', one.html)


def _place(world: World, record: str) -> str:
    """How a form names the record."""
    with world.app.app_context(), reading() as session:
        row = session.get_one(Record, record)
        return f"{row.stream_id}:{row.first_position}"
