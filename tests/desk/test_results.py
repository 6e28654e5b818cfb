"""The results of one filter: everything in the URL, pages by cursor, four views, nobody else's records."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest

from server.core.db import reading
from server.desk.review import results_url
from server.map_tiles import MapTiles
from server.models import Campaign, Record
from server.services.review.results import Results
from server.services.review.results_filter import HINTS
from server.services.units.scope import Scope
from server.serving.installation import installed
from server.settings import Settings
from support.clients.client import shot
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.world import World

VIEWS = ("gallery", "list", "table", "map")
PLACE = {"lat_e6": 20_650_000, "lon_e6": 106_050_000, "accuracy_m": 8}


def names(desk: Any) -> list[str]:
    """The records of the page, in order, whatever the view."""
    found = re.findall(r'href="/desk/records/[^"]*">(?:(?!</a>).)*?([A-Z]{2}-\d+)\s*<', desk.html, re.DOTALL)
    return [" ".join(each.split()) for each in found]


def link(desk: Any, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', desk.html)
    return unescape(found[1]) if found else ""


@pytest.fixture
def filled(phone: MakePhone, desk: MakeDesk) -> dict[str, str]:
    one, far, photo = phone("xa1"), phone("nhanla", "12289"), shot().register
    made = {
        "first": one.create(slogan="s1", put_up_on="2021-07-01", place=PLACE, **photo),
        "second": one.create(slogan="s2", put_up_on="2021-07-10", place={**PLACE, "lat_e6": 20_700_000}),
        "third": one.create(slogan="s1", put_up_on="2021-07-20", quantity=4),
        "rally": one.create("event", name="Mít tinh", held_on="2021-07-28"),
        "radio": far.create("broadcast", script="Bài 1", minutes=5),
    }
    one.sync(), far.sync()
    reviewer = desk("huyen")
    reviewer.get(f"/desk/records/{made['third']}")
    reviewer.post(reviewer.form("/decide"), verdict="counted", reason="")
    return made


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["PT-1", "SK-1", "BR-3", "BR-2", "BR-1"]),
        ("kind=banner", ["BR-3", "BR-2", "BR-1"]),
        ("state=counted", ["BR-3"]),
        ("state=todo", ["PT-1", "SK-1", "BR-2", "BR-1"]),
        ("unit={unit}", ["SK-1", "BR-3", "BR-2", "BR-1"]),
        ("since=2021-07-10&until=2021-07-20", ["BR-3", "BR-2"]),
        ("slogan=s1", ["BR-3", "BR-1"]),
        ("photo=with", ["BR-1"]),
        ("photo=without&kind=banner", ["BR-3", "BR-2"]),
        ("place=with", ["BR-2", "BR-1"]),
        ("place=without&unit={unit}", ["SK-1", "BR-3"]),
        ("officer={officer}", ["SK-1", "BR-3", "BR-2", "BR-1"]),
        ("figure=banners&bucket=counted", ["BR-3"]),
        ("q=mit+tinh", ["SK-1"]),
        ("q=chính+nghĩa&slogan=s2", ["BR-2"]),
    ],
)
@pytest.mark.usefixtures("filled")
def test_filters_are_in_the_url(world: World, desk: MakeDesk, query: str, shown: list[str]) -> None:
    one = desk("huyen")
    query = query.format(unit=world.units["12286"], officer=world.officers["xa1"])
    for view in VIEWS if not query else ("table",):
        one.get(f"/desk/results?view={view}&{query}")
        expected = sorted(shown) if view == "map" else shown
        assert (sorted(names(one)) if view == "map" else names(one)) == expected, view
    assert f"{len(shown)} kết quả" in one.text


@pytest.mark.slow
@pytest.mark.databases("sqlite")
@pytest.mark.usefixtures("filled")
def test_what_cannot_be_is_said(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get("/desk/results?since=2021-07-20&until=2021-07-01")
    assert "“Từ ngày” sau “Đến hết ngày”" in one.text
    for unit in (world.units["12289"], "x" * 16, "x"):
        beside = desk("xa1")
        beside.get(f"/desk/results?unit={unit}")
        assert beside.status == 404, unit
        beside.get(f"/desk/results/points?unit={unit}")
        assert beside.status == 404, unit
    one.get("/desk/results?campaign=xyz")
    assert one.status == 404


@pytest.mark.slow
def test_pages_go_on_behind_a_record(
    world: World, phone: MakePhone, desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forth and back each record once, also when others write meanwhile; a cursor of another filter is told."""
    monkeypatch.setattr("server.services.review.results.PAGE", 3)
    officer = phone("xa1")
    for number in range(8):
        officer.create(slogan="s1", put_up_on=f"2021-07-{10 + number // 3}")
    officer.sync()
    one, seen = desk("huyen"), []
    one.get("/desk/results?view=list&kind=banner")
    assert not link(one, "prev")
    seen.append(names(one))
    officer.create(slogan="s1", put_up_on="2021-07-30")
    officer.sync()
    while forth := link(one, "next"):
        one.get(forth)
        seen.append(names(one))
    assert [len(each) for each in seen] == [3, 3, 2]
    assert len({name for each in seen for name in each}) == 8
    for expected in (seen[1], seen[0]):
        one.get(link(one, "prev"))
        assert names(one) == expected
    one.get(link(one, "prev"))
    assert names(one) == ["BR-9"]
    assert not link(one, "prev")
    one.get("/desk/results?view=list&kind=banner")
    cursor = re.search(r"after=([^&]+)", link(one, "next"))
    assert cursor
    for wrong in (f"after={cursor[1]}&state=waiting", "after=x", f"before=2021-07-10.{'x' * 16}.00000000"):
        one.get(f"/desk/results?view=list&{wrong}")
        assert "trang của bộ lọc khác" in one.text, wrong
        assert names(one)[0] == "BR-9"
    assert world.campaign


