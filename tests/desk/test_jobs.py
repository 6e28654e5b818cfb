"""The list of jobs: who sees what, in which words, and the notice when nobody does them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from server.core.clock import now_ms
from server.core.db import writing
from server.models import Job
from server.services.jobs.enqueuing import enqueue
from server.services.organisation.staff import give_role
from support.clients.desk import MakeDesk
from support.jobs.inline import done
from support.jobs.states import HOUR_MS, in_each_state
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

IDLE = "Đề nghị báo người quản trị máy chủ kiểm tra loa serve và loa worker."


def set_all(world: World, **values: Any) -> None:
    with world.app.app_context(), writing() as session:
        session.execute(update(Job).values(**values))


def test_each_state_is_said_in_words(world: World, desk: MakeDesk) -> None:
    in_each_state(world)
    one = desk("tinh")
    one.get("/desk/people")
    assert 'href="/desk/jobs"' in one.html
    one.get("/desk/jobs")
    assert one.status == 200
    for said in (
        "Dọn mã đăng ký, đường dẫn và phiên đăng nhập đã hết hạn từ lâu Đã xong",
        "Không làm được Lần nào làm, tiến trình của máy chủ cũng bị ngắt giữa chừng",
        "Máy chủ gặp lỗi khi làm việc này. Đề nghị báo người quản trị máy chủ xem nhật ký.",
        "Đang làm 40%",
        "sẽ làm từ",
        "làm lần thứ 5",
        "of.a.newer.version Đang chờ",
        "bên giao: Người duyệt huyện Kim Động",
        "bên giao: máy chủ",
    ):
        assert said in one.text, said
    assert one.text.count("sẽ làm từ") == 1, "the other one is due"
    newest, *_, oldest = [one.text.index(word) for word in ("of.a.newer.version", "Đang làm 40%", "Đã xong")]
    assert newest < oldest


def test_it_is_for_coordinators_and_administrators(desk: MakeDesk) -> None:
    for username, status in (("tinh", 200), ("quantri", 200), ("xa1", 403), ("huyen", 403)):
        one = desk(username)
        one.get("/desk/jobs")
        assert one.status == status, username
    one = desk("huyen")
    one.get("/desk/people")
    assert "/desk/jobs" not in one.html


def test_what_people_of_other_units_asked_for_is_not_shown(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        for username in ("phucu", "huyen"):
            enqueue(session, "jobs.clear", asked_by=world.officers[username])
        give_role(session, world.officers["xa1"], world.units["331"], "coordinator")
    one = desk("xa1")
    one.get("/desk/jobs")
    assert "Người duyệt huyện Kim Động" in one.text
    assert "Người duyệt huyện Phù Cừ" not in one.text


def test_fifty_a_page(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        for _ in range(51):
            enqueue(session, "jobs.clear")
    one = desk("tinh")
    one.get("/desk/jobs?page=2")
    assert one.html.count("Xóa công việc cũ") == 1
    one.get("/desk/jobs?page=99")
    assert "Trang 2 / 2" in one.text


def test_the_page_says_when_nobody_does_the_jobs(world: World, desk: MakeDesk) -> None:
    one = desk("quantri")
    assert IDLE in [one.get("/desk/jobs"), one.text][1], "no job was ever asked for at night"
    done(world, "jobs.clear")
    one.get("/desk/jobs")
    assert IDLE not in one.text
    set_all(world, asked_at=now_ms() - 37 * HOUR_MS)
    one.get("/desk/jobs")
    assert IDLE in one.text
    with world.app.app_context(), writing() as session:
        enqueue(session, "jobs.clear")
    one.get("/desk/jobs")
    assert IDLE not in one.text
    set_all(world, state="queued", not_before=now_ms() - HOUR_MS)
    one.get("/desk/jobs")
    assert IDLE in one.text
