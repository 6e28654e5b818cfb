"""Histories that failed once, cut down by hand to the steps it takes; what failed is said with each."""

from __future__ import annotations

import itertools

import pytest
from property.restored import Clock, Restored

from server.core.db import reading
from server.models import Stream
from support.clients.shipped import PhoneHost
from support.world.world import World

pytestmark = pytest.mark.usefixtures("small_pages")


@pytest.fixture
def one(own_world: World, phones: PhoneHost, monkeypatch: pytest.MonkeyPatch) -> Restored:
    """A history that has not begun."""
    Clock.goes(monkeypatch)
    Restored.world, Restored.host, Restored.ids = own_world, phones, itertools.count(1)
    return Restored()


@pytest.mark.slow
@pytest.mark.parametrize("fate", ["corrected", "twice", "discarded"])
def test_a_form_outlives_its_record(one: Restored, fate: str) -> None:
    """F-42: it was saved as an edit of a record that nobody has, which waited for 30 days."""
    one.begin(communes=1, campaigns=1)
    one.outlive(who=0, pick=1, name="note", word="b", fate=fate)
    one.save_form(pick=0, word="c")
    outbox = one.phones[0].outbox
    made = [row["id"] for row in outbox if row["id"] == row["record"]]
    assert len(made) == 1
    assert {row["record"] for row in outbox} == set(made)
    one.sync(who=0)
    (record,) = one.phones[0].records.values()
    assert record["shown"]["note"] == ["c"]
    assert record["shown"].get("hamlet") == (None if fate == "discarded" else ["b"])
    one.teardown()


@pytest.mark.slow
def test_a_merger_that_is_lost_takes_no_place_to_write_to(one: Restored) -> None:
    """L-6: with its successor it put records into campaigns that the district had no part in, which never came back."""
    one.begin(communes=2, campaigns=1)
    one.back_up_the_hub()
    before = _places(one)
    one.merge(pick=0, with_people=False)
    assert _places(one) == before
    one.sync(who=0)
    one.put_the_hub_back(pick=0, announced=True, marked=False)
    for pick in range(len(one.phones[0].cursors)):
        one.create(who=0, pick=pick, word="a")
    one.teardown()


@pytest.mark.slow
def test_figures_that_are_back_before_what_they_covered_cover_it_again(one: Restored) -> None:
    """L-19: what had come back of it was sealed before, so the later act left no trace."""
    one.begin(communes=1, campaigns=1)
    one.create(who=0, pick=0, word="a")
    one.sync(who=0)
    one.confirm(who=0, pick=0)
    one.sync(who=0)
    one.sync(who=2)
    one.back_up_the_hub()
    one.create(who=2, pick=0, word="b")
    one.sync(who=2)
    one.confirm(who=0, pick=0)
    one.sync(who=0)
    one.put_the_hub_back(pick=0, announced=True, marked=True)
    one.sync(who=0)
    one.sync(who=2)
    one.teardown()


@pytest.mark.slow
def test_a_restore_is_of_the_days_of_its_own_history(one: Restored) -> None:
    """L-19: after a few hundred others it was weeks after the figures were confirmed, and too late to put them back."""
    Clock.hours = 31 * 24
    one.begin(communes=1, campaigns=1)
    one.create(who=0, pick=0, word="a")
    one.sync(who=0)
    one.back_up_the_hub()
    one.confirm(who=0, pick=0)
    one.sync(who=0)
    one.put_the_hub_back(pick=0, announced=True, marked=True)
    one.sync(who=0)
    one.teardown()


@pytest.mark.slow
def test_what_the_worker_handed_in_while_the_app_was_closed_is_there_once(one: Restored) -> None:
    """X-35, X-16: no history failed at it; this shows that it sends, and that the app asks for what became of it."""
    one.begin(communes=1, campaigns=1)
    one.create(who=0, pick=0, word="a")
    made = {row["id"] for row in one.phones[0].outbox}
    one.hand_in(who=0, what="lost", kill=None)
    assert one.acknowledged.keys() == made
    assert {row["id"] for row in one.phones[0].outbox} == made
    one.sync(who=0)
    assert [row["state"] for row in one.phones[0].writes] == ["landed"]
    one.teardown()


def _places(one: Restored) -> set[tuple[str, str]]:
    with one.world.app.app_context(), reading() as session:
        found = session.execute(one.land.streams().with_only_columns(Stream.unit_id, Stream.campaign_id))
        return {(unit, campaign) for unit, campaign in found}
