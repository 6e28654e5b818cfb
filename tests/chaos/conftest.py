"""A small province on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.world.world import World
from support.world.world import world as make_world


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """A small province."""
    with make_world(database_url, tmp_path / "data") as made:
        yield made
