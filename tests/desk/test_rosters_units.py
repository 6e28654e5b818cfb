"""Units from Excel: each bad cell is named, circles too; names are shortened as the province's lists do."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from server.core.db import db, reading
from server.data import units
from server.data.units import BUILT_IN
from server.models import Roster, Stream, Unit
from server.services.administration.roster_sheet import short
from support.checks.counting import counted
from support.clients.desk import MakeDesk
from support.world.changes import merge
from support.world.rosters import UNITS, book, faults, send
from support.world.world import World
from sync.errors import CODES

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.slow
def test_each_bad_cell_of_a_unit_is_named(desk: MakeDesk) -> None:
    one = desk("quantri")
    said = faults(
        one,
        "units",
        ["12300", "Xã Mới", "", "Xã", "12300"],
        ["12301", "Xã A", "A", "Xã", "12302"],
        ["12302", "Xã B", "B", "Xã", "12301"],
        ["12286", "Xã C", "C", "Xã", "331"],
        ["12303", "Huyện D", "D", "Huyện", "331"],
        ["12303", "Xã E", "E", "Xã", "331"],
        ["12305", "Xã F", "F", "Bản", "77777"],
        ["12306", "xa nhan la", "", "Xã", "331"],
        ["mã lạ", "Xã G", "", "Xã", "331"],
    )
    assert said == [
        "Dòng 2, cột E: đơn vị “12300” không thể là cấp trên của chính nó.",
        "Dòng 3, cột D: cấp “Xã” không thể trực thuộc đơn vị “12302”.",
        "Dòng 3, cột E: “12302”: các đơn vị là cấp trên của nhau thành vòng.",
        "Dòng 4, cột D: cấp “Xã” không thể trực thuộc đơn vị “12301”.",
        "Dòng 4, cột E: “12301”: các đơn vị là cấp trên của nhau thành vòng.",
        "Dòng 5, cột A: mã “12286” đang dùng cho Xã Chính Nghĩa.",
        "Dòng 6, cột D: cấp “Huyện” không thể trực thuộc đơn vị “331”.",
        "Dòng 7, cột A: “12303” đã có ở dòng 6.",
        "Dòng 8, cột D: cấp “Bản” không rõ. Đề nghị ghi Tỉnh, Huyện hoặc Xã.",
        "Dòng 9, cột B: đã có đơn vị “xa nhan la” cùng cấp trên.",
        "Dòng 10, cột A: mã “mã lạ” chỉ gồm chữ cái không dấu, chữ số, dấu chấm và gạch nối, nhiều nhất 16 ký tự.",
    ]


@pytest.mark.slow
def test_units_may_stand_before_the_one_above(world: World, desk: MakeDesk) -> None:
    one = desk("quantri")
    assert (
        faults(one, "units", ["12501", "Xã Toàn Thắng", "", "Xã", "335"], ["335", "Huyện Mới", "", "Huyện", 33]) == []
    )
    one.post(one.form("/take"), yes="1")
    one.follow()
    assert "Đã thêm 2 đơn vị" in one.text
    with world.app.app_context(), reading() as session:
        unit = session.scalars(select(Unit).where(Unit.code == "12501")).one()
        above = session.get_one(Unit, unit.parent_id)
        assert (unit.short_name, above.code, above.parent_id) == ("Toàn Thắng", "335", world.units["33"])


@pytest.mark.parametrize("starts_on", ["", "hôm nay", "31/12/1999"])
def test_units_begin_on_a_day_from_2000_on(world: World, desk: MakeDesk, starts_on: str) -> None:
    one = desk("quantri")
    send(one, "units", book(UNITS, ["12501", "Xã Toàn Thắng", "", "Xã", "331"]), starts_on=starts_on)
    assert one.status == CODES["roster_day"].status
    assert CODES["roster_day"].vi in one.text
    with world.app.app_context(), reading() as session:
        assert session.scalar(select(Roster.id)) is None


@pytest.mark.slow
def test_the_work_of_a_list_of_units_does_not_grow_with_its_length(world: World, desk: MakeDesk) -> None:
    """Each unit joins what runs above it; asked one by one, 10,600 units took the square of that."""
    one, sizes = desk("quantri"), []
    for first, many in ((20000, 10), (30000, 60)):
        rows = [[str(first + n), f"Xã số {first + n}", "", "Xã", "331"] for n in range(many)]
        assert faults(one, "units", *rows) == []
        take = one.form("/take")
        with world.app.app_context(), counted(db.engine) as counts:
            assert one.post(take, yes="1").status_code == 303
        sizes.append(counts.statements)
        with world.app.app_context(), reading() as session:
            theirs = select(func.count()).select_from(Stream).join(Unit, Unit.id == Stream.unit_id)
            assert session.scalar(theirs.where(Unit.code.startswith(str(first)[:2]))) == 2 * many
    assert sizes[1] <= sizes[0] + 2, sizes


@pytest.mark.parametrize(
    ("name", "short_name"),
    [
        ("Phường 1", "Phường 1"),
        ("Quận 10", "Quận 10"),
        ("Phường 3/2", "Phường 3/2"),
        ("Phường II", "Phường II"),
        ("Thị trấn Ân Thi", "Ân Thi"),
        ("Xã Trần Hưng Đạo", "Trần Hưng Đạo"),
        ("Phường An Tảo", "An Tảo"),
        ("Xã Phú Sơn 2", "Phú Sơn 2"),
    ],
)
def test_a_number_alone_is_no_name(name: str, short_name: str) -> None:
    assert short(name) == short_name


def test_the_units_of_hung_yen_shorten_as_their_lists_say() -> None:
    for named in BUILT_IN:
        rows = units.read(named, date(2025, 7, 1)).rows
        assert {row.name: short(row.name) for row in rows} == {row.name: row.short_name for row in rows}


@pytest.mark.slow
def test_circles_of_three_and_units_that_were_merged(world: World, desk: MakeDesk) -> None:
    merge(world, "12289", into="12286")
    one = desk("quantri")
    said = faults(
        one,
        "units",
        ["A1", "Huyện A", "", "Huyện", "A2"],
        ["A2", "Huyện B", "", "Huyện", "A3"],
        ["A3", "Huyện C", "", "Huyện", "A1"],
        ["A4", "Xã D", "", "Xã", "12289"],
    )
    circles = [line for line in said if "thành vòng" in line]
    assert [line.split(":")[0] for line in circles] == ["Dòng 2, cột E", "Dòng 3, cột E", "Dòng 4, cột E"]
    assert any(line.startswith("Dòng 5, cột E: không có đơn vị mã “12289”, cả trong") for line in said), said


@pytest.mark.slow
@pytest.mark.costly
def test_a_code_that_began_and_ended_on_that_day_is_named(world: World, desk: MakeDesk) -> None:
    merge(world, "12289", into="12286")
    one = desk("quantri")
    one.get("/desk/people/new")
    sent = book(UNITS, ["12289", "Xã Nhân La Mới", "", "Xã", "331"])
    send(one, "units", sent, starts_on="2021-01-01")
    one.follow()
    assert "Dòng 2, cột A: mã “12289” đã có đơn vị bắt đầu đúng ngày đó rồi được sáp nhập." in one.text
    send(one, "units", sent, starts_on="2025-07-01")
    one.follow()
    assert one.post(one.form("/take"), yes="1").status_code == 303
