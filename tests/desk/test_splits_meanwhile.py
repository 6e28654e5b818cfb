"""What changed between the look at a split and the yes: the form comes back and says it (SPEC L-55)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from server.core.clock import today
from server.core.db import reading, writing
from server.models import Membership, Unit, UnitSplit
from server.models.installation import lock_catalog
from server.services.organisation.staff import end
from server.services.organisation.unit_changes import UnitRow, add_unit
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.splitting import NEW, choose, held, preset, preview, splitting
from support.world.world import World
from sync.errors import CODES

pytestmark = pytest.mark.databases("sqlite")


def test_the_form_comes_back_when_people_have_left_since(world: World, desk: MakeDesk) -> None:
    one = desk("quantri")
    preview(one)
    form = splitting(one)
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        theirs = Membership.officer_id == world.officers["xa2"], Membership.ended_at.is_(None)
        end(session, session.scalars(select(Membership).where(*theirs)).all())
    assert one.post(form, **choose(world, xa1="12287", xa2="12287"), yes="1").status_code == 409
    assert CODES["split_moved"].vi in one.text
    assert "xa2 không còn vai trò ở đơn vị này" in one.text
    again = splitting(one)
    assert (again.values["old"], again.values["parts"], again.values["to"]) == (["12286"], [NEW], ["12287"])
    assert one.post(again, yes="1").status_code == 303, one.text
    assert held(world, "12287") == {"xa1"}


@pytest.mark.databases("both")
def test_a_record_that_came_since_is_named_and_nothing_is_lost(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """L-55."""
    officer, one = phone("xa1", "12286"), desk("quantri")
    preview(one)
    form = splitting(one)
    officer.create(quantity=2)
    officer.sync()
    assert one.post(form, **choose(world, xa1="", xa2="12287"), yes="1", empty="1").status_code == 409
    assert CODES["split_moved"].vi in one.text
    assert "Bản ghi: khi xem là 0, nay là 1." in one.text
    assert "Cán bộ, vai trò, máy đang dùng" not in one.text, "only what has changed"
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(UnitSplit)).all() == []
    again, chosen = splitting(one), choose(world, xa1="", xa2="12287")
    assert preset(one) == chosen["to"]
    assert again.values["empty"] == ["1"]
    looks = next(form for form in one.forms() if "parts" in form.values and "seen" not in form.values)
    assert one.post(looks).status_code == 200, "the preview takes choices along, as many as there are"
    assert preset(one) == chosen["to"]
    assert one.post(again, **chosen, seen="records:1", yes="1").status_code == 409, "a form that is not whole"
    assert "Phần xem trước: đã thay đổi." in one.text
    assert one.post(splitting(one), **chosen, yes="1").status_code == 303, one.text


def test_the_form_comes_back_when_a_code_is_in_use_since(world: World, desk: MakeDesk) -> None:
    one = desk("quantri")
    yesterday = today() - timedelta(days=1)
    preview(one, on=yesterday.isoformat())
    form = splitting(one)
    with world.app.app_context(), writing() as session:
        row = UnitRow("12287", "Xã Khác", "Khác", "commune", "331")
        add_unit(session, row, session.get_one(Unit, world.units["331"]), today())
    assert one.post(form, **choose(world, xa1="", xa2="12287"), yes="1").status_code == 409
    assert CODES["split_moved"].vi in one.text
    assert "Mã 12287 (Xã Khác) đang có đơn vị dùng" in one.text
    asked = next(form for form in one.forms() if "parts" in form.values).values
    assert (asked["old"], asked["parts"], asked["on"]) == (["12286"], [NEW], [f"{yesterday:%d/%m/%Y}"])
    assert (asked["officer"], asked["to"]) == ([world.officers["xa2"]], ["12287"])
