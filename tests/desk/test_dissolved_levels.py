"""Mergers over several levels: districts that end while their communes stand, and a unit merged into one that ends.

Who confirms what there, from which day one unit stands for another, and what the minutes of handover say of it.
"""

from __future__ import annotations

from datetime import date

import pytest
from desk.test_dissolved_units import giving, minutes

from server.core.clock import new_id
from server.core.db import reading, writing
from server.models import AskedDocument, Campaign, Job, Unit
from server.services.figures import loading
from server.services.figures.table import FigureTable
from server.services.organisation import unit_changes
from server.services.reports import tables
from server.services.units.scope import Scope
from server.services.units.tree import has_below
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.changes import come, merge, seal
from support.world.comparing import counted
from support.world.world import World

pytestmark = pytest.mark.databases("both")


def figures(world: World, unit: str, who: str = "tinh") -> FigureTable:
    with world.app.app_context(), reading() as session:
        campaign, scope = session.get_one(Campaign, world.campaign), Scope(session, world.officers[who])
        return loading.load(session, scope, campaign, world.units[unit], deep=False)


def test_whose_districts_ended_does_not_confirm_their_communes(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    counted(desk, phone, xa1=12)
    merge(world, "331", "333", into="33")
    table = figures(world, "33")
    assert not table.is_lowest, "communes stand below the districts that it took over"
    assert table.given is table.own
    assert int(table.total.cells["banners"].counted) == 12
    said = giving(desk("tinh"), world, "33")
    assert "do từng đơn vị xác nhận" in said
    assert "12 chiếc" not in said, "what the commune confirms itself"


def test_who_records_for_a_province_without_districts_does_not_lock_communes(world: World) -> None:
    come(world, "dinhcao", "33")
    merge(world, "331", "333", into="33")
    with world.app.app_context(), reading() as session:
        assert has_below(session, world.units["33"])
        assert not Scope(session, world.officers["dinhcao"]).may_lock(world.units["33"])
    merge(world, "12286", "12289", "12397", into="33")
    with world.app.app_context(), reading() as session:
        assert not has_below(session, world.units["33"])
        assert Scope(session, world.officers["dinhcao"]).may_lock(world.units["33"])


def test_a_district_sees_what_it_confirms_of_the_one_it_took_over(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    counted(desk, phone, xa1=12)
    come(world, "phucu", "331")
    come(world, "phucu", "333")
    for unit, quantity in (("331", 7), ("333", 2)):
        officer = phone("phucu", unit)
        officer.create(quantity=quantity)
        officer.sync()
    merge(world, "331", into="333")
    one = desk("phucu")
    said = giving(one, world, "333")
    assert "Số liệu của huyện Kim Động Chỉ tiêu Đã duyệt Chờ duyệt Băng rôn 0 chiếc 7 chiếc" in said
    assert "Băng rôn 0 chiếc 9 chiếc" in said, "the preview has what the sheet covers"
    assert "do huyện Phù Cừ và các đơn vị đã sáp nhập nêu trên trực tiếp thực hiện" in said
    assert "12 chiếc" not in said


def merged_on(world: World, old: str, into: str, day: date) -> None:
    with world.app.app_context(), writing() as session:
        rows = [session.get_one(Unit, world.units[old])]
        unit_changes.merge(session, rows, session.get_one(Unit, world.units[into]), day)


def test_one_unit_after_another_stands_for_it_each_from_its_day(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Merged into Nhân La on 20 July, which was merged into Đình Cao on 20 August: each day has its unit."""
    counted(desk, phone, xa1=12)
    officer = phone("xa1")
    officer.create(quantity=3)
    officer.sync()
    merged_on(world, "12286", "12289", date(2021, 7, 20))
    assert seal(world, "nhanla", "12289")
    merged_on(world, "12289", "12397", date(2021, 8, 20))
    one = desk("quantri")
    said = minutes(one, world)
    assert "từ ngày 20/7/2021 xã Chính Nghĩa kết thúc hoạt động" in said
    assert "chuyển cho xã Nhân La; từ ngày 20/8/2021 xã Đình Cao tiếp nhận" in said
    assert "Xã Nhân La đã xác nhận ngày" in said, "who stood for it then"
    assert "Xã Đình Cao đã xác nhận" not in said
    said = minutes(one, world, "12289")
    assert "từ ngày 20/8/2021 xã Nhân La kết thúc hoạt động và xã Đình Cao tiếp nhận" in said
    assert "phần của xã Chính Nghĩa" in said, "what it stood for goes on with it"
    assert "bổ sung của xã Chính Nghĩa trong" in said
    assert "BR-2" in said
    with world.app.app_context(), reading() as session:
        campaign, scope = session.get_one(Campaign, world.campaign), Scope(session, world.officers["quantri"])
        (note,) = tables.stood_for(loading.load(session, scope, campaign, world.units["33"]))
    assert "xã Chính Nghĩa (từ ngày 20/8/2021), xã Nhân La (từ ngày 20/8/2021)" in note
    assert "sáp nhập vào xã Đình Cao từ 20/08/2021" in giving(one, world, "12286")
    assert "20/07/2021" not in one.text
    place = f"campaign={world.campaign}&unit={world.units['12397']}&old={world.units['12286']}"
    one.get(f"/desk/report/documents?{place}")
    assert "Đã sáp nhập vào xã Đình Cao từ 20/08/2021" in one.text
    one.get("/desk/units/change?act=merge")
    assert one.text.count("đã sáp nhập vào xã Đình Cao từ 20/08/2021") == 2
    assert "đã sáp nhập vào xã Đình Cao từ 20/07/2021" not in one.text


def test_what_the_level_above_confirmed_on_its_behalf_was_not_its_own_word(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    counted(desk, phone, xa1=12)
    assert seal(world, "huyen", "12286")
    merge(world, "12286", into="12289")
    said = giving(desk("nhanla"), world, "12289")
    assert "Cấp trên đã xác nhận thay trước khi sáp nhập" in said
    assert "Đã tự xác nhận" not in said
    assert "Cấp trên đã xác nhận thay xã Chính Nghĩa ngày" in minutes(desk("huyen"), world)


def test_made_documents_are_found_behind_newer_ones_that_failed(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        for number in range(50):
            state = "done" if number < 25 else "failed"
            job = Job(id=new_id(), kind="documents.make", ids=[], state=state, asked_at=number, not_before=0)
            job.attempts, job.progress = 1, 100
            session.add(job)
            session.flush()
            row = AskedDocument(id=new_id(), campaign_id=world.campaign, unit_id=world.units["12286"], kind="word")
            row.choices, row.job_id, row.officer_id, row.asked_at = {}, job.id, world.officers["xa1"], number
            row.sha256, row.file_name = ("a" * 64, f"bao-cao-{number}.docx") if state == "done" else ("", "")
            session.add(row)
    merge(world, "12286", into="12289")
    one = desk("nhanla")
    place = f"campaign={world.campaign}&unit={world.units['12289']}&old={world.units['12286']}"
    one.get(f"/desk/report/documents?{place}")
    assert "không để lại" not in one.text
    assert "bao-cao-24.docx" in one.text
    assert "bao-cao-4.docx" not in one.text
    one.get(f"/desk/report/documents?{place}&page=2")
    assert [number for number in range(25) if f"bao-cao-{number}.docx" in one.text] == [0, 1, 2, 3, 4]
