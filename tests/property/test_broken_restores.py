"""Rules of a hub that was put back, broken on purpose in a short story each."""

from __future__ import annotations

from pathlib import Path

import pytest
from api import test_restored as restored
from api import test_restored_listed as listed
from api import test_restored_noticed as noticed
from api import test_restored_places as places
from property.breaks import Break, nothing_comes_back

from server.services import feed, missing, restores
from support.databases import Sqlite
from support.keeper import Keeper
from support.machine import Machine
from support.restored import Hub
from support.world import World


@pytest.fixture
def own_hub(own_world: World, tmp_path: Path) -> Hub:
    """The world of a test, and a machine to put its backup on; its phones keep what was stored."""
    here = Machine(str(own_world.app.config["SQLALCHEMY_DATABASE_URI"]), tmp_path / "data")
    there = tmp_path / "there"
    there.mkdir()
    return Hub(own_world, here, Machine(Sqlite(there).empty(), there), tmp_path / "backup")


def nothing_is_told(patch: pytest.MonkeyPatch) -> None:
    """B-2: a phone that is told no news has nothing that gives it away."""
    patch.setattr(restores, "latest", lambda _: None)


@pytest.mark.parametrize("break_", [nothing_is_told, nothing_comes_back], ids=lambda break_: break_.__name__)
def test_a_restore_that_is_slept_through_is_noticed(
    own_hub: Hub, monkeypatch: pytest.MonkeyPatch, break_: Break
) -> None:
    going = own_hub.put_back(announced=True)
    break_(monkeypatch)
    with pytest.raises(AssertionError):
        restored.test_a_replaced_phone_brings_back_too(own_hub, lambda: next(going))
    going.close()


def test_news_that_pass_by_a_lost_write_are_noticed(own_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """B-2: no cursor gives this restore away."""
    going = own_hub.put_back(announced=False)
    monkeypatch.setattr(Keeper, "_is_awaited", lambda *_: False)
    with pytest.raises(AssertionError):
        restored.test_what_was_stored_ahead_of_the_cursor_comes_back_too(
            own_hub, lambda: next(going), monkeypatch, 0, 200, lines=False
        )
    going.close()


def test_what_is_missing_and_not_listed_is_noticed(own_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """B-3."""
    going = own_hub.put_back(announced=True)
    monkeypatch.setattr(missing, "tell", lambda *_: None)
    with pytest.raises(KeyError, match="12286"):  # its unit is not in the list
        listed.test_what_nobody_brings_back_is_listed_until_it_comes(own_hub, lambda: next(going))
    going.close()


def test_a_lost_unit_whose_cursor_nobody_looks_at_is_noticed(own_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """B-1."""
    going = own_hub.put_back(announced=False)
    monkeypatch.setattr(feed, "is_strange", lambda _session, _cursors, answered: any(c.reset for c in answered))
    with pytest.raises(AssertionError):
        noticed.test_who_lost_the_unit_before_anybody_was_heard_gives_it_away(own_hub, lambda: next(going))
    going.close()


def test_a_stream_that_comes_back_and_is_believed_is_noticed(own_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """L-10."""
    going = own_hub.put_back(announced=False)
    monkeypatch.setattr(Keeper, "_is_untold", lambda *_: False)
    with pytest.raises(AssertionError):
        places.test_who_comes_back_to_a_unit_brings_what_was_lost_while_away(
            own_hub, lambda: next(going), monkeypatch, page=1
        )
    going.close()
