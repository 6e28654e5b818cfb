"""A split at the desk: what stays and who goes is shown before the yes, what cannot be is said (SPEC L-50, L-51)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from server.core.clock import today
from server.core.db import reading, writing
from server.models import AuditLine, Unit, UnitSplit
from server.models.installation import lock_catalog
from server.services.organisation.staff import give_role
from server.services.units.scope import ADMIN
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.changes import merge, seal
from support.world.locking import check, lock
from support.world.splitting import NEW, choose, held, preset, preview, splitting, unit
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def test_an_officer_goes_to_a_new_unit_and_the_records_stay(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    stays, goes, one = phone("xa1", "12286"), phone("xa2", "12286"), desk("quantri")
    stays.create(quantity=2)
    goes.create(quantity=3)
    stays.sync()
    goes.sync()
    seal(world, "xa1")
    preview(one)
    assert "Xã Tân Lập 12287, đơn vị mới, gọi là “Tân Lập”" in one.text
    assert "Xã Chính Nghĩa 12286 2 0 1 0" in one.text  # records, plan, confirmations, totals
    assert "”: xác nhận đó vẫn là của đơn vị cũ" in one.text
    form = splitting(one)
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(UnitSplit)).all() == []  # a look writes nothing
    chosen = choose(world, xa1="", xa2="12287")
    assert one.post(form, **chosen, yes=None).status_code == 200
    assert one.post(form, **chosen, yes="1").status_code == 303, one.text
    assert (held(world, "12286"), held(world, "12287")) == ({"xa1"}, {"xa2"})
    made = unit(world, "12287")
    assert (made.short_name, made.level, made.parent_id, made.valid_from) == (
        "Tân Lập", "commune", world.units["331"], today(),
    )  # fmt: skip
    goes.create(quantity=1)  # before the phone hears of it: L-8
    goes.sync()
    assert (goes.outbox, goes.refused) == ([], {})
    goes.unit = made.id
    number = goes.create(quantity=4)
    goes.sync()
    assert (goes.outbox, goes.refused) == ([], {})
    one.get(f"/desk/records/{number}")
    assert "Xã Tân Lập" in one.text
    with world.app.app_context(), reading() as session:
        lines = select(AuditLine).where(AuditLine.act == "unit_split")
        assert [(line.about_id, made.id in line.new) for line in session.scalars(lines)] == [
            (world.units["12286"], True)
        ]
    assert one.post(form, **chosen, yes="1").status_code == 409  # a second press
    assert "Chưa chia tách" in one.text


@pytest.mark.databases("both")
def test_a_unit_that_ends_is_stood_for_by_one_of_its_parts(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """L-51."""
    officer, one = phone("xa1", "12286"), desk("quantri")
    record = officer.create(quantity=2)
    officer.sync()
    preview(one, parts="12286; Xã Chính Nghĩa\n12289", ends="1")
    assert one.post(splitting(one), **choose(world, xa1="12286", xa2="12289"), yes="1").status_code == 303, one.text
    old, heir = world.units["12286"], unit(world, "12286")
    assert heir.id != old
    with world.app.app_context(), reading() as session:
        row = session.get_one(Unit, old)
        assert (row.parent_id, row.merged_on) == (heir.id, today())
    assert (held(world, "12286"), held(world, "12289")) == ({"xa1"}, {"xa2", "nhanla"})
    commune = desk("xa1")
    commune.get(f"/desk/records/{record}")
    assert commune.status == 200  # its successor's people go on with it


def test_who_is_not_named_goes_to_the_heir_that_was_chosen(world: World, desk: MakeDesk) -> None:
    """L-51, by the form as it comes."""
    one = desk("quantri")
    preview(one, parts=f"{NEW}\n12289", ends="1")
    assert "Theo đơn vị đứng thay" in one.text
    form = splitting(one)
    assert (form.values["heir"], len(form.values["officer"]), preset(one)) == (["12287"], 2, ["", ""])
    assert one.post(form, heir="12289", to=["", ""], yes="1", empty="1").status_code == 303, one.text
    assert (held(world, "12287"), held(world, "12289")) == (set(), {"xa1", "xa2", "nhanla"})


def test_stations_and_hamlets_go_to_the_heir_and_come_back(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        old, heir = (session.get_one(Unit, world.units[code]) for code in ("12286", "12289"))
        lock_catalog(session)
        old.stations, old.hamlets = ["Loa đình", "Loa chợ"], ["Thôn Đông"]
        heir.stations, heir.hamlets = ["Loa chợ", "Loa trường"], []
    one = desk("quantri")
    preview(one, parts=f"12289\n{NEW}", ends="1")
    assert one.post(splitting(one), yes="1", empty="1").status_code == 303
    heir = unit(world, "12289")
    assert (heir.stations, heir.hamlets) == (["Loa chợ", "Loa trường", "Loa đình"], ["Thôn Đông"])
    one.follow()
    assert one.post(one.form("/take-back")).status_code == 303
    heir, old = unit(world, "12289"), unit(world, "12286")
    assert (heir.stations, heir.hamlets) == (["Loa chợ", "Loa trường"], [])
    assert (old.stations, old.hamlets) == (["Loa đình", "Loa chợ"], ["Thôn Đông"])


MANY = "\n".join(f"9{number:04}; Xã Mới {number}" for number in range(21))
WRONG = [
    ("12286", MANY, "", "", "Nhiều nhất 20 đơn vị nhận địa bàn trong một lần chia tách"),
    ("12286", "12286", "", "", "không thể nhận địa bàn của chính mình"),
    ("12286", NEW, "2999-01-01", "", "chọn ngày không muộn hơn hôm nay"),
    ("12286", NEW, "1999-01-01", "", "Xã Chính Nghĩa chưa hoạt động vào ngày đó"),
    ("12286", NEW, "ngày mai", "", "Đề nghị chọn ngày"),
    ("12286", "12289; Xã Tân Lập", "", "", "Mã 12289 (Xã Nhân La) đang có đơn vị dùng"),
    ("12286", "12287; xã nhân la", "", "", "đã có đơn vị tên “xã nhân la”"),
    ("12286", "mã lạ; Xã Tân Lập", "", "", "phải gồm 1 đến 16 chữ cái"),
    ("12286", f"{NEW}\n{NEW}", "", "", "12287 có hai lần trong danh sách"),
    ("12286", "333", "", "", "Huyện Phù Cừ không cùng cấp"),
    ("12286", "12289", "", "1", "Toàn bộ Xã Chính Nghĩa vào một đơn vị là sáp nhập"),
    ("12286", "99999", "", "", "Chưa rõ đơn vị nào đang hoạt động"),
    ("12286", "12287;", "", "", "Chưa rõ đơn vị nào đang hoạt động"),
    ("33", NEW, "", "", "Tỉnh Hưng Yên là đơn vị cao nhất"),
]


@pytest.mark.parametrize(("old", "parts", "on", "ends", "sentence"), WRONG)
def test_what_is_not_possible_is_said(desk: MakeDesk, old: str, parts: str, on: str, ends: str, sentence: str) -> None:
    one = desk("quantri")
    assert sentence in preview(one, old, parts, on, **({"ends": ends} if ends else {}))
    assert "Tôi đã xem phần trên" not in one.text


def test_units_that_were_merged(world: World, desk: MakeDesk) -> None:
    merge(world, "12289", into="12286")
    one = desk("quantri")
    assert "Chưa rõ đơn vị nào đang hoạt động" in preview(one, "12289")
    assert "Chưa rõ đơn vị nào đang hoạt động" in preview(one, "12286", "12289")
    preview(one)  # what was merged into it does not hinder it
    form = splitting(one)
    merge(world, "12286", into="12397")  # between the look and the yes
    assert one.post(form, **choose(world, xa1="", xa2="12287"), yes="1").status_code in {200, 409}
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(UnitSplit)).all() == []


def test_a_new_unit_without_people_is_asked_about(world: World, desk: MakeDesk) -> None:
    one = desk("quantri")
    preview(one, parts=f"{NEW}\n12288; Xã Tân Hòa")
    form = splitting(one)
    assert one.post(form, **choose(world, xa1="", xa2="12288"), yes="1").status_code == 422
    assert "có đơn vị mới chưa có cán bộ nào" in one.text
    (kept,) = (page for page in re.findall(r'<option value="12288" selected>', one.html))  # the choice is kept
    assert kept
    assert one.post(splitting(one), **choose(world, xa1="", xa2="12288"), yes="1", empty="1").status_code == 303
    assert (held(world, "12287"), held(world, "12288")) == (set(), {"xa2"})


@pytest.mark.slow
def test_figures_that_a_level_locked_do_not_change(world: World, desk: MakeDesk) -> None:
    freeze = lock(world, "huyen", "331")
    one = desk("quantri")
    assert "Huyện Kim Động đã khóa số liệu" in preview(one)
    assert one.post(splitting(one), **choose(world, xa1="", xa2="12287"), yes="1").status_code == 303
    assert check(world, freeze).is_good
    reviewer = desk("huyen")
    reviewer.get(f"/desk/figures?unit={world.units['331']}&campaign={world.campaign}")
    assert (reviewer.status, "Xã Tân Lập" in reviewer.text) == (200, True)
    reviewer.get(f"/desk/locked/{freeze}")
    assert (reviewer.status, "Xã Tân Lập" in reviewer.text) == (200, False)


def test_only_administrators_of_all_these_units(world: World, desk: MakeDesk) -> None:
    assert desk("huyen").http.get("/desk/units/change?act=split").status_code == 403
    with world.app.app_context(), writing() as session:
        give_role(session, world.officers["nhanla"], world.units["12289"], ADMIN)
    one = desk("nhanla")
    assert "Chưa rõ đơn vị nào" in preview(one, "12286")
    one.get(f"/desk/units/change?act=split&{urlencode({'old': '12289', 'parts': NEW, 'on': today().isoformat()})}")
    assert one.status == 404  # a new unit stands below a unit that is not theirs


def test_the_day_and_what_takes_part(world: World, desk: MakeDesk) -> None:
    """A new unit takes part in what runs above it, and is in the figures of the level."""
    one = desk("quantri")
    yesterday = today() - timedelta(days=1)
    preview(one, on=yesterday.isoformat())
    assert one.post(splitting(one), **choose(world, xa1="", xa2="12287"), yes="1").status_code == 303
    assert unit(world, "12287").valid_from == yesterday != date.min
    reviewer = desk("huyen")
    reviewer.get(f"/desk/figures?unit={world.units['331']}&campaign={world.campaign}")
    assert "Xã Tân Lập" in reviewer.text
