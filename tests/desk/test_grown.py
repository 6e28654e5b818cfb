"""A counted schedule that gains a day each evening: its line says what is new, and it is counted from the list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from server.core.clock import today
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone, Phone
from support.jobs.checks import checked
from support.world.approving import states
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

COUNT = "/queue/count"


def day(ahead: int) -> str:
    return (today() + timedelta(days=ahead)).isoformat()


def aired(**days: int | None) -> dict[str, Any]:
    """`b3=2`: twice three days ago; `a1`: tomorrow."""
    places = {name: int(name[1:]) * (-1 if name[0] == "b" else 1) for name in days}
    return {f"aired/{day(places[name]).replace('-', '')}": times for name, times in days.items()}


@pytest.fixture
def counted(desk: MakeDesk, phone: MakePhone) -> tuple[Phone, str, Any]:
    """A standing schedule of two airings a day, counted with two confirmed days."""
    officer, one = phone("xa1"), desk("huyen")
    schedule = {"from": day(-9), "to": day(5), "times_a_day": 2}
    record = officer.create(
        "broadcast", script="Bản tin sáng", schedule=schedule, minutes=15, standing=True, programme="own",
        **aired(b9=2, b8=2),
    )  # fmt: skip
    officer.sync()
    one.get(f"/desk/records/{record}")
    one.post(one.form("/decide"), verdict="counted")
    officer.sync()
    return officer, record, one


def airings(desk: Any) -> str:
    desk.get("/desk/figures")
    return str(desk.figures()["Xã Chính Nghĩa"]["Lượt phát"])


@pytest.mark.slow
def test_days_of_the_schedule_are_said_and_counted_in_one_go(world: World, counted: tuple[Phone, str, Any]) -> None:
    officer, record, one = counted
    officer.edit(record, **aired(b7=2, b6=0, b5=2))
    officer.sync()
    checked(world)
    one.get("/desk/queue?state=amended")
    assert "Mới từ lần duyệt trước: xác nhận thêm 3 ngày cộng Lượt phát" in one.text
    assert "cộng Lượt phát +4 lượt" in one.text
    assert airings(one) == "4"
    one.get("/desk/queue?state=amended")
    form = one.form(COUNT)
    officer.edit(record, **aired(b4=2))
    officer.sync()
    checked(world)
    one.post(form)
    one.follow()
    assert "Đã duyệt 1 bản ghi." in one.text
    assert "xác nhận thêm 1 ngày cộng Lượt phát" in one.text, "what came after the page was drawn was not decided on"
    assert "cộng Lượt phát +2 lượt" in one.text
    assert airings(one) == "8"
    one.get("/desk/queue")
    form = one.form(COUNT)
    for _ in range(2):
        assert one.post(form).status_code == 303
    one.follow()
    assert "Không còn bản ghi nào cần xử lý" in one.text
    assert airings(one) == "10"
    one.post(form, **{"basis." + "A" * 16: form.values[f"basis.{record}"]})
    one.follow()
    assert "Chưa duyệt được 1 bản ghi" in one.text, "one that is gone holds the others up no more than it is hidden"


@pytest.mark.parametrize("meanwhile", ["withdrawn", "returned"])
def test_what_somebody_else_decided_since_is_not_overridden(
    world: World, counted: tuple[Phone, str, Any], desk: MakeDesk, meanwhile: str
) -> None:
    officer, record, one = counted
    officer.edit(record, **aired(b7=2))
    officer.sync()
    checked(world)
    one.get("/desk/queue")
    form = one.form(COUNT)
    other = desk("tinh")
    other.get(f"/desk/records/{record}")
    if meanwhile == "withdrawn":
        other.post(other.form("/withdraw"))
    else:
        other.post(other.form("/decide"), verdict="returned", reason="Chưa đúng ngày.")
    one.post(form)
    one.follow()
    assert "Chưa duyệt được 1 bản ghi" in one.text
    assert states(world)[record] == {"withdrawn": "waiting"}.get(meanwhile, meanwhile)


@pytest.mark.parametrize(
    "more",
    [
        {**aired(b7=2), "minutes": 20},
        {**aired(b7=2), "schedule": {"from": day(-9), "to": day(30), "times_a_day": 2}},
        aired(b12=2),
        aired(b7=9),
        aired(b9=0),
        {"minutes": 20},
    ],
    ids=["another field", "the schedule", "outside it", "too often", "said otherwise", "no day"],
)
def test_anything_else_is_looked_at(world: World, counted: tuple[Phone, str, Any], more: dict[str, Any]) -> None:
    officer, record, one = counted
    officer.edit(record, **more)
    officer.sync()
    checked(world)
    one.get("/desk/queue")
    assert "Mới từ lần duyệt trước: " in one.text
    assert not one.has_form(COUNT)


def test_two_people_who_say_different_things_of_a_day_are_looked_at(
    world: World, counted: tuple[Phone, str, Any], phone: MakePhone
) -> None:
    officer, record, one = counted
    other = phone("xa2")
    other.sync()
    officer.edit(record, **aired(b7=2)), other.edit(record, **aired(b7=1))
    officer.sync(), other.sync()
    checked(world)
    one.get("/desk/queue")
    assert not one.has_form(COUNT)


@pytest.mark.slow
def test_nobody_counts_what_they_wrote_or_may_not_decide(
    world: World, counted: tuple[Phone, str, Any], desk: MakeDesk
) -> None:
    """D-6."""
    officer, record, one = counted
    officer.edit(record, **aired(b7=2))
    officer.sync()
    checked(world)
    one.get("/desk/queue")
    form = one.form(COUNT)
    own = desk("xa1")
    own.get("/desk/queue?state=all")
    assert "xác nhận thêm 1 ngày cộng Lượt phát" in own.text
    assert not own.has_form(COUNT)
    form.values["csrf_token"] = own.form("/desk/language").values["csrf_token"]
    assert own.post(form).status_code == 403
    one.get(f"/desk/records/{record}/edit")
    one.post(one.form("/edit"), **{"f.note": "Đã nghe"})
    one.get("/desk/queue?state=amended")
    assert "sửa Ghi chú" in one.text
    assert not one.has_form(COUNT)
