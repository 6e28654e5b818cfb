"""A split that was a slip is taken back, unless somebody has worked with it since (SPEC L-52)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from server.core.clock import new_id, now_ms, today
from server.core.db import reading, writing
from server.models import Campaign, Unit, UnitSplit
from server.services.figures import loading
from server.services.organisation import split_undo
from server.services.organisation.staff import give_role
from server.services.reports.snapshot import locking
from server.services.units.scope import ADMIN, Scope
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.changes import come, leave, seal, split
from support.world.splitting import NEW, choose, held, preview, splitting, unit
from support.world.world import World
from sync.errors import CODES

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.slow
@pytest.mark.databases("both")
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


def test_what_was_written_for_a_part_comes_after_the_split_is_taken_back(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    """L-8, L-52, L-16: the role at the part has ended, and the part is a merged unit of the old one."""
    one = desk("quantri")
    preview(one)
    assert one.post(splitting(one), **choose(world, xa1="", xa2="12287"), yes="1").status_code == 303
    one.follow()
    with world.app.app_context(), reading() as session:
        part = session.scalars(select(Unit.id).where(Unit.name == "Xã Tân Lập")).one()
    goes = phone("xa2", "12286")
    goes.unit = part
    record = goes.create(quantity=1)
    assert one.post(one.form("/take-back")).status_code == 303
    goes.sync()
    assert (goes.outbox, goes.refused) == ([], {})
    assert goes.records[record].head["unit"] == part


def test_a_unit_that_never_was_is_no_choice(world: World, desk: MakeDesk) -> None:
    one, district, commune = desk("quantri"), desk("huyen"), desk("xa1")
    preview(one)
    assert one.post(splitting(one), **choose(world, xa1="", xa2="12287"), yes="1").status_code == 303
    one.follow()
    district.get("/desk/queue")
    assert "Xã Tân Lập" in district.text
    one.post(one.form("/take-back"))
    for each, path in ((district, "queue"), (district, "exports"), (commune, "queue")):
        each.get(f"/desk/{path}")
        assert "Xã Tân Lập" not in each.text, path
    assert district.http.get("/desk/units?q=tan+lap").get_json() == []


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


@pytest.mark.databases("both")
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
    one.get("/desk/units/change?act=split")
    assert "Các lần chia tách" in one.text
    assert "Xã Chính Nghĩa" not in one.text


def test_a_refused_take_back_is_in_the_list_however_old(world: World, desk: MakeDesk) -> None:
    one = desk("quantri")
    preview(one)
    assert one.post(splitting(one), **choose(world, xa1="", xa2="12287"), yes="1").status_code == 303
    one.follow()
    back = one.form("/take-back")
    seal(world, "xa1")
    split_for(world, "12289", 20, now_ms() + 1000)
    one.get("/desk/units/change?act=split")
    assert "đã có xác nhận số liệu sau khi chia tách" not in one.text
    assert one.post(back).status_code == 409
    assert "đã có xác nhận số liệu sau khi chia tách" in one.text


@pytest.mark.databases("both")
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


def test_who_was_split_for_a_moment_stands_alone_again(world: World) -> None:
    """The part was in force on no day and holds nothing: figures, preview and report know of one unit."""
    before = units_of_the_district(world)
    row = split(world, "12286", "12287=Xã Tân Lập")
    with world.app.app_context(), writing() as session:
        split_undo.take_back(session, session.get_one(UnitSplit, row))
    with world.app.app_context(), reading() as session:
        scope, commune = Scope(session, world.officers["xa1"]), session.get_one(Unit, world.units["12286"])
        campaign = session.get_one(Campaign, world.campaign)
        for deep in (True, False):
            table = loading.load(session, scope, campaign, commune.id, deep=deep)
            assert (len(table.rows), table.alone) == (1, True)
            assert [row.unit.name for _, row in table.leaves()] == ["Xã Chính Nghĩa"]
        assert locking.preview(session, scope, campaign, commune.id).silent == "xã Chính Nghĩa"
    assert units_of_the_district(world) == before


def units_of_the_district(world: World) -> int:
    """How many units its total waits for."""
    with world.app.app_context(), reading() as session:
        campaign = session.get_one(Campaign, world.campaign)
        table = loading.load(session, Scope(session, world.officers["huyen"]), campaign, world.units["331"])
        return table.total.standing.units
