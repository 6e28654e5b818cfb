"""Hypothesis: a slice here, more with `--hypothesis-profile=more` or `soak`. Histories of a file share one server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings

from server.services.exchange import round_trip
from support.installation.databases import Sqlite
from support.world.world import World, fill
from support.world.world import world as make_world

settings.register_profile("slice", max_examples=25, deadline=None, derandomize=True)
settings.register_profile("more", max_examples=300, deadline=None)
settings.register_profile("soak", max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("slice")


@pytest.fixture(scope="module")
def one_world() -> Iterator[World]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="loa-")))
        yield stack.enter_context(make_world(Sqlite(folder).fresh(fill), folder / "data"))


@pytest.fixture
def own_world(tmp_path: Path) -> Iterator[World]:
    with make_world(Sqlite(tmp_path).fresh(fill), tmp_path / "data") as made:
        yield made


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of three records and blocks of two, so that a pull of several pages is the ordinary case."""
    monkeypatch.setattr(round_trip, "RECORDS_PER_PAGE", 3)
    monkeypatch.setattr(round_trip, "BLOCK_RECORDS", 2)
