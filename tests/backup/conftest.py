"""A server with two records and their photos, a backup of it, and an empty machine; on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.core.db import writing
from server.models import Campaign
from server.services.campaigns import files
from server.services.campaigns.files import NewFile
from support.clients.client import Client
from support.clients.uploading import announce
from support.installation.backups import LETTER, ONE, TWO, bring
from support.installation.databases import Engine
from support.installation.machine import Machine
from support.world.world import World, fill
from support.world.world import world as make_world


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, database_engine: Callable[[str], Engine]) -> Engine:
    return database_engine(request.param)


@pytest.fixture
def here(engine: Engine, tmp_path: Path) -> Machine:
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
def calling(world: World) -> Client:
    """A phone that pushed two records with a photo each; the campaign has a script."""
    client = Client(world.app.test_client(), world.token("xa1"))
    for photo in (ONE, TWO):
        announce(world, client, photo)
        bring(client, photo)
    with world.app.app_context(), writing() as session:
        new = NewFile("script", "Bài số 1", LETTER / "letter.example" / "thu-doan.txt")
        files.add(session, world.app.extensions["loa_blobs"], session.get_one(Campaign, world.campaign), new)
    return client


@pytest.fixture
def backup(here: Machine, calling: Client, tmp_path: Path) -> Path:
    assert calling.token
    said = here.done("backup", tmp_path / "backup")
    assert "2 records and 5 photos and files of campaigns as of " in said
    return tmp_path / "backup"
