"""A reorganisation in the middle of a campaign, told at the desk, in the province of 2021 and in that of 2025.

On 1 July 2025 the districts of the one go and two of its communes become a new one; in the other, two weeks later, a
ward takes over a commune. Nothing is counted twice and nothing is lost; who has what to confirm is said; the province
locks, reports, and both sides get their minutes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from desk.test_main_road import phone_of
from sqlalchemy import update

from server.core.db import reading, writing
from server.models import Campaign, Unit
from server.services.figures import loading
from server.services.organisation import unit_changes
from server.services.units.scope import Scope
from support.clients.desk import Desk, token_of
from support.world import tree_2025
from support.world.issuing import make, prose, word
from support.world.papers import decide
from support.world.world import World, world_of
from support.world.world import world as make_world

pytestmark = [pytest.mark.databases("both"), pytest.mark.slow]


@dataclass(frozen=True)
class Story:
    """Who records where and who counts it; which unit goes into which, and what the paper says then."""

    filling: Any
    recorders: dict[str, tuple[str, str, int]]
    first_day: str
    olds: tuple[str, ...]
    into: str
    successor: str
    note: str


STORIES = {
    "districts": Story(
        None,
        {"xa1": ("12286", "huyen", 12), "nhanla": ("12289", "huyen", 5), "dinhcao": ("12397", "phucu", 3)},
        "2025-07-01",
        ("12286", "12289", "331", "333"),
        "12290",
        "nhanla",
        "xã Nghĩa Dân gồm xã Chính Nghĩa (từ ngày 01/7/2025), xã Nhân La (từ ngày 01/7/2025)",
    ),
    "two_levels": Story(
        tree_2025.fill,
        {"phohien": ("11953", "duyet", 12), "nhuquynh": ("12004", "duyet", 5), "chiminh": ("12286", "duyet", 3)},
        "2025-07-15",
        ("11953",),
        "12004",
        "nhuquynh",
        "xã Như Quỳnh gồm phường Phố Hiến (từ ngày 15/7/2025)",
    ),
}


@pytest.fixture(params=STORIES)
def story(request: pytest.FixtureRequest) -> Story:
    return STORIES[request.param]


@pytest.fixture
def here(story: Story, database_url: str, tmp_path: Path) -> Iterator[World]:
    """The province of the story, with a campaign of June and July 2025."""
    data = tmp_path / "data"
    with world_of(story.filling, database_url, data, {}) if story.filling else make_world(database_url, data) as made:
        days = {"starts_on": date(2025, 6, 15), "ends_on": date(2025, 7, 31), "due_before": date(2025, 8, 5)}
        with made.app.app_context(), writing() as session:
            session.execute(update(Campaign).values(**days))
        yield made


def merging(one: Any, old: str, into: str, on: str) -> None:
    one.get(f"/desk/units/change?{urlencode({'act': 'merge', 'old': old, 'into': into, 'on': on, 'people': '1'})}")
    form = next(form for form in one.forms() if "csrf_token" in form.values and "into" in form.values)
    assert one.post(form, yes="1").status_code == 303, one.text


def reorganised(world: World, story: Story, one: Any) -> None:
    """Make it at the desk, as its administrator does."""
    if story.into not in world.units:  # the new commune stands right below the province, as `loa unit add` makes it
        with world.app.app_context(), writing() as session:
            row = unit_changes.UnitRow("12290", "Xã Nghĩa Dân", "Nghĩa Dân", "commune", "33")
            top = session.get_one(Unit, world.units["33"])
            world.units["12290"] = unit_changes.add_unit(session, row, top, date(2025, 7, 1)).id
    for old in story.olds:
        merging(one, old, "33" if old in ("331", "333") else story.into, story.first_day)


def give(one: Any, world: World, unit: str) -> str:
    one.get(f"/desk/figures/give?unit={world.units[unit]}&campaign={world.campaign}")
    return str(one.text)


def total(world: World) -> int:
    """Counted banners of the province."""
    with world.app.app_context(), reading() as session:
        scope, campaign = Scope(session, world.officers["tinh"]), session.get_one(Campaign, world.campaign)
        return int(loading.load(session, scope, campaign, world.units["33"]).total.cells["banners"].counted)


def test_from_the_campaign_of_june_to_the_minutes_of_july(here: World, story: Story) -> None:
    world = here

    def desk(username: str) -> Desk:
        made = Desk(world.app.test_client())
        token_of(world, made, username)
        return made

    for name, (unit, reviewer, quantity) in story.recorders.items():
        officer = phone_of(world, name, unit, world.campaign)
        record = officer.create(quantity=quantity)
        officer.sync()
        decide(desk(reviewer), record)
    first = next(iter(story.recorders))
    confirming = desk(first)
    give(confirming, world, story.recorders[first][0])
    confirming.post(confirming.form("/desk/figures/seal"))
    assert total(world) == 20

    admin = desk("quantri")
    reorganised(world, story, admin)
    assert total(world) == 20, "nothing is counted twice, nothing is lost"

    one = desk(story.successor)
    said = give(one, world, story.into)
    gone = story.recorders[first][0]
    assert "Đã tự xác nhận trước khi sáp nhập" in said, "the first one confirmed in June"
    if story.into == "12290":
        assert "Chưa ai xác nhận: nằm trong lần xác nhận này" in said, "the second one did not"
    one.post(one.form("/desk/figures/seal"))
    assert one.status == 303
    assert "Chưa ai xác nhận" not in give(one, world, story.into)
    third = list(story.recorders)[2]
    last = desk(third)
    give(last, world, story.recorders[third][0])
    last.post(last.form("/desk/figures/seal"))

    top = desk("tinh")
    top.get(f"/desk/figures/lock?unit={world.units['33']}&campaign={world.campaign}")
    assert top.post(top.form("/desk/figures/lock"), yes="1").status_code == 303, top.text
    top.follow()
    assert "Số liệu của đơn vị đã sáp nhập đứng tên đơn vị tiếp nhận" in top.text
    text = prose(word(world, make(world, "tinh", "33"), "tinh"))
    assert story.note in text
    assert "treo 20 băng rôn" in text

    one.get(f"/desk/report?unit={world.units[story.into]}&campaign={world.campaign}")
    assert f"old={world.units[gone]}" in one.html, "what the old unit left is found from one's own report"
    for old in story.olds:
        answer = admin.http.get(f"/desk/units/{world.units[old]}/minutes", buffered=True)
        said = prose(answer.data)
        assert said.startswith("BIÊN BẢN\n")
        day = re.search(r"từ ngày (\S+) ", said)
        assert day is not None
        assert day[1] == {"2025-07-01": "01/7/2025", "2025-07-15": "15/7/2025"}[story.first_day]
