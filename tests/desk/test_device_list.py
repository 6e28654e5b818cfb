"""All devices below by last contact: in each state, of one's own subtree, at a cost that does not grow."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import insert, update

from server.core.clock import DAY_MS, now_ms
from server.core.db import db, writing
from server.models import Device
from server.services.administration.device_list import PAGE
from support.checks.counting import counted
from support.clients.desk import MakeDesk
from support.world.many import add_communes, add_people
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

HEAD = re.compile(r'<th scope="row"[^>]*><span>(?:<a [^>]*>)?([^<]*?)(?:</a>)?\s*<span')


def device(world: World, officer: str, label: str, seen_days_ago: int, **more: int) -> None:
    world.token(officer)
    with world.app.app_context(), writing() as session:
        newest = (Device.officer_id == world.officers[officer], Device.label == "máy thử")
        seen = now_ms() - seen_days_ago * DAY_MS
        session.execute(update(Device).where(*newest).values(label=label, seen_at=seen, **more))


def test_each_state_has_its_devices_the_longest_silent_first(world: World, desk: MakeDesk) -> None:
    device(world, "xa1", "mới", 1)
    device(world, "xa2", "cũ", 90)
    device(world, "nhanla", "ngăn kéo", 400)
    device(world, "nhanla", "thay", 3, replaced_at=1)
    device(world, "nhanla", "mất", 2, revoked_at=1)
    device(world, "dinhcao", "huyện khác", 5)
    one = desk("huyen")
    states = {"": ["cũ", "mới"], "idle": ["ngăn kéo"], "replaced": ["thay"], "revoked": ["mất"], "lạ": ["cũ", "mới"]}
    for state, labels in states.items():
        one.get(f"/desk/devices?state={state}")
        assert HEAD.findall(one.html) == labels, state
    one.get(f"/desk/devices?unit={world.units['12286']}")
    assert HEAD.findall(one.html) == ["cũ", "mới"]
    assert f"/desk/people/{world.officers['xa1']}/account" in one.html
    assert one.http.get(f"/desk/devices?unit={world.units['12397']}").status_code == 404
    assert desk("xa1").http.get("/desk/devices").status_code == 403


@pytest.mark.slow
def test_more_people_and_devices_cost_no_more(world: World, desk: MakeDesk) -> None:
    """What makes the province's pages quick: the number of statements and rows, whatever the number of people."""
    one, costs = desk("tinh"), []
    for number, size in enumerate((PAGE + 10, 2000)):
        (unit,) = add_communes(world, ("331", "333")[number], ["Mới"])
        people = add_people(world, unit, [f"Người {nth:05}" for nth in range(size)], f"q{number}x")
        rows = [
            {
                "id": f"d{number}{nth:014}",
                "officer_id": person,
                "label": "điện thoại",
                "mark": "A1",
                "token_hash": f"{number}{nth}",
                "created_at": 1,
                "seen_at": now_ms(),
            }
            for nth, person in enumerate(people)
        ]
        with world.app.app_context(), writing() as session:
            session.execute(insert(Device), rows)
        for path in ("/desk/devices", "/desk/people"):
            one.get(path)
            with world.app.app_context(), counted(db.engine) as counts:
                one.get(path)
            costs.append((counts.statements, counts.rows))
    assert [statements for statements, _ in costs[:2]] == [statements for statements, _ in costs[2:]]
    assert max(statements for statements, _ in costs) <= 40
    assert max(rows for _, rows in costs) <= 10 * PAGE  # of 2,000 people