@pytest.mark.slow
def test_a_record_leads_back_to_its_list(filled: dict[str, str], desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get("/desk/results?view=table&kind=banner&q=chính+nghĩa")
    there = re.search(rf'href="(/desk/records/{filled["second"]}[^"]*)"', one.html)
    assert there
    one.get(unescape(there[1]))
    assert "/desk/results?view=table&amp;kind=banner&amp;q=ch" in one.html
    one.post(one.form("/decide"), verdict="counted", reason="")
    one.follow()
    assert "/desk/results?view=table&amp;kind=banner&amp;q=ch" in one.html


def test_points_are_those_of_the_filter(world: World, filled: dict[str, str], desk: MakeDesk) -> None:
    one = desk("huyen")
    told = json.loads(one.get("/desk/results/points"))
    assert (told["units"], told["more"]) == (["Chính Nghĩa"], False)
    assert told["points"] == [
        [20.7, 106.05, filled["second"], "BR-2", 0, "waiting"],
        [20.65, 106.05, filled["first"], "BR-1", 0, "waiting"],
    ]
    assert json.loads(one.get("/desk/results/points?slogan=s2"))["points"][0][2] == filled["second"]
    assert json.loads(desk("nhanla").get("/desk/results/points"))["points"] == []
    assert world.campaign


@pytest.mark.slow
@pytest.mark.databases("sqlite")
def test_a_place_leads_to_a_map_and_to_what_is_around_it(filled: dict[str, str], desk: MakeDesk) -> None:
    one = desk("huyen")
    for page in ("/desk/records/{}", "/desk/review?at={}"):
        one.get(page.format(filled["first"]))
        assert 'href="geo:20.650000,106.050000?q=20.650000,106.050000"' in one.html
        around = re.search(r'href="(/desk/results\?[^"]*view=map[^"]*)"', one.html)
        assert around
        one.get(unescape(around[1]))
        assert f'data-at="{filled["first"]}"' in one.html
        listed = re.findall(r'<li( aria-current="true")?><a [^>]*>(BR-\d)</a>', one.html)
        assert listed == [("", "BR-2"), (' aria-current="true"', "BR-1")], "also without a script"
        one.get(page.format(filled["third"]))
        assert "geo:" not in one.html
    one.get("/desk/results?view=map&at=%22%3Ehere")
    assert 'data-at=""' in one.html


@pytest.mark.slow
def test_the_map_alone_may_load_from_the_tiles_server(
    world: World, filled: dict[str, str], desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def policies() -> dict[str, str]:
        pages = {view: f"/desk/results?view={view}" for view in VIEWS} | {"record": f"/desk/records/{filled['first']}"}
        return {name: one.http.get(path).headers["Content-Security-Policy"] for name, path in pages.items()}

    one, settings = desk("huyen"), installed(world.app).settings
    assert not any("tiles" in policy for policy in policies().values())
    assert isinstance(settings, Settings)
    tiles = MapTiles("https://tiles.example.vn:8443/{z}/{x}/{y}.png", "© Cục Bản đồ <b>")
    monkeypatch.setattr(type(settings), "map_tiles", property(lambda _: tiles))
    told = policies()
    assert "img-src 'self' https://tiles.example.vn:8443 blob: data:;" in told.pop("map")
    assert not any("tiles" in policy for policy in told.values())
    one.get("/desk/results?view=map")
    assert 'data-attribution="© Cục Bản đồ &lt;b&gt;"' in one.html


@pytest.mark.databases("sqlite")
def test_a_hint_that_is_known_narrows(world: World, filled: dict[str, str]) -> None:
    """The place where hints on evidence join; their words are `hint.<name>` in the catalogues."""
    HINTS.add("test", lambda _name: Record.number == 3)
    try:
        with world.app.app_context(), reading() as session:
            scope, campaign = Scope(session, world.officers["huyen"]), session.get_one(Campaign, world.campaign)
            found = Results(session, scope, campaign, results_url.read({"hint": "test"})).page()
            assert [each.record.id for each in found.results] == [filled["third"]]
    finally:
        HINTS.remove("test")
