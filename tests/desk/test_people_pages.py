"""The list of people in pages: order, search, filters, and back to the same place after an act."""

from __future__ import annotations

import re
import unicodedata
from typing import Any
from urllib.parse import urlencode

import pytest

from server.core.clock import now_ms
from server.core.db import db, writing
from server.models import Device, Officer
from server.models.installation import lock_catalog
from server.services.access import devices
from server.services.organisation.people import PAGE
from server.services.units.unit_search import FEW
from support.checks.counting import counted
from support.clients.desk import MakeDesk
from support.world.many import add_communes, add_people
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

NAMES = [f"Trần Văn Đức {number:03}" for number in range(PAGE + 10)]


def names(desk: Any) -> list[str]:
    """The people of the page, in its order."""
    return re.findall(r'<span class="line">\s*<strong>(.*?)</strong>', desk.html)


@pytest.fixture
def many(world: World) -> list[str]:
    """More than a page of people at Chính Nghĩa."""
    return add_people(world, world.units["12286"], NAMES)


@pytest.mark.databases("both")
@pytest.mark.usefixtures("many")
def test_a_page_holds_fifty_by_unit_and_then_by_name(desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get("/desk/people")
    first = names(one)
    assert "Trang 1 / 2" in one.text
    one.get("/desk/people?page=2")
    second = names(one)
    assert (len(first), len(second)) == (PAGE, 14)
    # The district's own stand first, then Chính Nghĩa, then Nhân La; within a unit C stands before T.
    own, *rest = first + second
    assert own == "Người duyệt huyện Kim Động"
    assert rest == ["Cán bộ 1 xã Chính Nghĩa", "Cán bộ 2 xã Chính Nghĩa", *NAMES, "Cán bộ xã Nhân La"]
    one.get("/desk/people?page=99")
    assert names(one) == second
    one.get("/desk/people?page=x")
    assert names(one) == first


def test_a_line_tells_how_somebody_stands_and_the_only_one_is_open(world: World, desk: MakeDesk) -> None:
    at, day_ms = now_ms(), 24 * 3_600_000
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Officer, world.officers["xa1"]).phone = "+84912345678"
        lock_catalog(session)
        session.get_one(Officer, world.officers["huyen"]).disabled_at = at
        phone = (device := devices.add_device(session, world.officers["xa1"], "máy").device).id
        device.seen_at = at - 200 * day_ms
        devices.add_device(session, world.officers["nhanla"], "máy").device.revoked_at = at
    one, folded = desk("tinh"), re.compile(r'<li class="person">\s*(?:<label.*?</label>\s*)?<details>')

    def line(name: str) -> str:
        one.get("/desk/people")
        (found,) = re.findall(rf"<strong>{name}</strong>(.*?)</summary>", one.html, re.DOTALL)
        return " ".join(re.sub(r"<[^>]+>", " ", found).split())

    told = "Xã Chính Nghĩa · Cán bộ nhập liệu {}"
    assert line("Cán bộ xã Đình Cao") == "Xã Đình Cao · Cán bộ nhập liệu Chưa có máy"
    assert line("Cán bộ xã Nhân La").startswith("Xã Nhân La · Cán bộ nhập liệu Không còn máy liên hệ")
    assert line("Người duyệt huyện Kim Động") == "Huyện Kim Động · Người duyệt Đã khóa"
    assert line("Cán bộ 1 xã Chính Nghĩa").startswith(told.format("Lâu không liên hệ liên hệ"))
    assert line("Cán bộ 1 xã Chính Nghĩa").endswith("+84912345678")
    one.post(one.form(f"/people/{world.officers['xa1']}/code"))
    assert line("Cán bộ 1 xã Chính Nghĩa").startswith(told.format("Chờ đăng ký"))
    with world.app.app_context(), writing() as session:
        session.get_one(Device, phone).seen_at = at
    assert line("Cán bộ 1 xã Chính Nghĩa").startswith(told.format("Đã đăng ký"))
    assert len(folded.findall(one.html)) == len(names(one))
    one.get("/desk/people?q=dinhcao")
    assert (names(one), folded.findall(one.html)) == (["Cán bộ xã Đình Cao"], [])


def test_an_administrator_shuts_out_and_lets_in_from_the_line(world: World, desk: MakeDesk) -> None:
    path = f"/people/{world.officers['xa1']}"
    with world.app.app_context(), writing() as session:
        phone = devices.add_device(session, world.officers["xa1"], "máy").device.id
    reviewer, one = desk("huyen"), desk("quantri")
    reviewer.get("/desk/people")
    assert not reviewer.has_form(f"{path}/disable")
    one.get("/desk/people?choose=1")
    assert not one.has_form(f"/people/{world.officers['quantri']}/disable")
    one.post(one.form(f"{path}/code"))
    one.get("/desk/people")
    assert ("đã cấp mã" in one.text, one.has_form(f"/devices/{phone}/revoke")) == (True, True)
    one.post(one.form(f"{path}/disable"))
    one.get("/desk/people?choose=1")
    assert ("đã cấp mã" in one.text, one.has_form(f"/devices/{phone}/revoke")) == (False, False), "neither would serve"
    # A code would be refused, and with it the cards of all who are ticked.
    assert not one.has_form(f"{path}/code")
    assert f'name="officer" value="{world.officers["xa1"]}"' not in one.html
    one.post(one.form(f"{path}/enable"))
    one.get("/desk/people")
    assert one.has_form(f"{path}/code")


