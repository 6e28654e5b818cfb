"""The audit log: a line is stored with its act or the act is not done, it says who did what, and holds no text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from server.core import acting, clock
from server.core.acting import ActorKind
from server.core.db import db, reading, writing
from server.models import Device
from server.services.access import accounts
from server.services.audit import log
from server.services.audit.acts import Act, NotNameable
from server.services.keyholders import losing
from server.services.organisation import staff
from support.checks.audit_log import faults, lines, some_lines
from support.checks.counting import counted
from support.checks.unlogged import refused_by_the_database, refused_by_the_file, refused_by_the_folder
from support.clients.client import Client
from support.clients.phone import Phone
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def test_a_line_says_who_what_when_and_from_where(world: World) -> None:
    before = clock.now_ms()
    as_admin = acting.acting_as(ActorKind.OFFICER, world.officers["quantri"], "203.0.113.9")
    with world.app.app_context(), as_admin, writing() as session:
        staff.give_role(session, world.officers["xa1"], world.units["331"], "reviewer")
    first, line = lines(world)
    assert (first.act, first.about_kind, first.number, first.prev) == ("chain_begun", "heads", 1, "")
    assert (line.act, line.actor_kind, line.actor_id) == ("role_given", "officer", world.officers["quantri"])
    assert (line.about_kind, line.about_id, line.address) == ("officer", world.officers["xa1"], "203.0.113.9")
    assert line.new == f'{{"role":"reviewer","unit":"{world.units["331"]}"}}'
    assert line.unit_id == world.units["331"]
    assert before <= line.at <= clock.now_ms()
    assert faults(world) == []


@pytest.mark.databases("both")
def test_an_act_that_rolls_back_leaves_no_line(world: World) -> None:
    some_lines(world, 2)
    held = len(lines(world))

    def fail(session: Session, unit: str) -> None:
        staff.give_role(session, world.officers["xa1"], world.units[unit], "officer")
        raise LookupError

    with world.app.app_context():
        with pytest.raises(LookupError), writing() as session:
            fail(session, "333")
        with writing() as session:
            staff.give_role(session, world.officers["xa1"], world.units["331"], "officer")
            with pytest.raises(LookupError), session.begin_nested():
                fail(session, "333")
    assert [line.new.split('"')[3] for line in lines(world)[held:]] == ["officer"]
    assert lines(world)[-1].unit_id == world.units["331"], "not that of the savepoint"
    assert faults(world) == []


@pytest.mark.databases("both")
@pytest.mark.parametrize("refuse", [refused_by_the_file, refused_by_the_folder, refused_by_the_database])
def test_what_cannot_be_logged_is_not_done(
    world: World, client: Callable[[str], Client], refuse: Callable[[World], Callable[[], None]]
) -> None:
    phone = client("xa1")
    code = world.code("xa1")
    mend = refuse(world)
    body = {"code": code, "label": "Điện thoại"}
    answer = world.app.test_client().post("/api/v1/enrolment", json=body)
    assert (answer.status_code, answer.get_json()["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"]
    with world.app.app_context(), reading() as session:
        assert session.query(Device).count() == 1, "the old phone, which is not replaced"
        assert session.query(Device).filter(Device.replaced_at.is_not(None)).count() == 0
    assert phone.post("/sync", json={}).status_code == 200, "a push writes no line"
    with world.app.app_context(), pytest.raises(log.NotLogged), writing() as session:
        accounts.disable(session, staff.find_officer(session, "xa1"))  # type: ignore[arg-type]
    assert phone.post("/sync", json={}).status_code == 200
    mend()
    assert world.app.test_client().post("/api/v1/enrolment", json=body).status_code == 201
    assert [line.act for line in lines(world)][-2:] == ["code_used", "device_replaced"]
    assert faults(world) == []


@pytest.mark.databases("both")
def test_a_push_costs_no_statement(world: World, phone: Callable[..., Phone]) -> None:
    """Writes name their author: not one statement of a push is about the log, however much it stores."""
    some_lines(world, 1)
    one = phone("xa1")
    with world.app.app_context():
        engine = db.engine
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        with counted(engine) as counts:
            for number in range(20):
                one.create(quantity=number + 1)
            one.sync()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert counts.statements > 10
    assert [each for each in seen if "audit" in each or "wrong_try" in each or "pg_advisory" in each] == []
    assert len(lines(world)) == 2


def test_the_log_holds_no_text(world: World) -> None:
    with world.app.app_context(), writing() as session:
        for values in (
            {"note": "x"},
            {"role": "một câu"},
            {"role": "a b"},
            {"unit": "x" * 33},
            {"unit": "jZmoMwBjFq5WMR2GDYA_1g"},
        ):
            with pytest.raises(NotNameable):
                log.append(session, Act.ROLE_GIVEN, None, new=values)
        with pytest.raises(NotNameable):
            log.append(session, Act.ROLE_GIVEN, ("officer", "Nguyễn"))
        with pytest.raises(NotNameable):
            log.append(session, Act.ROLE_GIVEN, ("password", "x"))
    with world.app.app_context(), reading() as session, pytest.raises(RuntimeError, match="note"):
        log.append(session, Act.ROLE_GIVEN)
    assert lines(world) == []


@pytest.mark.usefixtures("world")
def test_a_second_watcher_of_an_act_is_refused() -> None:
    log.watch(losing.WHY, losing.watch)  # as another application of this process does
    with pytest.raises(RuntimeError, match="watches password_removed"):
        log.watch([Act.SIGNED_IN, Act.PASSWORD_REMOVED], lambda _session, _entry: None)
    log.watch(losing.WHY, losing.watch)  # the first one stayed
