"""A merger at the desk: what moves is counted before the yes; what is not possible is said."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from server.core.clock import today
from server.core.db import reading, writing
from server.models import Membership, Unit
from server.services.organisation.staff import give_role
from server.services.units.scope import ADMIN
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.changes import leave, seal
from support.world.meanwhile import meanwhile, pushed
from support.world.world import World
from sync.errors import CODES

pytestmark = pytest.mark.databases("sqlite")


def preview(one: Any, old: str, into: str, on: str = "", **more: str) -> str:
    asked = {"act": "merge", "old": old, "into": into, "on": on or today().isoformat(), **more}
    one.get(f"/desk/units/change?{urlencode(asked)}")
    return str(one.text)


def test_what_moves_is_counted_and_then_moves(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1", "12286"), desk("quantri")
    for quantity in (2, 3):
        officer.create(quantity=quantity)
    officer.sync()
    seal(world, "xa1")
    preview(one, "Xã Chính Nghĩa", "12289", people="1")
    # units below, records, accounts, devices in use, plan, seals, totals
    assert "Xã Chính Nghĩa 12286 0 2 2 1 0 1 0" in one.text
    with world.app.app_context(), reading() as session:
        assert session.get_one(Unit, world.units["12286"]).merged_at is None  # a look writes nothing
    form = merging(one)
    one.post(form, yes=None)
    with world.app.app_context(), reading() as session:
        assert session.get_one(Unit, world.units["12286"]).merged_at is None
    assert one.post(form, yes="1").status_code == 303
    with world.app.app_context(), reading() as session:
        old = session.get_one(Unit, world.units["12286"])
        assert (old.merged_at is not None, old.parent_id) == (True, world.units["12289"])
        held = select(Membership.officer_id).where(
            Membership.unit_id == world.units["12289"], Membership.ended_at.is_(None)
        )
        assert set(session.scalars(held)) == {world.officers[name] for name in ("xa1", "xa2", "nhanla")}
    assert one.post(form, yes="1").status_code == 409  # a second press
    assert "Chưa sáp nhập" in one.text


@pytest.mark.databases("both")
def test_what_changed_since_is_named_and_nothing_is_lost(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """L-55."""
    officer, one = phone("xa1", "12286"), desk("quantri")
    preview(one, "Xã Chính Nghĩa", "12289", people="1")
    form = merging(one)
    officer.create(quantity=2)
    officer.sync()
    leave(world, "xa2")
    assert one.post(form, yes="1").status_code == 409
    assert CODES["merge_moved"].vi in one.text
    assert "Bản ghi: khi xem là 0, nay là 1." in one.text
    assert "Tài khoản: khi xem là 2, nay là 1." in one.text
    assert "Chỉ tiêu kế hoạch:" not in one.text
    with world.app.app_context(), reading() as session:
        assert session.get_one(Unit, world.units["12286"]).merged_at is None
    again = merging(one)
    assert (again.values["old_text"], again.values["into_text"]) == (["Xã Chính Nghĩa"], ["12289"])
    assert again.values["people"] == ["1"]
    assert one.post(again, yes="1").status_code == 303, one.text


@pytest.mark.databases("both")
def test_what_is_on_its_way_is_seen_first(world: World, desk: MakeDesk) -> None:
    """L-55: the merger waits for a write that is not committed yet."""
    one = desk("quantri")
    preview(one, "12286", "12289")
    form = merging(one)
    with meanwhile(world, pushed(world, "xa1", "12286")):
        assert one.post(form, yes="1").status_code == 409
    assert "Bản ghi: khi xem là 0, nay là 1." in one.text


def merging(one: Any) -> Any:
    """The form that merges: the other one only asks for the preview."""
    return next(form for form in one.forms() if "csrf_token" in form.values and "into" in form.values)


@pytest.mark.parametrize(
    ("old", "into", "on", "sentence"),
    [
        ("12286", "12286", "", "Xã Chính Nghĩa không thể sáp nhập vào chính nó"),
        ("331", "12286", "", "Đơn vị mới nằm dưới Huyện Kim Động"),
        ("12286", "12289", "2999-01-01", "chọn ngày không muộn hơn hôm nay"),
        ("12286", "12289", "1999-01-01", "Xã Chính Nghĩa chưa hoạt động vào ngày đó"),
        ("99999", "12289", "", "Chưa rõ đơn vị nào đang hoạt động"),
        ("12286", "12289", "ngày mai", "Đề nghị chọn ngày"),
    ],
)
def test_what_is_not_possible_is_said(desk: MakeDesk, old: str, into: str, on: str, sentence: str) -> None:
    one = desk("quantri")
    assert sentence in preview(one, old, into, on)
    assert "Tôi đã xem những gì được chuyển" not in one.text


def test_only_administrators_of_both_units(world: World, desk: MakeDesk) -> None:
    assert desk("huyen").http.get("/desk/units/change?act=merge").status_code == 403
    with world.app.app_context(), writing() as session:
        give_role(session, world.officers["nhanla"], world.units["331"], ADMIN)
    one = desk("nhanla")
    assert "Chưa rõ đơn vị nào" in preview(one, "12286", "12397")
    preview(one, "12286", "12289")
    form = merging(one)
    assert one.post(form, into=world.units["12397"], yes="1").status_code == 404
