"""Histories in which every kind of step is likely, watched from outside: a slice here, 10,000 each in `make soak`.

They run in lots of a hundred, each with a seed of its own, so that a lot that failed can be run again: put its seed
into KEPT, and it runs in every test from then on.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from property import even
from property.watched import Watched

from server.services import exchange
from support.databases import ENGINES, Engine
from support.world import World
from support.world import world as make_world

KEPT: tuple[int, ...] = ()
"""Seeds of lots that once failed."""
LOT = 100
STEPS = 40
ASKED = int(os.environ.get("LOA_HISTORIES", "20"))
FIRST = int(os.environ.get("LOA_FIRST_SEED", "1"))


@pytest.fixture(scope="module", params=ENGINES)
def one_world(request: pytest.FixtureRequest, database_engine: Callable[[str], Engine]) -> Iterator[World]:
    url = database_engine(request.param).fresh()
    with TemporaryDirectory(prefix="loa-") as folder, make_world(url, Path(folder) / "data") as made:
        yield made


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "RECORDS_PER_PAGE", 3)
    monkeypatch.setattr(exchange, "BLOCK_RECORDS", 2)


def test_even_histories(one_world: World) -> None:
    Watched.world, Watched.ids = one_world, itertools.count(1)
    even.taken.clear()
    lots = [(number, LOT) for number in KEPT]
    lots += [(FIRST + at // LOT, min(LOT, ASKED - at)) for at in range(0, ASKED, LOT)]
    for number, examples in lots:
        _lot(number, examples)
        if ASKED > LOT:
            print(f"seed {number}: {even.taken['histories']} histories", flush=True)
    steps = {name: count for name, count in even.taken.items() if name != "histories"}
    print(f"{even.taken['histories']} histories, {sum(steps.values())} steps: {dict(sorted(steps.items()))}")
    assert set(steps) <= set(even.rules(Watched))


def _lot(number: int, examples: int) -> None:
    @seed(number)
    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def history(data: st.DataObject) -> None:
        even.run(Watched, STEPS, data)

    history()
