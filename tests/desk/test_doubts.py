"""What is unusual is asked about once, what cannot be read says what to type (SPEC V-3, D-8)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from server.core.db import reading
from server.models import Record
from server.services.records.stored import as_write, writes_of
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.jobs import inline
from support.world.world import World
from sync.record import State, agreed

pytestmark = pytest.mark.databases("sqlite")

NEW = "/desk/records/new?kind=banner"


VALUES = {"f.slogan": "s1", "f.quantity": "2", "f.put_up_on": "20/7/2021"}


def sent(desk: Any, button: str = "submit", **values: str) -> int:
    """Send the form with a button; what the page asks about goes along as it does from a browser."""
    form = next(each for each in desk.forms() if re.search(r"/records/(new|[\w-]{16}/edit)$", each.action))
    return int(desk.post(form, **values, **{button: "anyway"}).status_code)


def stored(world: World) -> dict[str, Any]:
    """The values of the only record."""
    with world.app.app_context(), reading() as session:
        record = session.scalars(select(Record)).one()
        return agreed(State.of(as_write(row) for row in writes_of(session, [record.id])[record.id]).all_sides)


@pytest.mark.parametrize(
    ("field", "typed", "sentence", "keep"),
    [
        ("f.quantity", "9.999", "Số lượng: 9.999, ngoài khoảng thường gặp từ 1 đến 50.", "Giữ số này"),
        ("f.length_cm", "1.200,5", "Tổng chiều dài: 1.200,5, ngoài khoảng thường gặp từ 0,5 đến 500.", "Giữ số này"),
        ("f.put_up_on", "20/7/1990", "Ngày treo: 20/07/1990, ngoài thời gian của đợt", "Giữ như đã ghi"),
        ("f.put_up_on", "20/7/2099", "Ngày treo: 20/07/2099, chưa đến (tính đến", "Giữ như đã ghi"),
    ],
)
def test_what_is_unusual_is_asked_about_once(
    world: World, desk: MakeDesk, field: str, typed: str, sentence: str, keep: str
) -> None:
    one = desk("xa1")
    one.get(NEW)
    assert sent(one, **(VALUES | {field: typed})) == 422
    assert sentence in one.text
    assert keep in one.text
    assert re.findall(r"<(\w+)[^>]* autofocus", one.html) == ["button"], "what is asked is in sight"
    assert f'value="{typed}"' in one.html, "what was typed stays"
    assert sent(one, "mend", **(VALUES | {field: typed})) == 422, "it was not mended"
    assert re.findall(r'<input autofocus name="([^"]*)"', one.html) == [field]
    assert sent(one, "keep", **(VALUES | {field: typed})) == 303
    kept = [set(value) for name, value in stored(world).items() if name.startswith("kept/")]
    assert kept
    assert all(each == {field.removeprefix("f.")} for each in kept)


def test_the_form_asks_what_the_phone_asks_and_the_answer_stands_beside_the_hint(world: World, desk: MakeDesk) -> None:
    """F-28, F-37: never blocking; F-29: it silences nothing."""
    one = desk("xa1")
    one.get("/desk/records/new?kind=leaflet")
    values = {"f.form": "leaflet", "f.received": "1.000", "f.distributed": "1.200", "f.distributed_on": "20/7/2021"}
    assert sent(one, **values) == 422
    assert "Số phát (1.200) lớn hơn số nhận (1.000). Đề nghị kiểm tra." in one.text
    assert sent(one, "keep", **values) == 303
    kept = stored(world)["kept/distributed_received"]
    assert kept == {"distributed": 1200, "received": 1000}
    assert inline.done(world, "hints.refresh").state == "done"
    one.get(str(one.location))
    assert "Số phát (1.200) lớn hơn số nhận (1.000)." in one.text
    assert "Cán bộ đã xác nhận giữ số này (1.200 / 1.000" in one.text


def test_a_form_is_compared_with_the_units_other_records(desk: MakeDesk, phone: MakePhone) -> None:
    """F-27: another officer's banner of the same slogan, village and day is named."""
    officer = phone("xa1")
    officer.create(slogan="s1", hamlet="Thôn Đông", put_up_on="2021-07-20", quantity=2)
    officer.sync()
    other = desk("xa2")
    other.get(NEW)
    assert sent(other, **(VALUES | {"f.hamlet": "Thôn Đông"})) == 422
    assert "Chính Nghĩa BR-1" in other.text
    assert sent(other, "keep", **(VALUES | {"f.hamlet": "Thôn Đông"})) == 303


def test_another_value_is_asked_about_again(desk: MakeDesk) -> None:
    one = desk("xa1")
    one.get(NEW)
    assert sent(one, **(VALUES | {"f.quantity": "60"})) == 422
    assert sent(one, "keep", **(VALUES | {"f.quantity": "6000"})) == 422
    assert "Số lượng: 6.000, ngoài khoảng" in one.text
    assert sent(one, "mend", **VALUES) == 303


def test_a_correction_asks_only_about_what_it_changes(desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    record = officer.create(slogan="s1", quantity=60, put_up_on="1990-07-20")
    officer.sync()
    one = desk("xa1")
    one.get(f"/desk/records/{record}/edit")
    assert sent(one, **{"f.note": "ghi chú"}) == 303
    one.get(f"/desk/records/{record}/edit")
    assert sent(one, **{"f.quantity": "70"}) == 422
    assert "1990" not in one.html.partition('role="alert"')[2].partition("</div>")[0]


@pytest.mark.parametrize("kept", ["[1]", '{"kept/number_range": 1}', "{"])
def test_a_form_that_the_desk_did_not_make_is_refused(desk: MakeDesk, kept: str) -> None:
    one = desk("xa1")
    one.get(NEW)
    assert sent(one, "keep", **VALUES, asked=kept) == 400


@pytest.mark.parametrize("day", ["31/2/2026", "hôm qua"])
def test_a_day_that_is_none_says_what_to_type(desk: MakeDesk, day: str) -> None:
    one = desk("xa1")
    one.get(NEW)
    one.post(one.form("/desk/records/new"), **{"f.slogan": "s1", "f.quantity": "2", "f.put_up_on": day})
    assert "Ngày treo chưa đúng. Đề nghị ghi ngày/tháng/năm, ví dụ 20/7/2021." in one.text
    assert f'value="{day}"' in one.html


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("f.quantity", "12,5", "Số lượng: “12,5” có phần thập phân. Đề nghị ghi số nguyên."),
        ("f.quantity", "-3", "Số lượng: “-3” nhỏ hơn 0. Đề nghị ghi lại."),
        ("f.quantity", "1,200", "Số lượng: “1,200” có thể là 1.200 hoặc 1,2. Đề nghị ghi lại."),
        ("f.length_cm", "abc", "Tổng chiều dài: Chưa hiểu số “abc”. Đề nghị ghi bằng chữ số, ví dụ 12,5."),
        ("f.length_cm", "0,125", "Tổng chiều dài: “0,125”: đề nghị ghi nhiều nhất 2 chữ số sau dấu phẩy."),
    ],
)
def test_what_is_no_number_stays_and_is_explained(
    world: World, desk: MakeDesk, field: str, typed: str, says: str
) -> None:
    """F-18: and nothing is stored."""
    one = desk("xa1")
    one.get(NEW)
    assert world.campaign in one.html
    answer = one.post(one.form("/desk/records/new"), **({"f.slogan": "s1", "f.quantity": "2"} | {field: typed}))
    assert answer.status_code == 422
    assert says in one.text
    assert f'value="{typed}"' in one.html
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(Record)).all() == []
