"""Figures per unit: counted big, waiting and returned beside, and every number opens to exactly its records."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from itertools import chain
from typing import Any

from support.phone import Phone
from support.world import World
from sync.registry import KINDS

MakeDesk = Callable[..., Any]
MakePhone = Callable[..., Phone]


def cells(desk: Any) -> list[list[str]]:
    """The rows of the first table of figures, that of banners, as texts."""
    body = re.search(r'<table class="figures">.*?<tbody>(.*?)</tbody>', desk.html, re.DOTALL)
    assert body is not None
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", body[1], re.DOTALL)
    return [
        [
            " ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split())
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        for row in rows
    ]


def fill(desk: MakeDesk, phone: MakePhone) -> None:
    one, far = phone("xa1"), phone("dinhcao", "12397")
    made = [one.create(slogan="s1", quantity=1000), one.create(slogan="s1", quantity=234), one.create(quantity=7)]
    far.create(quantity=5)
    far.create("broadcast", schedule={"from": "2021-07-21", "to": "2021-07-30", "times_a_day": 2}, minutes=15,
               programme="own")  # fmt: skip
    one.sync(), far.sync()
    reviewer = desk("huyen")
    for record, verdict in zip(made, ("counted", "counted", "returned"), strict=True):
        reviewer.get(f"/desk/records/{record}")
        reviewer.post(reviewer.form("/decide"), verdict=verdict, reason="Ghi rõ nơi treo.")


def test_a_province_sees_its_districts_and_each_adds_up(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    one = desk("tinh")
    one.get("/desk/figures")
    rows = cells(one)
    assert [row[0] for row in rows] == ["Tổng cộng", "Cấp tỉnh thực hiện", "Huyện Kim Động", "Huyện Phù Cừ"]
    assert [row[1] for row in rows] == [
        "1.234 5 chờ duyệt 7 đề nghị bổ sung",
        "chưa báo cáo",
        "1.234 7 đề nghị bổ sung",
        "0 5 chờ duyệt",
    ]
    far = one.figures()["Huyện Phù Cừ"]
    assert [far["Lần phát"], far["Thời lượng phát"]] == ["0 20 chờ duyệt", "0 300 chờ duyệt"]
    assert "Số ngày nhân số lần phát mỗi ngày" in one.text
    one.get(f"/desk/figures?unit={world.units['331']}")
    assert "Số liệu huyện Kim Động" in one.text
    assert [row[:2] for row in cells(one)] == [
        ["Tổng cộng", "1.234 7 đề nghị bổ sung"],
        ["Cấp huyện thực hiện", "chưa báo cáo"],
        ["Xã Chính Nghĩa", "1.234 7 đề nghị bổ sung"],
        ["Xã Nhân La", "chưa báo cáo"],
    ]
    one.get(f"/desk/figures?unit={world.units['12286']}")
    assert [row[0] for row in cells(one)] == ["Tổng cộng"]


def test_every_number_opens_to_its_records(desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    one = desk("tinh")
    one.get("/desk/figures")
    links = re.findall(
        r'<a class="(?:counted|beside (?!late)\w+)" href="([^"]*)"[^>]*>(?:\s*<svg.*?</svg>)?\s*([\d.]+)',
        one.html,
        re.DOTALL,
    )
    assert len(links) > 15
    for link, number in links:
        one.get(unescape(link))
        shown = re.search(r"Các bản ghi tạo nên số liệu [^:]*: ([\d.]+)", one.text)
        assert shown is not None, link
        assert shown[1] == number, link
        assert ('class="record"' in one.html) == (number != "0"), link


def test_each_kind_has_a_table_and_each_figure_stands_in_one(desk: MakeDesk) -> None:
    one = desk("tinh")
    one.get("/desk/figures")
    tables = re.findall(r'<table class="figures">(.*?)</table>', one.html, re.DOTALL)
    heads = [re.findall(r'<th scope="col">([^<]*)<br>', table) for table in tables]
    assert sorted(chain(*heads)) == sorted(figure.label["vi"] for figure in KINDS.figures())
    assert heads[-1] == ["Lượt người tham dự", "Hoạt động có giới thiệu 111"]  # fed by several kinds
    assert len(heads) == len(KINDS.recorded()) + 1
    assert max(map(len, heads)) < 8
    for name in re.findall(r'<nav class="jump".*?</nav>', one.html, re.DOTALL)[0].split('href="#')[1:]:
        assert f'id="{name.partition(chr(34))[0]}"' in one.html


def test_an_amended_record_stands_with_its_counted_value(desk: MakeDesk, phone: MakePhone) -> None:
    """SPEC D-5."""
    officer, one = phone("xa1"), desk("huyen")
    record = officer.create(quantity=4)
    officer.sync()
    one.get(f"/desk/records/{record}")
    one.post(one.form("/decide"), verdict="counted")
    officer.edit(record, quantity=40)
    officer.sync()
    one.get("/desk/figures")
    assert cells(one)[0][1] == "4"
    one.get("/desk/queue?figure=banners&bucket=counted")
    assert "Đã sửa sau duyệt" in one.text


def test_what_two_people_wrote_differently_is_in_no_number(desk: MakeDesk, phone: MakePhone) -> None:
    officer, other, one = phone("xa1"), phone("xa2"), desk("huyen")
    record = officer.create(quantity=4)
    officer.sync(), other.sync()
    officer.edit(record, quantity=5)
    other.edit(record, quantity=6)
    officer.sync(), other.sync()
    one.get("/desk/figures")
    assert cells(one)[0][1] == "0"
    assert "mục còn khác nhau chưa nằm trong số nào" in one.text


def test_one_is_no_plural_in_english(desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("huyen")
    record = officer.create(quantity=1)
    officer.sync()
    one.get("/desk/queue")
    one.post(one.form("/desk/language"), language="en")
    one.get(f"/desk/records/{record}")
    assert "Quantity 1 piece " in one.text
    one.get("/desk/queue?figure=hotline_mentions&bucket=waiting")
    assert "Activities that advertise 111”, waiting: 0 activities" in one.text


def test_a_practice_campaign_never_counts_into_another(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("huyen")
    officer.campaign = world.practice
    record = officer.create(quantity=4)
    officer.sync()
    one.get(f"/desk/records/{record}")
    one.post(one.form("/decide"), verdict="counted")
    one.get("/desk/figures")
    assert cells(one)[0][1] == "–"
    one.get(f"/desk/figures?campaign={world.practice}")
    assert cells(one)[0][1] == "4"
