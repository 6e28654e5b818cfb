"""When a write was first received is one moment: its result names it, and everybody is told it (SPEC L-28, L-29)."""

from __future__ import annotations

from typing import Any

import pytest

from server.core.clock import new_id, now_ms, today
from server.core.db import reading, writing
from server.models import Unit, WriteRow
from server.services.organisation import unit_changes
from server.services.organisation.staff import give_role
from server.services.organisation.unit_changes import UnitRow
from server.services.recovery import restores
from support.clients.client import Client, MakeClient
from support.clients.phone import MakePhone
from support.world import changes
from support.world.world import World

DAY_MS = 24 * 3600 * 1000


def pushed(one: Client, write: dict[str, Any], push: str) -> dict[str, Any]:
    (result,) = one.post("/sync", json={"app": 3, "push": push, "writes": [write]}).get_json()["results"]
    return dict(result)


def made(world: World, **more: Any) -> dict[str, Any]:
    id_, place = new_id(), {"unit": world.units["12286"], "campaign": world.campaign}
    return {"id": id_, "at": 1, "kind": "banner", **place, "set": {"quantity": 1, "submitted": True}, **more}


def told(world: World, record: str, two: Client) -> int:
    """What another client is told of the record, which is also what is stored."""
    (change,) = [each for each in two.post("/sync", json={"app": 3}).get_json()["changes"] if each["record"] == record]
    with world.app.app_context(), reading() as session:
        assert session.get_one(WriteRow, record).received_at == change["received"]
    return int(change["received"])


def test_who_wrote_it_has_the_moment_that_others_are_told(world: World, client: MakeClient) -> None:
    """L-29: in the result, in a repeat, and where the answer was lost."""
    one, write, push = client("xa1"), made(world), new_id()
    first = pushed(one, write, push)
    moment = told(world, write["id"], client("xa2"))
    (run,) = one.post("/sync", json={"app": 3, "ask": push}).get_json()["asked"]["runs"]
    assert [first["received"], run["received"], pushed(one, write, new_id())["received"]] == [moment] * 3


@pytest.mark.parametrize("days", [1, 40])
def test_after_a_restore_the_result_says_which_moment_the_server_chose(
    world: World, client: MakeClient, days: int
) -> None:
    """L-19, L-29: one that is older than 30 days does not say the day; the server names the one that it took."""
    with world.app.app_context(), writing() as session:
        restores.tell(session, 1, now_ms() - 35 * DAY_MS)
    write = made(world, received=now_ms() - days * DAY_MS)
    result = pushed(client("xa1"), write, new_id())
    assert result["received"] == told(world, write["id"], client("xa2"))
    assert (result["received"] == write["received"]) is (days == 1)


@pytest.mark.parametrize("restored", [False, True])
def test_a_younger_unit_hears_that_a_campaign_is_archived(world: World, phone: MakePhone, restored: bool) -> None:
    """L-5: it has no stream there, and its write is taken once the campaign is reopened."""
    changes.status(world, "archived")
    with world.app.app_context(), writing() as session:
        above, row = session.get_one(Unit, world.units["331"]), UnitRow("12999", "Xã Mới", "Mới", "commune")
        unit = unit_changes.add_unit(session, row, above, today()).id
        give_role(session, world.officers["xa1"], unit, "officer")
        if restored:
            restores.tell(session, 1, None)
    one = phone("xa1")
    one.unit = unit
    write = one.create(quantity=1)
    one.sync()
    assert (one.outbox, one.refused) == ([], {write: "archived"})
    two = phone("huyen")
    two.unit = world.units["12289"]
    two.campaign = new_id()
    stranger = two.create(quantity=1)
    two.sync()
    assert "archived" not in two.refused.values(), stranger
    changes.status(world, "open")
    one.send_again()
    one.sync()
    assert (one.refused, write in one.records) == ({}, True)
