"""The unit field: a choice of few units; of many a text that names one, offers several, or finds none."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest

from server.core.db import db, reading, writing
from server.services.organisation.staff import give_role
from server.services.units import unit_search
from server.services.units.scope import Scope
from server.services.units.unit_search import CANDIDATES, FEW, SUGGESTED
from support.checks.counting import counted
from support.clients.desk import MakeDesk
from support.world.changes import merge
from support.world.many import add_communes
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def many(world: World) -> dict[str, str]:
    """More communes than are offered as options, by their names; two of one name, in two districts."""
    names = ["An Bình", *(f"Đông {number:03}" for number in range(FEW))]
    kim_dong = dict(zip(names, add_communes(world, "331", names), strict=True))
    (same,) = add_communes(world, "333", ["An Bình"])
    return kim_dong | {"An Bình, Phù Cừ": same}


def suggested(desk: Any, text: str, **more: Any) -> list[str]:
    found: list[str] = desk.http.get("/desk/units", query_string={"q": text, **more}).get_json()
    return found


def test_few_units_are_options_as_before(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    for path in ("/desk/queue", "/desk/people"):
        one.get(path)
        options = re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)<', one.html.partition('name="unit"')[2])
        assert [name for _, name in options[:4]] == ["Mọi đơn vị", "Huyện Kim Động", "Xã Chính Nghĩa", "Xã Nhân La"]
        assert "units.js" not in one.html
        assert "unit_name" not in one.html
    one.get(f"/desk/queue?unit={world.units['12286']}")
    assert f'value="{world.units["12286"]}" selected' in one.html


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/desk/queue", "/desk/people"])
def test_many_units_are_typed(desk: MakeDesk, many: dict[str, str], path: str) -> None:
    one = desk("tinh")
    one.get(path)
    assert 'name="unit_name"' in one.html
    assert 'src="/desk/static/units.js"' in one.html
    assert one.html.count("<option") < 60, "no unit among them"
    # What names one unit is taken, with all else that was asked for; its label then stands in the field.
    kept = "kind=banner" if path == "/desk/queue" else "q=duc"
    for text in ("Xã Đông 007", "dong 007", "ĐÔNG 007", "Xã Đông 007, Huyện Kim Động"):
        one.get(f"{path}?{urlencode({'unit_name': text})}&{kept}")
        assert one.status == 303, text
        assert one.http.get(f"{path}?unit_name={text}").headers["Location"] == f"{path}?unit={many['Đông 007']}"
        assert kept in one.http.get(f"{path}?unit_name={text}&{kept}").headers["Location"]
    one.get(f"{path}?unit={many['Đông 007']}")
    assert 'value="Xã Đông 007, Huyện Kim Động"' in one.html
    # Its whole label names one of two alike.
    answer = one.http.get(path, query_string={"unit_name": "Xã An Bình, Huyện Phù Cừ"})
    assert answer.headers["Location"] == f"{path}?unit={many['An Bình, Phù Cừ']}"
    # An empty field is every unit again.
    assert one.http.get(f"{path}?unit_name=").headers["Location"] == path


@pytest.mark.parametrize("path", ["/desk/queue", "/desk/people"])
def test_what_may_mean_several_is_a_list_to_choose_from(desk: MakeDesk, many: dict[str, str], path: str) -> None:
    one = desk("tinh")
    one.get(f"{path}?unit_name=an+binh")
    assert one.status == 200
    assert "Có nhiều đơn vị ứng với “an binh”" in one.text
    links = re.findall(rf'<li><a href="{path}\?unit=([^"]*)">([^<]*)<', one.html)
    assert links == [
        (many["An Bình"], "Xã An Bình, Huyện Kim Động"),
        (many["An Bình, Phù Cừ"], "Xã An Bình, Huyện Phù Cừ"),
    ]
    one.get(f"{path}?unit_name=dong")
    assert len(re.findall(r"<li><a href", one.html)) == CANDIDATES
    assert f"Chỉ hiện {CANDIDATES} đơn vị đầu" in one.text
    for text in ("Xã Không Có", "%", "x" * 5000):
        one.get(f"{path}?unit_name={text}")
        assert one.status == 200
        assert "Không có đơn vị nào ứng với" in one.text


def test_suggestions_are_few_and_only_of_what_one_sees(world: World, desk: MakeDesk, many: dict[str, str]) -> None:
    assert many
    province, district, commune = desk("tinh"), desk("phucu"), desk("xa1")
    assert suggested(province, "dong 00") == [f"Xã Đông {number:03}, Huyện Kim Động" for number in range(SUGGESTED)]
    assert suggested(province, "xa an binh") == ["Xã An Bình, Huyện Kim Động", "Xã An Bình, Huyện Phù Cừ"]
    assert suggested(province, "an binh phu cu") == ["Xã An Bình, Huyện Phù Cừ"]
    assert suggested(district, "an binh") == ["Xã An Bình"]
    assert suggested(district, "dong") == []
    assert suggested(commune, "xa") == ["Xã Chính Nghĩa"]
    assert suggested(commune, "xa", managed=1) == []  # an officer manages nobody
    assert suggested(province, "") == []
    assert desk().http.get("/desk/units?q=xa").status_code == 303
    with world.app.app_context(), reading() as session:
        assert unit_search.options(session, Scope(session, world.officers["tinh"]).highest()) is None


def test_a_merged_unit_is_offered_only_where_its_records_are_listed(
    world: World, desk: MakeDesk, many: dict[str, str]
) -> None:
    merge(world, "12289", into="12286")
    one = desk("tinh")
    assert any("Xã Nhân La" in each for each in suggested(one, "nhan la"))
    assert not any("Xã Nhân La" in each for each in suggested(one, "nhan la", standing=1))
    for path, there in (("/desk/queue", True), ("/desk/people", False), ("/desk/report", False)):
        one.get(f"{path}?unit_name=nhan+la")
        assert (one.status == 303) is there, path
    assert many


def test_somebody_of_two_units_finds_both(world: World, desk: MakeDesk, many: dict[str, str]) -> None:
    with world.app.app_context(), writing() as session:
        give_role(session, world.officers["phucu"], many["Đông 001"], "officer")
        give_role(session, world.officers["phucu"], many["An Bình, Phù Cừ"], "reviewer")
    one = desk("phucu")
    assert suggested(one, "dong 00") == ["Xã Đông 001"]
    assert suggested(one, "an binh") == ["Xã An Bình, Huyện Phù Cừ"]
    assert suggested(one, "dong 00", managed=1) == []


def test_of_two_districts_each_unit_is_told_apart(world: World, desk: MakeDesk, many: dict[str, str]) -> None:
    with world.app.app_context(), writing() as session:
        give_role(session, world.officers["phucu"], world.units["331"], "reviewer")
    one = desk("phucu")
    assert suggested(one, "an binh") == ["Xã An Bình, Huyện Kim Động", "Xã An Bình, Huyện Phù Cừ"]
    one.get("/desk/queue?unit_name=xa+an+binh,+huyen+phu+cu")
    assert (one.status, many["An Bình, Phù Cừ"] in one.html) == (303, True)


@pytest.mark.slow
def test_what_the_queue_costs_does_not_hang_on_how_many_units_there_are(world: World, desk: MakeDesk) -> None:
    """Statements; its order names each unit once, and nothing else of those that are not on the page is read."""
    one, costs = desk("tinh"), []
    for district in ("331", "333"):
        add_communes(world, district, [f"Đông {number:03}" for number in range(FEW)])
        one.get("/desk/queue")
        with world.app.app_context(), counted(db.engine) as counts:
            one.get("/desk/queue")
        costs.append((counts.statements, counts.rows))
    assert costs[0][0] == costs[1][0]
    assert costs[1][1] - costs[0][1] == 2 * FEW, costs  # the ids of what one sees, and their order
