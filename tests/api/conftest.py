"""The API through Flask's client, on both databases."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from server.services.continuity import marks
from support.clients.client import Client
from support.clients.documented import checked
from support.clients.in_hand import InHand, enrolled
from support.clients.phone import Phone
from support.clients.shipped import PhoneHost
from support.clients.wire import Wire
from support.installation.databases import Engine
from support.installation.machine import Machine
from support.installation.restored import Hub
from support.world.world import World, fill
from support.world.world import world as make_world

RESTORES = [
    pytest.param("sqlite", True, id="sqlite-announced"),
    pytest.param("sqlite", False, id="sqlite-not announced", marks=pytest.mark.costly(soak=True)),
    pytest.param("postgresql", True, id="postgresql-announced", marks=pytest.mark.costly(soak=True)),
    pytest.param("postgresql", False, id="postgresql-not announced"),
]
"""Each database and each way once in every story; that a restore is told asks nothing of one database alone."""


@pytest.hookimpl(tryfirst=True)  # before the fixtures give their own parameters
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Restores on both databases."""
    if "put_back" in metafunc.fixturenames:
        metafunc.definition.add_marker(pytest.mark.parametrize(("hub", "put_back"), RESTORES, indirect=True))


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """A small province."""
    with make_world(database_url, tmp_path / "data") as made:
        made.app.test_client_class = checked(made.app)
        yield made


@pytest.fixture
def client(world: World) -> Callable[[str], Client]:
    """`client("xa1")`: the API with a new device of that officer."""
    return lambda username: Client(world.app.test_client(), world.token(username))


@pytest.fixture
def phone(world: World, client: Callable[[str], Client]) -> Callable[..., Phone]:
    """`phone("xa1")`: a new phone of that officer."""

    def make(username: str, unit: str = "12286") -> Phone:
        calling = client(username)

        def send(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            packed = gzip.compress(json.dumps(body, ensure_ascii=False).encode())
            answer = calling.post("/sync", data=packed, headers={"Content-Encoding": "gzip"})
            return answer.status_code, answer.get_json()

        def stream(body: dict[str, Any]) -> str:
            answer = calling.post("/sync", json=body, headers={"Accept": "application/x-ndjson"})
            assert answer.status_code == 200
            return answer.get_data(as_text=True)

        return Phone(send, world.units[unit], world.campaign, stream)

    return make


@pytest.fixture
def shipped(world: World, phones: PhoneHost) -> Callable[..., InHand]:
    """`shipped("xa1")`: the app itself on a new phone of that officer."""

    def make(username: str, unit: str = "12286") -> InHand:
        known = enrolled(world, world.token(username))
        return InHand(phones, Wire(world.app.test_client), known, world.units[unit], world.campaign)

    return make


@pytest.fixture(params=["sqlite", "postgresql"])
def hub(
    request: pytest.FixtureRequest,
    database_engine: Callable[[str], Engine],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    phones: PhoneHost,
) -> Iterator[Hub]:
    """A server on which every commit makes a mark (B-10)."""
    monkeypatch.setattr(marks, "EVERY_S", 0)
    engine = database_engine(request.param)
    here = Machine(engine.fresh(fill), tmp_path / "here")
    there = Machine(engine.empty(), tmp_path / "there")
    with make_world(here.url, here.data_dir) as world:
        world.app.test_client_class = checked(world.app)
        yield Hub(world, here, there, tmp_path / "backup", phones)


@pytest.fixture
def put_back(request: pytest.FixtureRequest, hub: Hub) -> Iterator[Callable[[], None]]:
    """Put the backup in the server's place."""
    going: list[Iterator[None]] = []

    def go() -> None:
        going.append(hub.put_back(announced=request.param))
        next(going[0])

    yield go
    for each in going:
        next(each, None)
