"""A small province with real workers beside it, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.jobs.crew import Crew, Home, crew
from support.world.world import World
from support.world.world import world as make_world


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """A small province."""
    with make_world(database_url, tmp_path / "data") as made:
        yield made


@pytest.fixture(scope="session")
def home() -> Iterator[Home]:
    """The process that forks workers."""
    made = Home()
    yield made
    made.end()


@pytest.fixture
def workers(world: World, database_url: str, home: Home) -> Iterator[Crew]:
    """No worker at first; the test starts them."""
    with crew(world, database_url, home) as made:
        yield made
