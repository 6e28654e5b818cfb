"""People from Excel: each bad cell is named, nothing is written before the yes, 171 accounts at once."""

from __future__ import annotations

import io
import re
from datetime import date

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from server.core.db import reading, writing
from server.models import AuditLine, Membership, Officer, Roster, Unit
from server.services.audit.acts import Act
from server.services.organisation.staff import NewOfficer, add_officer, give_role
from server.services.organisation.unit_changes import UnitRow, import_tree
from server.services.units.scope import ADMIN
from support.clients.desk import MakeDesk
from support.world.rosters import GOOD, PEOPLE, faults, send
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

USERNAME = "chỉ gồm chữ cái không dấu, chữ số, dấu chấm, gạch nối, gạch dưới, từ 2 đến 64 ký tự."
NO_TEXT = "là ngày hoặc giá trị đúng/sai, không phải chữ. Đề nghị định dạng ô là Văn bản rồi gõ lại."


def numbers(world: World) -> tuple[int, int, int]:
    with world.app.app_context(), reading() as session:
        found = (session.scalar(select(func.count()).select_from(each)) for each in (Officer, Unit, Membership))
        people, units, roles = (number or 0 for number in found)
    return people, units, roles


@pytest.mark.slow
@pytest.mark.costly
def test_171_accounts_in_one_file_after_one_yes(world: World, desk: MakeDesk) -> None:
    one, before = desk("quantri"), numbers(world)
    codes = ["12286", "12289", "12397"]
    rows = [
        [f"Cán bộ số {number:03}", f"moi.{number:03}", codes[number % 3], "Cán bộ nhập liệu", 912000000 + number]
        for number in range(170)
    ]
    rows.append(["Quản trị huyện", "qt.kimdong", 331, "Quản trị", None])
    assert faults(one, "people", *rows) == []
    assert "171 tài khoản sẽ được tạo" in one.text
    assert numbers(world) == before
    take = one.form("/take")
    one.post(take)
    assert numbers(world) == before  # without the yes nothing is written
    assert one.post(take, yes="1").status_code == 303
    one.follow()
    assert "Đã tạo 171 tài khoản" in one.text
    assert numbers(world) == (before[0] + 171, before[1], before[2] + 171)
    one.post(take, yes="1")  # a second press
    assert numbers(world)[0] == before[0] + 171
    with world.app.app_context(), reading() as session:
        first = session.scalars(select(Officer).where(Officer.username == "moi.000")).one()
        assert (first.name, first.phone) == ("Cán bộ số 000", "0912000000")
        assert session.scalars(select(Roster)).one().rows == []
        added = select(func.count()).select_from(AuditLine).where(AuditLine.act == Act.ACCOUNT_ADDED)
        assert (session.scalar(added) or 0) >= 171
    one.get(f"/desk/people/new?roster={take.action.split('/')[-2]}")
    batches = [form for form in one.forms() if form.action.endswith("/cards")]
    assert [len(form.values["officer"]) for form in batches] == [100, 71]
    one.post(batches[1])
    one.follow()
    assert len(re.findall(r"\d{4} \d{4} \d{4} \d{4}", one.text)) >= 71


@pytest.mark.slow
def test_each_bad_cell_of_a_person_is_named(desk: MakeDesk) -> None:
    one = desk("quantri")
    said = faults(
        one,
        "people",
        GOOD,
        ["", "b", "99999", "Thủ trưởng", "gọi sau"],
        ["Cán bộ loa đài", "hoa.chinhnghia", "12286", "người duyệt", ""],
        ["Trần Văn Ba", "XA1", '=A1&"x"', "Cán bộ nhập liệu", "=1+1"],
        ["Trần Văn Ba", "có dấu", "12286", "#N/A", True],
    )
    assert said == [
        "Dòng 3, cột A: chưa điền.",
        f"Dòng 3, cột B: tên đăng nhập “b” {USERNAME}",
        "Dòng 3, cột C: không có đơn vị mã “99999”.",
        "Dòng 3, cột D: vai trò “Thủ trưởng” không rõ. Đề nghị chọn trong danh sách của tệp mẫu.",
        "Dòng 3, cột E: “gọi sau” không phải số điện thoại.",
        "Dòng 4, cột B: “hoa.chinhnghia” đã có ở dòng 2.",
        "Dòng 5, cột B: tên đăng nhập “xa1” đã có người dùng.",
        "Dòng 5, cột C: ô này là công thức. Đề nghị chép rồi dán giá trị.",
        "Dòng 5, cột E: ô này là công thức. Đề nghị chép rồi dán giá trị.",
        f"Dòng 6, cột B: tên đăng nhập “có dấu” {USERNAME}",
        "Dòng 6, cột D: ô này báo lỗi #N/A.",
        f"Dòng 6, cột E: “True” {NO_TEXT}",
    ]
    assert not one.has_form("/take")