@pytest.mark.databases("both")
@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("Đức 007", ["Trần Văn Đức 007"]),
        (unicodedata.normalize("NFD", "Đức 007"), ["Trần Văn Đức 007"]),
        ("duc  TRAN 007", ["Trần Văn Đức 007"]),
        ("nguoi7", ["Trần Văn Đức 007"]),
        ("nhan la", ["Cán bộ xã Nhân La"]),
        ("can bo chinh nghia 2", ["Cán bộ 2 xã Chính Nghĩa"]),
        ("%", []),
        ("_", []),
        ("đình cao", []),
    ],
)
def test_words_find_names_user_names_and_units(desk: MakeDesk, search: str, found: list[str]) -> None:
    one = desk("huyen")
    one.get(f"/desk/people?{urlencode({'q': search})}")
    assert names(one) == found
    if not found:
        assert "Không có cán bộ nào như vậy" in one.text


@pytest.mark.databases("both")
def test_filters_leave_out_who_has_a_device_and_other_units(world: World, desk: MakeDesk) -> None:
    world.token("xa1")
    one = desk("huyen")
    one.get("/desk/people?bare=1")
    assert names(one) == ["Người duyệt huyện Kim Động", "Cán bộ 2 xã Chính Nghĩa", "Cán bộ xã Nhân La"]
    one.get(f"/desk/people?unit={world.units['12286']}")
    assert names(one) == ["Cán bộ 1 xã Chính Nghĩa", "Cán bộ 2 xã Chính Nghĩa"]
    one.get(f"/desk/people?bare=1&unit={world.units['12286']}")
    assert names(one) == ["Cán bộ 2 xã Chính Nghĩa"]
    one.get(f"/desk/people?unit={world.units['12397']}")
    assert one.status == 404  # of another district


def test_choosing_ticks_those_of_the_page_without_a_device(world: World, desk: MakeDesk, many: list[str]) -> None:
    world.token("xa1")
    one = desk("huyen")
    one.get("/desk/people?q=chinh+nghia&page=2")
    (link,) = re.findall(r'href="([^"]*choose=1[^"]*)"', one.html)
    one.get(link.replace("&amp;", "&"))
    ticked = re.findall(r'value="([^"]{16})"[^>]* checked', one.html)
    assert ticked == many[PAGE - 2 :]
    form = one.form("/people/cards")
    one.post(form, officer=ticked)
    assert one.location.endswith("/desk/people/cards?q=chinh+nghia&page=2")
    one.follow()
    assert one.text.count("Phiếu đăng ký điện thoại") >= len(ticked)
    assert 'href="/desk/people?q=chinh+nghia&amp;page=2"' in one.html


def test_after_an_act_the_list_is_where_it_was(world: World, desk: MakeDesk, many: list[str]) -> None:
    world.officers["last"] = many[-1]
    world.token("last")
    cut = f"q=duc&unit={world.units['12286']}&page=2"
    one = desk("huyen")
    one.get(f"/desk/people?{cut}")
    revoke = next(form for form in one.forms() if form.action.endswith("/revoke"))
    one.post(one.form(f"/people/{many[-1]}/code"))
    one.follow()
    assert re.search(r"\d{4} \d{4} \d{4} \d{4}", one.text)
    assert f'href="/desk/people?{cut}"'.replace("&", "&amp;") in one.html
    one.post(revoke)
    assert one.location == f"/desk/people?{cut}"
    one.get(f"/desk/people?{cut}")
    assert "Đã thu hồi" in one.text
    refused = one.form("/people/cards")
    assert one.post(refused).status_code == 422
    assert f"/desk/people?{cut}".replace("&", "&amp;") in one.html  # the sentence leads back to the same place


def test_what_a_page_costs_does_not_grow_with_the_list(world: World, desk: MakeDesk) -> None:
    one = desk("tinh")
    costs = []
    for district, prefix in (("331", "mot"), ("333", "hai")):
        units = add_communes(world, district, [f"An {number:03}" for number in range(FEW)])
        for unit in units[:2]:
            add_people(world, unit, NAMES, f"{prefix}{units.index(unit)}x")
        one.get("/desk/people")
        with world.app.app_context(), counted(db.engine) as counts:
            one.get("/desk/people?q=duc")
        costs.append((counts.statements, counts.rows))
        assert len(names(one)) == PAGE
    assert costs[0] == costs[1]
