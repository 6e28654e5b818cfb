"""A first turn goes before those of a flood (server/core/db.py). The clock stands unless a test moves it."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy.exc import TimeoutError as TooLong

from server.core import db
from server.core.db import FairTurns
from support.waiting import until


class Clock:
    """Seconds that pass when a test says so."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(db, "time", made)
    return made


def queue_up(turns: FairTurns, who: str | None, order: list[str]) -> threading.Thread:
    """Somebody who waits behind those that wait already, and notes the turn."""
    waiting = turns.waiting()

    def go() -> None:
        with turns.turn(who, 30):
            order.append(who or "desk")

    thread = threading.Thread(target=go)
    thread.start()
    until(lambda: turns.waiting() == waiting + 1)
    return thread


def order_of(turns: FairTurns, *comers: str | None) -> list[str]:
    """In which order these have their turns, who come one after the other while somebody else has one."""
    order: list[str] = []
    with turns.turn(None, 1):
        threads = [queue_up(turns, who, order) for who in comers]
    for thread in threads:
        thread.join()
    return order


def had(turns: FairTurns, clock: Clock, who: str, seconds: float) -> None:
    with turns.turn(who, 1):
        clock.now += seconds


def test_a_first_turn_goes_before_those_of_a_flood(clock: Clock) -> None:
    turns = FairTurns(1)
    had(turns, clock, "flood", 0.5)
    assert order_of(turns, "flood", "flood", "honest", None) == ["honest", "desk", "flood", "flood"]


def test_what_was_had_long_ago_is_forgotten(clock: Clock) -> None:
    turns = FairTurns(1)
    had(turns, clock, "once", 0.5)
    clock.now += 5.0
    assert order_of(turns, "once", "honest") == ["once", "honest"]


def test_nobody_waits_for_ever(clock: Clock) -> None:
    """Ten minutes of turns put a device five seconds behind, not more."""
    turns, order = FairTurns(1), list[str]()
    had(turns, clock, "flood", 600.0)
    with turns.turn(None, 1):
        threads = [queue_up(turns, "flood", order)]
        clock.now += 5.1
        threads.append(queue_up(turns, "honest", order))
    for thread in threads:
        thread.join()
    assert order == ["flood", "honest"]


def test_so_many_at_once_and_whoever_gives_up_takes_no_turn() -> None:
    turns = FairTurns(2)
    for _ in range(2):  # and the places are free again
        with turns.turn("a", 1), turns.turn("b", 1):
            with pytest.raises(TooLong), turns.turn("c", 0.01):
                pass
            assert turns.waiting() == 0


def test_devices_that_are_forgotten_are_dropped(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "MOST_KNOWN", 3)
    turns: FairTurns = FairTurns(1)
    name: Callable[[int], str] = "d{}".format
    for number in range(3):
        had(turns, clock, name(number), 0.1)
    clock.now += 60
    had(turns, clock, "last", 0.1)
    assert turns.known() == {"last"}