@pytest.mark.slow
def test_cells_that_are_merged_are_named(desk: MakeDesk) -> None:
    one, made = desk("quantri"), Workbook()
    sheet = made.active
    assert sheet is not None
    for row in (["DANH SÁCH CÁN BỘ"], PEOPLE, GOOD, [GOOD[0], "khac.ten", "", *GOOD[3:]]):
        sheet.append(row)
    sheet.merge_cells("A1:E1")  # a title across is none
    sheet.merge_cells("C3:C4")
    out = io.BytesIO()
    made.save(out)
    assert send(one, "people", out.getvalue()).status_code == 303
    one.follow()
    assert "Dòng 4, cột C: ô này gộp với ô khác" in one.text
    assert not one.has_form("/take")


@pytest.mark.slow
def test_people_who_are_there_already_are_named_in_the_second_upload(desk: MakeDesk) -> None:
    one = desk("quantri")
    rows = [["Cán bộ", f"hai.lan.{number}", "12286", "Cán bộ nhập liệu", ""] for number in range(3)]
    assert faults(one, "people", *rows) == []
    one.post(one.form("/take"), yes="1")
    said = faults(one, "people", *rows, ["Cán bộ", "HAI.LAN.0", "12286", "Cán bộ nhập liệu", ""])
    assert said[:3] == [f"Dòng {n + 2}, cột B: tên đăng nhập “hai.lan.{n}” đã có người dùng." for n in range(3)]
    assert said[3].startswith("Dòng 5, cột B: ")


@pytest.mark.slow
@pytest.mark.costly
def test_a_code_of_two_trees_is_that_of_the_officer_s_own(world: World, desk: MakeDesk) -> None:
    """Codes were given again in 2025: the tree of another province has the same ones, and a later day."""
    with world.app.app_context(), writing() as session:
        rows = [UnitRow("99", "Tỉnh Khác", "Khác", "province"), UnitRow("12286", "Xã Khác", "Khác", "commune", "99")]
        import_tree(session, rows, date(2025, 7, 1))
    one = desk("quantri")
    assert faults(one, "people", GOOD) == []
    one.post(one.form("/take"), yes="1")
    with world.app.app_context(), reading() as session:
        held = select(Membership.unit_id).join(Officer, Officer.id == Membership.officer_id)
        assert session.scalars(held.where(Officer.username == GOOD[1])).all() == [world.units["12286"]]
    assert faults(one, "people", ["Cán bộ", "nguoi.khac", "99", "Cán bộ nhập liệu", ""]) == [
        "Dòng 2, cột C: đơn vị “99” ngoài phạm vi đồng chí quản trị."
    ]


@pytest.mark.slow
def test_what_changed_after_the_dry_run_is_noticed(world: World, desk: MakeDesk) -> None:
    one = desk("quantri")
    assert faults(one, "people", GOOD, [*GOOD[:1], "khac.ten", *GOOD[2:]]) == []
    take = one.form("/take")
    with world.app.app_context(), writing() as session:
        add_officer(session, NewOfficer("khac.ten", "Người khác"))
    before = numbers(world)
    assert one.post(take, yes="1").status_code == 409
    assert "Chưa ghi gì" in one.text
    assert numbers(world) == before


@pytest.mark.slow
def test_a_districts_administrator_fills_in_its_own_subtree_only(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        give_role(session, world.officers["nhanla"], world.units["331"], ADMIN)
    one = desk("nhanla")
    assert faults(one, "people", GOOD, [GOOD[0], "khac", "12397", *GOOD[3:]], [GOOD[0], "nua", "33", *GOOD[3:]]) == [
        "Dòng 3, cột C: đơn vị “12397” ngoài phạm vi đồng chí quản trị.",
        "Dòng 4, cột C: đơn vị “33” ngoài phạm vi đồng chí quản trị.",
    ]
    roster = one.location
    assert desk("quantri").http.get(roster).status_code == 404  # somebody else's
    reviewer = desk("huyen")  # manages phones, makes no accounts
    assert reviewer.http.get("/desk/people/new").status_code == 403
    assert reviewer.http.get("/desk/people/import/template/people").status_code == 403
