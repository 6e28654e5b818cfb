"""Rules of a hub that was put back, broken on purpose in a short story each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from api import test_restored as restored
from api import test_restored_listed as listed
from api import test_restored_noticed as noticed_by
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


@contextmanager
def noticed(
    hub: Hub, *, announced: bool, by: type[Exception] = AssertionError, saying: str | None = None
) -> Iterator[Callable[[], None]]:
    """The story that puts the hub back in the body ends in this error."""
    going = hub.put_back(announced=announced)
    with pytest.raises(by, match=saying):
        yield lambda: next(going)
    going.close()


def nothing_is_told(patch: pytest.MonkeyPatch) -> None:
    """B-2: a phone that is told no news has nothing that gives it away."""
    patch.setattr(restores, "latest", lambda _: None)


@pytest.mark.parametrize("break_", [nothing_is_told, nothing_comes_back], ids=lambda break_: break_.__name__)
def test_a_restore_that_is_slept_through_is_noticed(
    own_hub: Hub, monkeypatch: pytest.MonkeyPatch, break_: Break
) -> None:
    break_(monkeypatch)
    with noticed(own_hub, announced=True) as put_back:
        restored.test_a_replaced_phone_brings_back_too(own_hub, put_back)


def test_news_that_pass_by_a_lost_write_are_noticed(own_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """B-2: no cursor gives this restore away."""
    monkeypatch.setattr(Keeper, "_is_awaited", lambda *_: False)
    with noticed(own_hub, announced=False) as put_back:
        restored.test_what_was_stored_ahead_of_the_cursor_comes_back_too(
            own_hub, put_back, monkeypatch, 0, 200, lines=False
        )


def test_what_is_missing_and_not_listed_is_noticed(own_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """B-3."""
    monkeypatch.setattr(missing, "tell", lambda *_: None)
    with noticed(own_hub, announced=True, by=KeyError, saying="12286") as put_back:  # its unit is not in the list
        listed.test_what_nobody_brings_back_is_listed_until_it_comes(own_hub, put_back)


def test_a_lost_unit_whose_cursor_nobody_looks_at_is_noticed(own_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """B-1."""
    monkeypatch.setattr(feed, "is_strange", lambda _session, _cursors, answered: any(c.reset for c in answered))
    with noticed(own_hub, announced=False) as put_back:
        noticed_by.test_who_lost_the_unit_before_anybody_was_heard_gives_it_away(own_hub, put_back)


def test_a_stream_that_comes_back_and_is_believed_is_noticed(own_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """L-10."""
    monkeypatch.setattr(Keeper, "_is_untold", lambda *_: False)
    with noticed(own_hub, announced=False) as put_back:
        places.test_who_comes_back_to_a_unit_brings_what_was_lost_while_away(own_hub, put_back, monkeypatch, page=1)
