"""Each rule is broken once on purpose, and the suite must notice: a test that cannot fail proves nothing.

A break is one rule of SPEC turned off in the code that keeps it, as a slip would do it, in the server or in the phone
app that is shipped. Most are given to random histories (breaks.py); rules that no history can tell from a truth of its
own are given to the vectors, or to a short story (test_broken_stories.py).
That positions are taken under the stream's lock is broken in tests/chaos/test_gap.py.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyFailure
from property import even
from property.breaks import APP_KEPT, BREAKS, IN_THE_APP, KEPT, Break, seen_is_ignored
from property.restored import Clock, Restored
from unit import test_vectors as vectors

from support.clients.pictures import tell
from support.clients.shipped import ROOT, ActFailedError, AppStuckError, PhoneHost, build
from support.world.world import World
from sync import record as record_rules
from sync.record import State

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("small_pages")]
EXAMPLES = 150
"""At most so many histories until a break must have been noticed; most need fewer than ten."""
STEPS = 35
MOST_S = 3600
"""So many histories take some minutes, and longer beside other work, which is no failure."""


@pytest.fixture(autouse=True)
def restores_at_other_times(monkeypatch: pytest.MonkeyPatch) -> None:
    Clock.goes(monkeypatch)


NUMBERS = itertools.count(1)


NOTICED = (AssertionError, LookupError, ValueError, ActFailedError, AppStuckError, FlakyFailure)
"""A phone that was told what cannot be may also stumble."""


def histories(one_world: World, host: PhoneHost, examples: int, favoured: Sequence[str] = ()) -> None:
    """Run them without shrinking: that one fails is all that is asked."""
    Restored.world, Restored.host, Restored.ids = one_world, host, NUMBERS

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def history(data: st.DataObject) -> None:
        even.run(Restored, STEPS, data, favoured)

    history()


def noticed(one_world: World, host: PhoneHost, favoured: Sequence[str]) -> None:
    """Says in which history; `pytest -rP` shows it."""
    even.taken.clear()
    with pytest.raises(NOTICED):
        histories(one_world, host, EXAMPLES, favoured)
    print(f"noticed in history {even.taken['histories']}")


def test_unbroken(one_world: World, phones: PhoneHost) -> None:
    histories(one_world, phones, 2)


@pytest.mark.parametrize(
    "break_",
    [pytest.param(each, marks=[] if each in KEPT else [pytest.mark.costly(soak=True)]) for each in BREAKS],
    ids=lambda break_: break_.__name__,
)
@pytest.mark.costly
@pytest.mark.timeout(MOST_S)
def test_histories_notice(one_world: World, phones: PhoneHost, monkeypatch: pytest.MonkeyPatch, break_: Break) -> None:
    break_(monkeypatch)
    noticed(one_world, phones, BREAKS[break_])


@pytest.mark.parametrize("break_", BREAKS, ids=lambda break_: break_.__name__)
def test_what_is_broken_in_the_server_is_there(monkeypatch: pytest.MonkeyPatch, break_: Break) -> None:
    """A rule that moved takes its break along; only `make soak` runs all of them."""
    break_(monkeypatch)


@pytest.mark.parametrize("rule", IN_THE_APP)
def test_what_is_broken_in_the_app_is_there(rule: str) -> None:
    """Once: bundling says so too, but only where all of them run."""
    for file, text, _ in IN_THE_APP[rule].faults:
        assert (ROOT / "pwa" / "src" / file).read_text("utf-8").count(text) == 1


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(each, marks=[] if each.startswith(APP_KEPT) else [pytest.mark.costly(soak=True)])
        for each in IN_THE_APP
    ],
)
@pytest.mark.costly
@pytest.mark.timeout(MOST_S)
def test_histories_notice_in_the_app(one_world: World, tmp_path: Path, rule: str) -> None:
    break_ = IN_THE_APP[rule]
    with PhoneHost.of(build(tmp_path / "app", break_.faults)) as host:
        tell(host)
        noticed(one_world, host, break_.favoured)


# --- rules that are their own truth: the vectors ---------------------------------------


def a_delete_hides_what_it_has_not_seen(patch: pytest.MonkeyPatch) -> None:
    """S-7."""
    deleted = property(lambda self: any(write.set["deleted"] is True for write in self.fields.get("deleted", ())))
    patch.setattr(State, "hidden", deleted)


def the_latest_side_is_the_value(patch: pytest.MonkeyPatch) -> None:
    """S-3, S-4."""
    patch.setattr(State, "sides", lambda self, name: [write.set[name] for write in self.fields.get(name, ())][:1])


def an_own_id_in_seen_counts(patch: pytest.MonkeyPatch) -> None:
    """S-1."""
    survivors = record_rules.survivors

    def suicidal(writes: Any) -> Any:
        found = survivors(writes)
        return {name: tuple(w for w in alive if w.id not in w.seen) for name, alive in found.items()}

    patch.setattr(record_rules, "survivors", suicidal)


@pytest.mark.parametrize(
    "break_",
    [a_delete_hides_what_it_has_not_seen, the_latest_side_is_the_value, an_own_id_in_seen_counts, seen_is_ignored],
    ids=lambda break_: break_.__name__,
)
def test_vectors_notice(monkeypatch: pytest.MonkeyPatch, break_: Break) -> None:
    break_(monkeypatch)
    failed = []
    for case in vectors.cases("record"):
        try:
            vectors.test_record(*case.values)
        except AssertionError:
            failed.append(case.id)
    assert failed
