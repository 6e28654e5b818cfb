"""What is unusual is asked about once, what cannot be read says what to type (SPEC V-3, D-8)."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from server.core.db import reading
from server.models import Record
from support.world.world import World

pytestmark = pytest.mark.sqlite_first

MakeDesk = Callable[..., Any]
NEW = "/desk/records/new?kind=banner"


def asked(desk: Any) -> dict[str, str]:
    """What the form wants agreed to, by the name of its box."""
    boxes = re.findall(r'<input type="checkbox" name="(sure\.[^"]+)" value="([^"]+)">', desk.html)
    return {name: unescape(sentence) for name, sentence in boxes}


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("f.quantity", "9.999", "9.999 chiếc, thường từ 1 đến 50: đúng"),
        ("f.length_cm", "1.200,5", "1.200,5 mét, thường từ 0,5 đến 500: đúng"),
        ("f.put_up_on", "20/7/1990", "20/07/1990, ngoài thời gian của đợt (01/07/2021 – 31/07/2021): đúng"),
        ("f.put_up_on", "20/7/2099", "20/07/2099, ngoài thời gian của đợt (01/07/2021 – 31/07/2021): đúng"),
    ],
)
def test_what_is_unusual_is_asked_about_once(desk: MakeDesk, field: str, typed: str, sentence: str) -> None:
    one = desk("xa1")
    one.get(NEW)
    values = {"f.slogan": "s1", "f.quantity": "2", "f.put_up_on": "20/7/2021"} | {field: typed}
    assert one.post(one.form("/desk/records/new"), **values, submit="anyway").status_code == 422
    assert sentence in asked(one).values()
    assert f'value="{typed}"' in one.html, "what was typed stays"
    answer = one.post(one.form("/desk/records/new"), **values, **asked(one), submit="anyway")
    assert answer.status_code == 303
    one.follow()


def test_another_value_is_asked_about_again(desk: MakeDesk) -> None:
    one = desk("xa1")
    one.get(NEW)
    values = {"f.slogan": "s1", "f.put_up_on": "20/7/2021"}
    one.post(one.form("/desk/records/new"), **values, **{"f.quantity": "60"}, submit="anyway")
    agreed = asked(one)
    again = one.post(one.form("/desk/records/new"), **values, **agreed, **{"f.quantity": "6000"}, submit="anyway")
    assert again.status_code == 422
    assert "6.000 chiếc" in next(iter(asked(one).values()))


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
