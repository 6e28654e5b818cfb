"""What is unusual is asked about once, what cannot be read says what to type (SPEC V-3, D-8)."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

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
        ("f.quantity", "-5", "-5 chiếc: đúng (số âm được ghi lại nhưng không cộng vào số liệu)"),
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
    assert ("không cộng vào số liệu" in one.text) == (typed == "-5")


def test_another_value_is_asked_about_again(desk: MakeDesk) -> None:
    one = desk("xa1")
    one.get(NEW)
    values = {"f.slogan": "s1", "f.put_up_on": "20/7/2021"}
    one.post(one.form("/desk/records/new"), **values, **{"f.quantity": "60"}, submit="anyway")
    agreed = asked(one)
    again = one.post(one.form("/desk/records/new"), **values, **agreed, **{"f.quantity": "6000"}, submit="anyway")
    assert again.status_code == 422
    assert "6.000 chiếc" in next(iter(asked(one).values()))


@pytest.mark.parametrize("day", ["31/2/2026", "20/11", "hôm qua"])
def test_a_day_that_is_none_says_what_to_type(desk: MakeDesk, day: str) -> None:
    one = desk("xa1")
    one.get(NEW)
    one.post(one.form("/desk/records/new"), **{"f.slogan": "s1", "f.quantity": "2", "f.put_up_on": day})
    assert "Ngày treo chưa đúng. Đề nghị ghi ngày/tháng/năm, ví dụ 20/7/2021." in one.text
    assert f'value="{day}"' in one.html


def test_a_fraction_says_what_to_type(world: World, desk: MakeDesk) -> None:
    one = desk("xa1")
    one.get(NEW)
    assert world.campaign in one.html
    one.post(one.form("/desk/records/new"), **{"f.slogan": "s1", "f.quantity": "2", "f.metres": "12,5"})
    assert "Đề nghị ghi số nguyên, thường từ 1 đến 500; không ghi số lẻ hay chữ." in one.text
    assert "lớn" not in one.text.partition("Đề nghị ghi số nguyên")[2][:60]
