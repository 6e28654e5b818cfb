"""The desk through Flask's client, on both databases, with phones beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from server.core import passwords
from support.clients.client import Client
from support.clients.desk import Desk, token_of
from support.clients.phone import Phone
from support.world.lost import Lost
from support.world.world import World
from support.world.world import world as make_world


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash with the least work: argon2 is slow on purpose, and most tests sign in."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """A small province."""
    with make_world(database_url, tmp_path / "data") as made:
        yield made


@pytest.fixture
def desk(world: World) -> Callable[..., Desk]:
    """`desk("huyen")`: signed in; `desk()`: a browser that is not."""

    def make(username: str = "") -> Desk:
        made = Desk(world.app.test_client())
        if username:
            token_of(world, made, username)
        return made

    return make


@pytest.fixture
def phone(world: World) -> Callable[..., Phone]:
    """`phone("xa1")`: a new phone of that officer."""

    def make(username: str, unit: str = "12286") -> Phone:
        calling = Client(world.app.test_client(), world.token(username))

        def send(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            answer = calling.post("/sync", json=body)
            return answer.status_code, answer.get_json()

        return Phone(send, world.units[unit], world.campaign)

    return make


@pytest.fixture
def lost(world: World) -> Callable[[str], Lost]:
    """An officer's phone that has enrolled and cannot send."""
    return lambda username: Lost(world, username)
