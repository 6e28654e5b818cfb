"""Figures per unit: counted big, waiting and returned beside, and every number opens to exactly its records."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import event

from server.core.clock import today
from server.core.db import db, writing
from server.models import Campaign
from server.models.installation import lock_catalog
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.quick import on_both
from support.world.changes import add_communes, merge
from support.world.world import World
from sync.figures import every_figure

pytestmark = pytest.mark.databases("sqlite")


EVERY = "/desk/figures?tab=all"
VIEWS = ("", "&reach=every", "&count=with_waiting", "&reach=every&count=with_waiting")


def banners(desk: Any, path: str = "/desk/figures") -> dict[str, str]:
    """The cells of banners by unit."""
    desk.get(path)
    return {unit: row["Băng rôn"] for unit, row in desk.figures().items()}


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


@pytest.mark.slow
@pytest.mark.databases("both")
def test_a_province_sees_its_districts_and_each_adds_up(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    one = desk("tinh")
    assert banners(one) == {
        "Tổng cộng": "1.234 +5 chờ duyệt",
        "Cấp tỉnh thực hiện": "–",
        "Huyện Kim Động": "1.234",
        "Huyện Phù Cừ": "0 +5 chờ duyệt",
    }
    far = one.figures()["Huyện Phù Cừ"]
    assert [far["Lượt phát"], far["Thời lượng phát"]] == ["0 +20 chờ duyệt", "0 +300 chờ duyệt"]
    assert "Cộng số lượt phát đã xác nhận của từng ngày" in one.text
    assert banners(one, f"/desk/figures?unit={world.units['331']}") == {
        "Tổng cộng": "1.234",
        "Cấp huyện thực hiện": "–",
        "Xã Chính Nghĩa": "1.234",
        "Xã Nhân La": "–",
    }
    assert "Số liệu huyện Kim Động" in one.text
    assert list(banners(one, f"/desk/figures?unit={world.units['12286']}")) == ["Tổng cộng"]


@pytest.mark.slow
def test_down_to_each_commune(desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    one = desk("tinh")
    one.get("/desk/figures?reach=every")
    rows = re.findall(r'<tr class="([\w ]*)">\s*<th scope="row">(?:<a[^>]*>)?([^<]*)', one.html)
    assert rows == [
        ("total", "Tổng cộng"),
        ("own silent", "Cấp tỉnh thực hiện"),
        ("part", "Huyện Kim Động"),
        ("own inner silent", "Cấp huyện thực hiện"),
        ("unit inner", "Xã Chính Nghĩa"),
        ("unit inner silent", "Xã Nhân La"),
        ("part", "Huyện Phù Cừ"),
        ("own inner silent", "Cấp huyện thực hiện"),
        ("unit inner", "Xã Đình Cao"),
    ]
    assert one.figures()["Xã Chính Nghĩa"]["Băng rôn"] == "1.234"


@pytest.mark.databases("both")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("database_url", "view"),
    on_both(VIEWS),
    indirect=["database_url"],
)
@pytest.mark.costly
def test_every_number_opens_to_its_records(desk: MakeDesk, phone: MakePhone, view: str) -> None:
    fill(desk, phone)
    one = desk("tinh")
    one.get(f"{EVERY}{view}")
    links = re.findall(r'<a class="(?:counted|beside (?!late)\w+)" href="([^"]*)"[^>]*>\+?([\d.]+)', one.html)
    assert len(links) > 6
    for link, number in links:
        one.get(unescape(link))
        shown = re.search(r"Các bản ghi tạo nên số liệu [^:]*: ([\d.]+)", one.text)
        assert shown is not None, link
        assert shown[1] == number, link
        assert ('class="record"' in one.html) == (number != "0"), link


@pytest.mark.slow
def test_what_was_returned_is_in_the_opened_cell(desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    one = desk("huyen")
    one.get("/desk/figures")
    opened = re.search(r'href="([^"]*figure=banners&amp;bucket=counted)"', one.html)
    assert opened is not None
    one.get(unescape(opened[1]))
    assert "đã duyệt 1.234 đề nghị bổ sung 7" in one.text
    returned = re.search(r'href="([^"]*bucket=returned[^"]*)"', one.html)
    assert returned is not None
    one.get(unescape(returned[1]))
    assert "đề nghị bổ sung: 7 chiếc" in one.text
    assert one.html.count('class="record"') == 1


def test_counted_and_waiting_as_one_number_is_marked(desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    assert banners(desk("tinh"), "/desk/figures?count=with_waiting") == {
        "Tổng cộng": "1.239*",
        "Cấp tỉnh thực hiện": "–",
        "Huyện Kim Động": "1.234",
        "Huyện Phù Cừ": "5*",
    }


def test_the_line_on_top(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    one = desk("tinh")
    one.get("/desk/figures")
    moment = r"Tính đến \d\d/\d\d(/\d{4})? \d\d:\d\d · hạn gửi: hết ngày 02/08/2021 \(đã qua hạn\) · "
    assert re.search(moment + "0/3 xã đã có số liệu, 3 chưa báo cáo · 0/3 đã gửi số liệu", one.text)
    officer = phone("xa1")
    officer.create(quantity=3)
    officer.sync()
    for days, left in ((9, "còn 9 ngày"), (1, "hôm nay là ngày cuối")):
        with world.app.app_context(), writing() as session:
            lock_catalog(session)
            session.get_one(Campaign, world.campaign).due_before = today() + timedelta(days=days)
        one.get("/desk/figures")
        assert f"({left}) · 1/3 xã đã có số liệu, 2 chưa báo cáo" in one.text
    alone = desk("nhanla")
    alone.get("/desk/figures")
    assert "· chưa báo cáo · chưa gửi số liệu" in alone.text


def test_a_nil_report_is_no_silence_in_the_line_on_top(desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("huyen")
    said: dict[str, Any] = {"nil/banners": True}
    officer.create("plan", **said)
    officer.sync()
    one.get("/desk/figures")
    assert "1/2 xã đã có số liệu, 1 chưa báo cáo" in one.text


@pytest.mark.slow
def test_the_plan_stands_in_a_commune_and_in_no_sum(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Campaign, world.campaign).expected = [{"figure": "banners", "amount": 5}]
    fill(desk, phone)
    assert banners(desk("huyen")) == {
        "Tổng cộng": "1.234",
        "Cấp huyện thực hiện": "–",
        "Xã Chính Nghĩa": "1.234 /5",
        "Xã Nhân La": "– /5",
    }
    assert banners(desk("xa1")) == {"Tổng cộng": "1.234 /5"}


def heads(desk: Any, path: str) -> list[str]:
    desk.get(path)
    return list(next(iter(desk.figures().values())))[1:]


@pytest.mark.slow
def test_tabs_show_the_letter_a_kind_or_all(world: World, desk: MakeDesk) -> None:
    one = desk("tinh")
    assert heads(one, "/desk/figures") == [
        *("Băng rôn", "Chiều dài băng rôn", "Lượt phát", "Thời lượng phát", "Pa nô", "Áp phích", "Tờ rơi", "Tờ gấp"),
        *("Lượt tuyên truyền lưu động", "Đơn vị có tuyên truyền 111"),
    ]
    assert heads(one, "/desk/figures?tab=banner") == ["Băng rôn", "Chiều dài băng rôn"]
    every = heads(one, EVERY)
    assert sorted(every) == sorted(figure.label["vi"] for figure in every_figure())
    assert f"Tất cả {len(every)}" in one.text
    assert heads(one, "/desk/figures?tab=nonsense") == heads(one, "/desk/figures")
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Campaign, world.campaign).figures = ["rallies", "banners"]
    assert heads(one, "/desk/figures") == ["Băng rôn", "Mít tinh, lễ phát động"]


@pytest.mark.slow
@pytest.mark.databases("both")
def test_units_that_advertise_the_hotline_count_once(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """F-8: however many activities; a merged unit is its successor."""
    one, next_door, far = phone("xa1"), phone("nhanla", "12289"), phone("dinhcao", "12397")
    made = [one.create(hotline=True), one.create(hotline=True)]
    next_door.create(hotline=True), far.create(hotline=False)
    for each in (one, next_door, far):
        each.sync()
    reviewer = desk("huyen")
    for record in made:
        reviewer.get(f"/desk/records/{record}")
        reviewer.post(reviewer.form("/decide"), verdict="counted")
    province = desk("tinh")
    name = "Đơn vị có tuyên truyền 111"

    def shown(path: str = "/desk/figures") -> list[str]:
        province.get(path)
        return [row[name] for row in province.figures().values()]

    assert shown() == ["1 +1 chờ duyệt", "–", "1 +1 chờ duyệt", "0"]
    merge(world, "12289", into="12286")
    assert shown("/desk/figures?count=with_waiting") == ["1*", "–", "1*", "0"]
    assert shown(f"/desk/figures?unit={world.units['12286']}") == ["1", "1", "0 +1 chờ duyệt"]
    province.get("/desk/queue?figure=hotline_units&bucket=with_waiting")
    assert "đã duyệt và chờ duyệt: 1 đơn vị" in province.text
    assert province.html.count('class="record"') == 3


@pytest.mark.databases("both")
def test_an_amended_record_stands_with_its_counted_value(desk: MakeDesk, phone: MakePhone) -> None:
    """SPEC D-5."""
    officer, one = phone("xa1"), desk("huyen")
    record = officer.create(quantity=4)
    officer.sync()
    one.get(f"/desk/records/{record}")
    one.post(one.form("/decide"), verdict="counted")
    officer.edit(record, quantity=40)
    officer.sync()
    assert banners(one)["Tổng cộng"] == "4"
    one.get("/desk/queue?figure=banners&bucket=counted")
    assert "Đã sửa sau duyệt" in one.text


@pytest.mark.databases("both")
def test_what_two_people_wrote_differently_is_in_no_number(desk: MakeDesk, phone: MakePhone) -> None:
    officer, other, one = phone("xa1"), phone("xa2"), desk("huyen")
    record = officer.create(quantity=4)
    officer.sync(), other.sync()
    officer.edit(record, quantity=5)
    other.edit(record, quantity=6)
    officer.sync(), other.sync()
    assert banners(one)["Tổng cộng"] == "–", "of a number that two wrote differently, none is said"
    assert "mục hai người cùng sửa còn khác nhau không nằm trong số nào" in one.text


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


def test_a_campaign_whose_kinds_feed_no_figure_has_a_page_all_the_same(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Campaign, world.campaign).kinds = ["drone"]
    one = desk("huyen")
    one.get(f"/desk/figures?campaign={world.campaign}")
    assert (one.status, "Đợt hoạt động này không có chỉ tiêu số liệu nào." in one.text) == (200, True)
    assert "Chưa có đợt hoạt động nào" not in one.text
    assert f"/desk/figures?campaign={world.practice}" in one.html, "a way to another campaign"


def test_a_practice_campaign_never_counts_into_another(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("huyen")
    officer.campaign = world.practice
    record = officer.create(quantity=4)
    officer.sync()
    one.get(f"/desk/records/{record}")
    one.post(one.form("/decide"), verdict="counted")
    assert banners(one)["Tổng cộng"] == "–"
    assert banners(one, f"/desk/figures?campaign={world.practice}")["Tổng cộng"] == "4"


@pytest.mark.slow
@pytest.mark.parametrize(("view", "most"), [("", 56), ("?reach=every&count=with_waiting", 80)])
def test_a_page_takes_few_statements_however_many_units(
    world: World, desk: MakeDesk, phone: MakePhone, view: str, most: int
) -> None:
    fill(desk, phone)
    one = desk("tinh")

    def count() -> int:
        said: list[str] = []
        with world.app.app_context():
            event.listen(db.engine, "before_cursor_execute", note := lambda *args: said.append(args[2]))
            one.get(f"/desk/figures{view}")
            event.remove(db.engine, "before_cursor_execute", note)
        return len(said)

    before = count()
    assert before <= most
    add_communes(world, "331", 40)
    assert count() == before
    assert "Xã số 40" in desk("huyen").get("/desk/figures")
