"""X-45: a phone says what is on it alone; whatever else it says there harms nothing."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from server.core.db import reading
from server.models import Device
from support.clients.client import Client
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

HELD = {"writes": 3, "photos": 2, "bytes": 1_400_000}


@pytest.fixture
def client(world: World) -> Client:
    return Client(world.app.test_client(), world.token("xa1"))


def tell(client: Client, **body: Any) -> dict[str, Any]:
    answer = client.post("/sync", json={"app": 3, **body})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    told: dict[str, Any] = answer.get_json()
    return told


def noted(world: World) -> tuple[Any, ...]:
    """What the server knows of it, and since when."""
    with world.app.app_context(), reading() as session:
        row = session.scalars(select(Device)).one()
        return row.held_writes, row.held_photos, row.held_bytes, row.held_at


def test_what_a_phone_holds_is_noted_at_once_and_the_same_again_is_no_write(world: World, client: Client) -> None:
    assert noted(world) == (None, None, None, None), "an app of before says nothing"
    tell(client, held=HELD)
    first = noted(world)
    assert first[:3] == (3, 2, 1_400_000)
    tell(client, held=HELD)
    tell(client)
    assert noted(world) == first
    tell(client, held={"writes": 0, "photos": 0, "bytes": 0})
    assert noted(world)[:3] == (0, 0, 0)


@pytest.mark.parametrize(
    "odd", [7, None, "nhiều", [], {}, HELD | {"writes": -1}, HELD | {"photos": "2"}, HELD | {"bytes": True}]
)
def test_what_is_no_count_is_passed_over(world: World, client: Client, odd: object) -> None:
    tell(client, held=HELD)
    before = noted(world)
    assert tell(client, held=odd)["results"] == []
    assert noted(world) == before


def test_more_than_a_column_holds_is_noted_as_the_most(world: World, client: Client) -> None:
    tell(client, held={"writes": 2**50, "photos": 2**31, "bytes": 2**50})
    assert noted(world)[:3] == (2**31 - 1, 2**31 - 1, 2**50)
