"""A split at the desk: what stays and who goes is shown before the yes, a slip is taken back (SPEC L-50 to L-52)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from server.core.clock import new_id, now_ms, today
from server.core.db import reading, writing
from server.models import AuditLine, Membership, Unit, UnitSplit
from server.services.organisation.staff import end, give_role
from server.services.organisation.unit_changes import UnitRow, add_unit
from server.services.units.scope import ADMIN
from support.clients.phone import Phone
from support.world.changes import come, leave, merge, seal
from support.world.locking import check, lock
from support.world.world import World
from sync.errors import CODES

pytestmark = pytest.mark.sqlite_first

MakeDesk = Callable[..., Any]
MakePhone = Callable[..., Phone]
NEW = "12287; Xã Tân Lập"


def preview(one: Any, old: str = "12286", parts: str = NEW, on: str = "", **more: str) -> str:
    asked = {"old": old, "parts": parts, "on": on or today().isoformat(), **more}
    one.get(f"/desk/units/split?{urlencode(asked)}")
    return str(one.text)


def splitting(one: Any) -> Any:
    """The form that splits: the other one only asks for the preview."""
    return next(form for form in one.forms() if "seen" in form.values and "parts" in form.values)


def preset(one: Any, name: str = "to") -> list[str]:
    """What the selects of the form have chosen, also nothing."""
    return re.findall(
        rf'<select name="{name}"[^>]*>(?:<option[^>]*?>[^<]*</option>)*?<option value="([^"]*)" selected', one.html
    )


def held(world: World, code: str) -> set[str]:
    """User names of those with a role at the unit that has this code today."""
    names = {id_: name for name, id_ in world.officers.items()}
    with world.app.app_context(), reading() as session:
        unit = session.scalars(select(Unit).where(Unit.code == code).order_by(Unit.valid_from.desc())).first()
        assert unit is not None
        here = select(Membership.officer_id).where(Membership.unit_id == unit.id, Membership.ended_at.is_(None))
        return {names[id_] for id_ in session.scalars(here)}


def unit(world: World, code: str) -> Unit:
    with world.app.app_context(), reading() as session:
        row = session.scalars(select(Unit).where(Unit.code == code).order_by(Unit.valid_from.desc())).first()
        assert row is not None
        session.expunge(row)
        return row


def choose(world: World, **moves: str) -> dict[str, list[str]]:
    """The two lists of the form."""
    return {"officer": [world.officers[name] for name in moves], "to": list(moves.values())}


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


@pytest.mark.both_databases
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


@pytest.mark.slow
@pytest.mark.both_databases
def test_a_slip_is_taken_back_on_the_same_day_and_made_again(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    goes, one = phone("xa2", "12286"), desk("quantri")
    for _ in range(2):
        preview(one)
        chosen = choose(world, xa1="", xa2="12287")
        assert one.post(splitting(one), **chosen, yes="1").status_code == 303, one.text
        one.follow()
        back = one.form("/take-back")
        assert one.post(back).status_code == 303
        one.follow()
        assert "Đã hủy việc chia tách Xã Chính Nghĩa" in one.text
        assert held(world, "12286") == {"xa1", "xa2"}
        assert one.post(back).status_code == 409
    goes.create(quantity=1)
    goes.sync()
    assert (goes.outbox, goes.refused) == ([], {})
    with world.app.app_context(), reading() as session:
        made = session.scalars(select(Unit).where(Unit.name == "Xã Tân Lập")).all()
        assert {(each.parent_id, each.merged_at is None) for each in made} == {(world.units["12286"], False)}
        assert "12287" not in {each.code for each in made}  # free for another try


def test_an_end_is_taken_back_too(world: World, desk: MakeDesk) -> None:
    one = desk("quantri")
    preview(one, parts=f"{NEW}\n12289", ends="1")
    assert one.post(splitting(one), **choose(world, xa1="12289", xa2="12287"), yes="1").status_code == 303
    one.follow()
    assert "Xã Tân Lập (đứng thay), Xã Nhân La" in one.text
    assert one.post(one.form("/take-back")).status_code == 303
    old = unit(world, "12286")
    assert (old.parent_id, old.merged_at, old.valid_to) == (world.units["331"], None, None)
    assert (held(world, "12286"), held(world, "12289")) == ({"xa1", "xa2"}, {"nhanla"})


@pytest.mark.both_databases
@pytest.mark.parametrize("what", ["written", "confirmed", "moved_on"])
def test_what_was_worked_with_is_not_taken_back(world: World, desk: MakeDesk, phone: MakePhone, what: str) -> None:
    goes, one = phone("xa2", "12286"), desk("quantri")
    preview(one)
    assert one.post(splitting(one), **choose(world, xa1="", xa2="12287"), yes="1").status_code == 303
    one.follow()
    back, made = one.form("/take-back"), unit(world, "12287").id
    world.units["12287"] = made
    if what == "written":
        goes.unit = made
        goes.create(quantity=1)
        goes.sync()
        said = "đơn vị mới đã có bản ghi, số liệu hoặc văn bản"
    elif what == "confirmed":
        seal(world, "xa1")
        said = "đã có xác nhận số liệu sau khi chia tách"
    else:
        come(world, "nhanla", "12287")
        said = "các đơn vị, cán bộ hoặc đợt hoạt động đã thay đổi thêm"
    assert one.post(back).status_code == 409
    assert "Lý do ở danh sách bên dưới" in one.text
    assert said in one.text
    assert not one.has_form("/take-back")
    assert held(world, "12286") == {"xa1"}


def split_for(world: World, code: str, times: int, since: int) -> str:
    """Note splits that ended in nothing, and return the last one's id."""
    with world.app.app_context(), writing() as session:
        ids = [new_id() for _ in range(times)]
        for number, id_ in enumerate(ids):
            session.add(UnitSplit(id=id_, unit_id=world.units[code], first_day=today(), at=since + number, parts=[],
                                  moves=[], taken_back_at=since))  # fmt: skip
        return ids[-1]


