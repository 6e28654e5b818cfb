"""A unit whose level above has locked asks to open its figures again; the top unit does, with reason and end."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from server.core.canonical import canonical, digest
from server.core.clock import now_ms, stopped_at, today
from server.core.db import reading
from server.models import AuditLine
from server.services.audit.acts import Act
from server.services.reports.snapshot import locking as service
from server.services.reports.snapshot.freezing import NOW, LockChoice
from server.services.reports.workflow.papers import PaperAct
from server.services.reports.workflow.papers import PaperState as S
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.issuing import downloaded, history, make, step, to
from support.world.locking import ask, lock, reopen, state, unlock
from support.world.paper_steps import refused
from support.world.papers import decide, fill
from support.world.world import World

pytestmark = [pytest.mark.slow, pytest.mark.databases("sqlite")]

PERSON = "Nguyễn Văn D, Phó Giám đốc"
ASK, REOPEN = "/figures/lock", "/figures/unlock"


def at(world: World, unit: str = "331") -> str:
    return f"/desk/figures/lock?unit={world.units[unit]}&campaign={world.campaign}"


def asked(world: World, one: Any, reason: str = "Xã Chính Nghĩa gửi muộn 01 băng rôn") -> None:
    one.get(at(world))
    form = next(form for form in one.forms() if form.values.get("ask") == ["1"])
    one.post(form, reason=reason)
    assert one.status == 303, one.text
    one.follow()


def reopened(world: World, one: Any, **values: str) -> None:
    one.get(at(world))
    form = next(form for form in one.forms() if "last" in form.values)
    one.post(form, **{"person": PERSON, "last": today().isoformat(), **values})


def test_from_the_request_to_a_supplement_of_what_stays_signed(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    district, province = desk("huyen"), desk("tinh")
    lock(world)
    signed, issued = to(world, make(world), S.SIGNED), to(world, make(world), S.ISSUED, doc_number="13/BC-UBND")
    lock(world, "tinh", "33")
    before = downloaded(district, signed)
    asked(world, district)
    assert "Đã đề nghị mở lại" in district.text
    assert not any(form.values.get("ask") for form in district.forms()), "once"
    assert state(world) == "locked", "a request changes nothing"
    province.get("/desk/report")
    assert "Huyện Kim Động đề nghị mở lại số liệu đã khóa. Lý do: Xã Chính Nghĩa gửi muộn" in province.text
    reopened(world, province, reason="")
    assert (province.status, state(world)) == (422, "locked")
    reopened(world, province)
    assert (province.status, state(world)) == (303, "unlocked")
    province.get("/desk/report")
    assert "đề nghị mở lại" not in province.text
    where = f"?unit={world.units['331']}&campaign={world.campaign}"
    for page in ("/desk/report", "/desk/figures"):
        district.get(f"{page}{where}")
        assert f"theo ý kiến của {PERSON}, đến" in district.text, page
    district.get(at(world))
    assert f"theo ý kiến của {PERSON}, đến" in district.text
    assert (history(world, signed).state, downloaded(district, signed)) == (S.SIGNED, before), "it stays signed"
    officer = phone("xa1")
    late = officer.create(quantity=1, put_up_on="2021-07-05")
    officer.sync()
    decide(district, late)
    lock(world, choice=LockChoice(late=NOW))
    assert state(world) == "locked"
    step(world, signed, PaperAct.ISSUE, doc_number="14/BC-UBND")
    supplement = make(world, kind="supplement", follows=issued)
    assert history(world, supplement).state is S.DRAFT


def test_it_ends_by_itself(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    lock(world)
    lock(world, "tinh", "33")
    reopened(world, desk("tinh"), reason="Sửa số liệu", last=(today() + timedelta(days=1)).isoformat())
    assert state(world) == "unlocked"
    with stopped_at(now_ms() + 2 * 86_400_000):
        assert state(world) == "locked", "as it was locked"
        assert refused(lambda: lock(world, choice=LockChoice(late=NOW))) == "lock_moved"


def test_who_and_until_when(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    lock(world)
    lock(world, "tinh", "33")
    province = desk("tinh")
    for last in ("", "2021-07-01", (today() + timedelta(days=service.LONGEST_OPEN + 1)).isoformat()):
        reopened(world, province, reason="Sửa số liệu", last=last)
        assert province.status == 422
        form = next(form for form in province.forms() if "last" in form.values)
        shown = f"{date.fromisoformat(last):%d/%m/%Y}" if last else ""
        assert [form.values[name] for name in ("person", "last", "reason")] == [[PERSON], [shown], ["Sửa số liệu"]]
        assert "Mở đến hết ngày không quá 31 ngày" in province.text
    reopened(world, province, reason="Sửa số liệu", person=" ")
    assert (province.status, state(world)) == (422, "locked")
    assert "họ tên, chức vụ của lãnh đạo cho phép" in province.text
    for who in ("huyen", "phucu", "xa1"):
        one = desk(who)
        one.get(at(world))
        assert not any("last" in form.values for form in one.forms())
    one = desk("huyen")
    one.get(at(world))
    form = next(form for form in one.forms() if form.values.get("ask") == ["1"])
    form.action = "/desk/figures/unlock"
    one.post(form, last=today().isoformat(), person=PERSON, reason="Tự mở")
    assert (one.status, state(world)) == (403, "locked")


def test_the_log_has_the_request_and_until_when_it_was_allowed(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """It holds no name: the hash of what was typed shows that the name beside the step is the one of then."""
    fill(desk, phone)
    lock(world)
    lock(world, "tinh", "33")
    ask(world, why="Gửi muộn")
    reopened(world, desk("tinh"), reason="Sửa số liệu")
    with world.app.app_context(), reading() as session:
        acts = AuditLine.act.in_((Act.REOPENING_ASKED, Act.FIGURES_REOPENED))
        lines = session.scalars(select(AuditLine).where(acts).order_by(AuditLine.number)).all()
        said = [(line.act, line.about_id, json.loads(line.old)["status"], json.loads(line.new)) for line in lines]
    whole = {"campaign": world.campaign}
    typed = [digest(canonical(each))[:32] for each in (["", "Gửi muộn"], [PERSON, "Sửa số liệu"])]
    assert said == [
        ("reopening_asked", world.units["331"], "locked", {**whole, "status": "locked", "hash": typed[0]}),
        (
            "figures_reopened",
            world.units["331"],
            "locked",
            {**whole, "status": "unlocked", "to": today().isoformat(), "hash": typed[1]},
        ),
    ]


def test_while_it_lasts_its_end_is_moved(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    lock(world)
    lock(world, "tinh", "33")
    province, day = desk("tinh"), 86_400_000
    reopened(world, province, reason="Sửa số liệu")
    longer = (today() + timedelta(days=5)).isoformat()
    reopened(world, province, reason="Xã gửi thêm", last=longer)
    assert (province.status, state(world)) == (303, "unlocked"), province.text
    with stopped_at(now_ms() + 3 * day):
        assert state(world) == "unlocked", "longer"
        shown = desk("tinh")
        shown.get(at(world))
        assert "Đổi hạn mở lại số liệu" in shown.text
        reopened(world, shown, reason="Đã xong", last=today().isoformat())
        assert shown.status == 303, shown.text
    with stopped_at(now_ms() + 4 * day):
        assert state(world) == "locked", "it ended early"
    district = desk("huyen")
    district.get(at(world))
    assert not any("last" in form.values for form in district.forms())


def test_what_the_level_above_unlocked_gets_no_end(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    lock(world)
    unlock(world)
    one = desk("tinh")
    one.get(at(world))
    assert not any("last" in form.values for form in one.forms())
    assert refused(lambda: reopen(world, today())) == "lock_moved"
    assert state(world) == "unlocked"
