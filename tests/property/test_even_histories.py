"""Histories in which every kind of step is likely, restores too, watched from outside: a slice here, 2,000 in a soak.

They run in lots of twenty, each with a seed of its own, so that a lot that failed can be run again: put its seed
into KEPT, and it runs in every test from then on.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from property import even
from property.restored import Clock, Restored

from support.clients.shipped import PhoneHost
from support.installation.databases import ENGINES, Engine
from support.world.world import World
from support.world.world import world as make_world

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("small_pages")]
KEPT: tuple[int, ...] = ()
"""Seeds of lots that once failed, run on SQLite alone: what failed was what both share."""
LOT = 20
STEPS = 40
ASKED = int(os.environ.get("LOA_HISTORIES", "12"))
PHASES = list(Phase) if "LOA_SHRINK" in os.environ else [Phase.generate]
"""To shrink one takes minutes: asked for by LOA_SHRINK."""
FIRST = int(os.environ.get("LOA_FIRST_SEED", "1"))


@pytest.fixture(scope="module", params=ENGINES)
def one_world(request: pytest.FixtureRequest, database_engine: Callable[[str], Engine]) -> Iterator[World]:
    url = database_engine(request.param).fresh()
    with TemporaryDirectory(prefix="loa-") as folder, make_world(url, Path(folder) / "data") as made:
        yield made


@pytest.fixture(autouse=True)
def restores_at_other_times(monkeypatch: pytest.MonkeyPatch) -> None:
    Clock.goes(monkeypatch)


def test_even_histories(one_world: World, phones: PhoneHost) -> None:
    Restored.world, Restored.host, Restored.ids = one_world, phones, itertools.count(1)
    even.taken.clear()
    where = str(one_world.app.config["SQLALCHEMY_DATABASE_URI"]).partition(":")[0].partition("+")[0]
    lots = [(number, LOT) for number in KEPT if where == "sqlite"]
    lots += [(FIRST + at // LOT, min(LOT, ASKED - at)) for at in range(0, ASKED, LOT)]
    for number, examples in lots:
        _lot(number, examples)
        if ASKED > LOT:
            print(f"{where}, seed {number}: {even.taken['histories']} histories", flush=True)
    steps = {name: count for name, count in even.taken.items() if name != "histories"}
    print(f"{where}: {even.taken['histories']} histories, {sum(steps.values())} steps: {dict(sorted(steps.items()))}")
    assert set(steps) <= set(even.rules(Restored))


@pytest.mark.costly
def test_a_seed_gives_the_same_histories_again(own_world: World, phones: PhoneHost) -> None:
    """Else a lot that failed could not be looked at."""
    Restored.world, Restored.host, Restored.ids = own_world, phones, itertools.count(1)
    first, again = _lot(7, 3), _lot(7, 3)
    assert first == again
    assert len(first) == 3


def _lot(number: int, examples: int) -> list[str]:
    """What the phones show after each history, without its number."""
    shown = []

    @seed(number)
    @settings(
        max_examples=examples, deadline=None, database=None, phases=PHASES, suppress_health_check=list(HealthCheck)
    )
    @given(st.data())
    def history(data: st.DataObject) -> None:
        one = even.run(Restored, STEPS, data)
        shown.append(str(one.ended).replace(f"{one.land.number:08}", ""))

    history()
    return shown