def test_splits_of_others_do_not_push_ones_own_off_the_list(world: World, desk: MakeDesk) -> None:
    split_for(world, "12289", 1, 1000)
    split_for(world, "12286", 250, 2000)
    with world.app.app_context(), writing() as session:
        give_role(session, world.officers["nhanla"], world.units["12289"], ADMIN)
    one = desk("nhanla")
    one.get("/desk/units/split")
    assert "Đã chia tách gần đây" in one.text
    assert "Xã Chính Nghĩa" not in one.text


def test_a_refused_take_back_is_in_the_list_however_old(world: World, desk: MakeDesk) -> None:
    one = desk("quantri")
    preview(one)
    assert one.post(splitting(one), **choose(world, xa1="", xa2="12287"), yes="1").status_code == 303
    one.follow()
    back = one.form("/take-back")
    seal(world, "xa1")
    split_for(world, "12289", 20, now_ms() + 1000)
    one.get("/desk/units/split")
    assert "đã có xác nhận số liệu sau khi chia tách" not in one.text
    assert one.post(back).status_code == 409
    assert "đã có xác nhận số liệu sau khi chia tách" in one.text


def test_who_is_not_named_goes_to_the_heir_that_was_chosen(world: World, desk: MakeDesk) -> None:
    """L-51, by the form as it comes."""
    one = desk("quantri")
    preview(one, parts=f"{NEW}\n12289", ends="1")
    assert "Theo đơn vị đứng thay" in one.text
    form = splitting(one)
    assert (form.values["heir"], len(form.values["officer"]), preset(one)) == (["12287"], 2, ["", ""])
    assert one.post(form, heir="12289", to=["", ""], yes="1", empty="1").status_code == 303, one.text
    assert (held(world, "12287"), held(world, "12289")) == (set(), {"xa1", "xa2", "nhanla"})


def test_the_form_comes_back_when_people_have_left_since(world: World, desk: MakeDesk) -> None:
    one = desk("quantri")
    preview(one)
    form = splitting(one)
    with world.app.app_context(), writing() as session:
        theirs = Membership.officer_id == world.officers["xa2"], Membership.ended_at.is_(None)
        end(session, session.scalars(select(Membership).where(*theirs)).all())
    assert one.post(form, **choose(world, xa1="12287", xa2="12287"), yes="1").status_code == 409
    assert CODES["split_moved"].vi in one.text
    assert "xa2 không còn vai trò ở đơn vị này" in one.text
    again = splitting(one)
    assert (again.values["old"], again.values["parts"], again.values["to"]) == (["12286"], [NEW], ["12287"])
    assert one.post(again, yes="1").status_code == 303, one.text
    assert held(world, "12287") == {"xa1"}


@pytest.mark.both_databases
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


@pytest.mark.both_databases
def test_who_would_come_back_is_said_and_bound(world: World, desk: MakeDesk) -> None:
    """L-55, of a split that is taken back."""
    one = desk("quantri")
    preview(one)
    assert one.post(splitting(one), **choose(world, xa1="", xa2="12287"), yes="1").status_code == 303, one.text
    one.follow()
    assert "Trở lại đơn vị cũ: 1 cán bộ, 0 đơn vị bên dưới." in one.text
    back = one.form("/take-back")
    world.units["12287"] = unit(world, "12287").id
    leave(world, "xa2", "12287")
    assert one.post(back).status_code == 409
    assert CODES["split_back_moved"].vi in one.text
    assert "Cán bộ trở lại đơn vị cũ: khi xem là 1, nay là 0." in one.text
    assert one.post(one.form("/take-back")).status_code == 303, one.text
    assert held(world, "12286") == {"xa1"}


def test_the_form_comes_back_when_a_code_is_in_use_since(world: World, desk: MakeDesk) -> None:
    one = desk("quantri")
    yesterday = (today() - timedelta(days=1)).isoformat()
    preview(one, on=yesterday)
    form = splitting(one)
    with world.app.app_context(), writing() as session:
        row = UnitRow("12287", "Xã Khác", "Khác", "commune", "331")
        add_unit(session, row, session.get_one(Unit, world.units["331"]), today())
    assert one.post(form, **choose(world, xa1="", xa2="12287"), yes="1").status_code == 409
    assert CODES["split_moved"].vi in one.text
    assert "Mã 12287 (Xã Khác) đang có đơn vị dùng" in one.text
    asked = next(form for form in one.forms() if "parts" in form.values).values
    assert (asked["old"], asked["parts"], asked["on"]) == (["12286"], [NEW], [yesterday])
    assert (asked["officer"], asked["to"]) == ([world.officers["xa2"]], ["12287"])


def test_stations_and_hamlets_go_to_the_heir_and_come_back(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        old, heir = (session.get_one(Unit, world.units[code]) for code in ("12286", "12289"))
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
    assert desk("huyen").http.get("/desk/units/split").status_code == 403
    with world.app.app_context(), writing() as session:
        give_role(session, world.officers["nhanla"], world.units["12289"], ADMIN)
    one = desk("nhanla")
    assert "Chưa rõ đơn vị nào" in preview(one, "12286")
    one.get(f"/desk/units/split?{urlencode({'old': '12289', 'parts': NEW, 'on': today().isoformat()})}")
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
