"""A server with two records and their photos, a backup of it, and an empty machine; on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.clients.client import Client
from support.installation.backed_up import BackedUp
from support.installation.databases import Engine
from support.installation.machine import Machine
from support.world.world import World, fill
from support.world.world import world as make_world


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, database_engine: Callable[[str], Engine]) -> Engine:
    return database_engine(request.param)


@pytest.fixture(scope="session")
def backed_up(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Engine], BackedUp]:
    """The server to copy, of each kind of database."""
    made: dict[Engine, BackedUp] = {}

    def of(engine: Engine) -> BackedUp:
        if engine not in made:
            made[engine] = BackedUp(engine, tmp_path_factory.mktemp("backed-up"))
        return made[engine]

    return of


@pytest.fixture
def here(
    request: pytest.FixtureRequest, engine: Engine, backed_up: Callable[[Engine], BackedUp], tmp_path: Path
) -> Machine:
    """A machine with a small province; with what `calling` pushed, if the test asks for that or for the backup."""
    if "calling" in request.fixturenames:
        return backed_up(engine).machine(tmp_path / "data")
    return Machine(engine.fresh(fill), tmp_path / "data")


@pytest.fixture
def there(engine: Engine, tmp_path: Path) -> Machine:
    """An empty machine, without tables."""
    return Machine(engine.empty(), tmp_path / "elsewhere")


@pytest.fixture
def world(here: Machine) -> Iterator[World]:
    with make_world(here.url, here.data_dir) as made:
        yield made


@pytest.fixture
def calling(world: World, engine: Engine, backed_up: Callable[[Engine], BackedUp]) -> Client:
    """A phone that pushed two records with a photo each; the campaign has a script."""
    return backed_up(engine).client(world)


@pytest.fixture
def backup(calling: Client, engine: Engine, backed_up: Callable[[Engine], BackedUp], tmp_path: Path) -> Path:
    """The backup of that; nothing happened since."""
    assert calling.token
    return backed_up(engine).backup(tmp_path / "backup")
