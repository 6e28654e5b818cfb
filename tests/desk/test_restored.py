"""After a restore every page says to which moment, and a list shows what did not come back (SPEC B-4)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete

from server.core.clock import new_id
from server.core.db import writing
from server.core.problem_details import Problem
from server.models import Device, Restoration
from server.services.access import devices
from server.services.continuity import marks
from server.services.organisation import staff
from server.services.recovery import missing, restores
from server.services.units.scope import Scope
from support.clients.desk import MakeDesk
from support.clients.phone import Phone
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

MOMENT = 1_627_000_000_000  # 23/07/2021 07:26 in Việt Nam
LINE = "Dữ liệu được khôi phục đến 23/07/2021 07:26."


@pytest.fixture
def told(world: World) -> None:
    """What `loa restore` leaves behind."""
    with world.app.app_context(), writing() as session:
        restores.tell(session, MOMENT, MOMENT - 60_000)


def known(world: World, record: str, number: str, *writes: str, unit: str = "12286") -> None:
    """A phone of that commune names what it held."""
    with world.app.app_context(), writing() as session:
        officer = world.officers["xa1"] if unit == "12286" else world.officers["dinhcao"]
        device = devices.add_device(session, officer, "máy thử").device.id
        named = {"record": record, "unit": world.units[unit], "campaign": world.campaign, "number": number}
        missing.tell(session, Scope(session, officer), device, [named | {"writes": list(writes)}])


def test_where_nothing_was_restored_nothing_is_said(desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get("/desk/queue")
    assert "khôi phục" not in one.text.lower()
    one.get("/desk/restored")
    assert "Chưa lần nào phải khôi phục dữ liệu." in one.text


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.usefixtures("told")
def test_every_page_says_so_until_an_administrator_confirms(desk: MakeDesk) -> None:
    reviewer, administrator = desk("huyen"), desk("quantri")
    for path in ("/desk/queue", "/desk/figures", "/desk/people"):
        reviewer.get(path)
        assert LINE in reviewer.text, path
        assert "Lần ghi cuối cùng có trong đó: 23/07/2021 07:25." in reviewer.text
    reviewer.get("/desk/restored")
    assert not reviewer.has_form("/desk/restored")
    administrator.get("/desk/restored")
    administrator.post(administrator.form("/desk/restored"))
    administrator.follow()
    assert "Đã xác nhận việc khôi phục." in administrator.text
    reviewer.get("/desk/queue")
    assert LINE not in reviewer.text
    reviewer.get("/desk/restored")
    assert LINE in reviewer.text  # the history stays


def test_a_restore_that_the_backup_had_forgotten_is_told_too(world: World, desk: MakeDesk) -> None:
    """B-14: what is noted beside the database outlives it."""
    with world.app.app_context(), writing() as session:
        restores.tell(session, MOMENT, None)
    with world.app.app_context(), writing() as session:
        session.execute(delete(Restoration))  # the backup was made before
        restores.tell(session, MOMENT, None)
    one = desk("quantri")
    one.get("/desk/restored")
    assert one.text.count("Trước đó đã có một lần khôi phục") == 1
    one.post(one.form("/desk/restored"))
    one.get("/desk/restored")
    assert one.text.count("Đã xác nhận lúc") == 2


@pytest.mark.usefixtures("told")
def test_who_is_no_administrator_confirms_nothing(desk: MakeDesk) -> None:
    one, other = desk("huyen"), desk("quantri")
    other.get("/desk/restored")
    form = other.form("/desk/restored")
    one.get("/desk/restored")
    form.values["csrf_token"] = one.forms()[0].values["csrf_token"]
    assert one.post(form).status_code == 403
    one.get("/desk/queue")
    assert LINE in one.text
    for at in ("", "x", "1" * 17, "²"):
        other.get("/desk/restored")
        assert other.post(other.form("/desk/restored"), at=at).status_code == 400


@pytest.mark.usefixtures("told")
def test_an_administrator_of_a_commune_confirms_nothing(world: World, desk: MakeDesk) -> None:
    """A restore concerns the whole installation, so an administrator of the top unit says it is known."""
    with world.app.app_context(), writing() as session:
        staff.give_role(session, world.officers["xa1"], world.units["12289"], "admin")
        with pytest.raises(Problem, match="forbidden"):
            restores.confirm(session, Scope(session, world.officers["xa1"]), MOMENT)
    one = desk("xa1")
    one.get("/desk/restored")
    assert LINE in one.text
    assert not one.has_form("/desk/restored")


@pytest.mark.databases("both")
@pytest.mark.usefixtures("told")
def test_what_did_not_come_back_is_listed_for_who_is_above(
    world: World, desk: MakeDesk, phone: Callable[..., Phone]
) -> None:
    one = phone("xa1")
    held = one.create(quantity=1)
    one.sync()
    known(world, new_id(), "BR-17", new_id())
    known(world, held, "BR-1", held, new_id(), new_id())
    known(world, new_id(), "PT-9", unit="12397")
    for username, here, elsewhere in (("huyen", True, False), ("phucu", False, True), ("tinh", True, True)):
        sitting = desk(username)
        sitting.get("/desk/restored")
        assert ("BR-17 Cả bản ghi Cán bộ 1 xã Chính Nghĩa" in sitting.text) is here
        assert ("BR-1 Số lần sửa: 2" in sitting.text) is here
        assert (f"/desk/records/{held}" in sitting.html) is here
        assert ("PT-9" in sitting.text) is elsewhere
        assert f"Số bản ghi chưa trở lại đủ: {2 * here + elsewhere}" in sitting.text


@pytest.mark.usefixtures("told")
def test_the_page_of_a_record_says_that_changes_of_it_are_not_back(
    world: World, desk: MakeDesk, phone: Callable[..., Phone]
) -> None:
    """Its reviewer decides over what is there, and is told that phones have seen more."""
    one, district = phone("xa1"), desk("huyen")
    whole, held = one.create(quantity=1), one.create(quantity=2)
    one.sync()
    known(world, held, "BR-2", held, new_id(), new_id())
    known(world, whole, "BR-1", new_id(), unit="12397")
    district.get(f"/desk/records/{held}")
    assert "còn 2 lần sửa bản ghi này chưa máy nào gửi lại" in district.text
    district.get(f"/desk/records/{whole}")
    assert "chưa máy nào gửi lại" not in district.text, "another unit's phone says nothing of this record"


def test_nothing_is_said_to_be_back_before_a_phone_was_heard(world: World, desk: MakeDesk) -> None:
    """What phones hold is known of those alone that reached the hub since; decisions and seals are on none."""
    with world.app.app_context(), writing() as session:
        phones = [devices.add_device(session, world.officers[each], "máy thử").device for each in ("xa1", "xa2")]
        program = devices.add_device(session, world.officers["xa1"], "chương trình").device
        gone = devices.add_device(session, world.officers["xa2"], "máy cũ").device
        for device in phones:
            device.script = False
        program.script, gone.script, gone.revoked_at = True, False, MOMENT
        restores.tell(session, MOMENT, None)
        last = marks.latest(session)
        assert last is not None
        for device in (*phones, program, gone):
            device.seen_at = last - 1
        ids = [device.id for device in phones]
    one, other = desk("huyen"), desk("phucu")
    back = "Mọi bản ghi mà các máy đã liên hệ báo lên đều đã trở lại."
    one.get("/desk/restored")
    assert "Từ khi khôi phục, 0/2 điện thoại đang dùng đã liên hệ với máy chủ." in one.text
    assert back not in one.text
    assert "thực hiện sau thời điểm sao lưu không còn được lưu" in one.text
    with world.app.app_context(), writing() as session:
        session.get_one(Device, ids[0]).seen_at = last
    one.get("/desk/restored")
    assert "Từ khi khôi phục, 1/2 điện thoại" in one.text
    assert back in one.text
    other.get("/desk/restored")
    assert "điện thoại đang dùng" not in other.text, "there is none below"


def test_one_that_was_noticed_says_when(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        session.add(Restoration(at=MOMENT, noticed_by=new_id()))
    one = desk("huyen")
    one.get("/desk/queue")
    assert "dữ liệu cũ được đặt lại, nhận ra lúc 23/07/2021 07:26." in one.text


@pytest.mark.usefixtures("told")
def test_a_campaign_that_was_lost_is_named_by_its_id(world: World, desk: MakeDesk) -> None:
    """B-11: the id under which it is opened again."""
    lost = world.campaign = new_id()
    known(world, new_id(), "BR-17")
    one = desk("huyen")
    one.get("/desk/restored")
    assert f"Đợt hoạt động {lost} không còn trên máy chủ" in one.text
