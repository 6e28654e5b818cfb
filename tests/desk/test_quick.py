"""The quick report: what the table's total says, as a text; and on which page the desk opens."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def quick(desk: Any, view: str = "") -> list[str]:
    """The lines of the text."""
    text = re.search(r"<textarea[^>]*>(.*?)</textarea>", desk.get(f"/desk/figures?quick=1{view}"), re.DOTALL)
    assert text is not None
    return unescape(text[1]).splitlines()


def fill(desk: MakeDesk, phone: MakePhone) -> None:
    officer, reviewer = phone("xa1"), desk("huyen")
    counted = officer.create(quantity=1234, metres=95)
    officer.create(quantity=7)
    officer.create("panel", form="panel", quantity=3)
    officer.create("plan", **{"nil/leaflets": True})
    officer.sync()
    reviewer.get(f"/desk/records/{counted}")
    reviewer.post(reviewer.form("/decide"), verdict="counted")


def test_it_says_what_the_commune_has(desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    lines = quick(desk("xa1"))
    assert re.fullmatch(r"BÁO CÁO NHANH lúc \d\d:\d\d ngày \d\d/\d\d/\d{4}", lines[0])
    assert lines[1:3] == ["Xã Chính Nghĩa", "Ngày toàn dân phòng, chống mua bán người 2021"]
    assert "- Băng rôn: 1.234 chiếc; chờ duyệt 7" in lines
    assert "- Chiều dài băng rôn: 95 mét" in lines
    assert "- Pa nô: 0 chiếc; chờ duyệt 3" in lines
    assert "Không phát sinh: Tờ rơi." in lines
    (silent,) = [line for line in lines if line.startswith("Chưa báo cáo: ")]
    assert "Lượt phát; Thời lượng phát" in silent
    assert lines[-3:] == [
        "Đã có số liệu.",
        "Chưa gửi số liệu.",
        "Số liệu đã duyệt; phần chờ duyệt ghi riêng, chưa cộng vào.",
    ]


def test_above_it_counts_units_and_names_none(desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    for who, name, told in (("huyen", "Huyện Kim Động", "1/2 xã"), ("tinh", "Tỉnh Hưng Yên", "1/3 xã")):
        lines = quick(desk(who), "&count=with_waiting&tab=banner")
        assert lines[1] == name
        assert "- Băng rôn: 1.241 chiếc (có phần chờ duyệt)" in lines
        assert lines[-3].startswith(f"{told} đã có số liệu")
        assert lines[-1] == "Số liệu kể cả phần chờ duyệt."
        assert "Nhân La" not in "\n".join(lines)


def test_what_one_unit_has_nothing_of_is_not_said_of_all(desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    one = desk("huyen")
    lines = quick(one)
    assert "- Tờ rơi: không phát sinh: 1/2 xã báo, chưa đơn vị nào có số liệu" in lines
    assert not any(line.startswith("Không phát sinh") for line in lines)
    one.post(one.form("/desk/language"), language="en")
    assert "- Leaflets: nothing to report: 1/2 commune, none has figures" in quick(one)


def test_a_practice_campaign_says_so(world: World, desk: MakeDesk) -> None:
    assert "TẬP DƯỢT" in quick(desk("huyen"), f"&campaign={world.practice}")
