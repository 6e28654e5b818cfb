"""What changes while hints are made: no change is lost, and nobody waits for another who waits for him."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from desk.test_hints import EVENT, HERE, hint, refreshed, rules
from sqlalchemy import event

from server.core.db import reading, writing
from server.services.hints import alike_rules, grades, refreshing
from server.services.hints.grades import save_populations
from server.services.hints.rules import RULES
from server.services.units.scope import Scope
from support.clients.phone import MakePhone
from support.world.world import World

PATIENCE_S = 10
A_MOMENT_S = 0.5


def elsewhere(world: World, act: Callable[[Any, Scope], Any]) -> Any:
    """Do it in a transaction of another worker."""

    def run() -> Any:
        with world.app.app_context(), writing() as session:
            return act(session, Scope(session, world.officers["tinh"]))

    with ThreadPoolExecutor(1) as other:
        return other.submit(run).result(PATIENCE_S)


def test_a_change_between_reading_and_storing_makes_hints_anew(
    world: World, phone: MakePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number of people comes while hints are made that do not know it yet."""
    officer = phone("xa1")
    record = officer.create("event", **EVENT | {"attendances": 300, "place": HERE})
    officer.sync()
    look, saved = alike_rules.look, list[object]()

    def looking(*args: Any) -> Any:
        if not saved:
            people = {"12286": 250}
            saved.append(
                elsewhere(world, lambda session, scope: save_populations(session, scope, world.campaign, people))
            )
        return look(*args)

    monkeypatch.setattr(alike_rules, "look", looking)
    refreshed(world)
    assert saved == [[]]
    assert "number_people" in rules(world, record)
    with world.app.app_context(), reading() as session:
        assert not refreshing.is_due(session)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_grades_and_new_hints_are_written_in_one_order(world: World, phone: MakePhone) -> None:
    """Grades of two rules are set, one after the other, while the job replaces hints of both."""
    officer = phone("xa1")
    record = officer.create("event", **EVENT | {"attendances": 300, "held_on": "2021-09-10"})
    officer.sync()
    refreshed(world)
    first, second = sorted(rules(world, record), key=list(RULES).index)[:2]

    def graded(session: Any, scope: Scope, grade: str, *names: str) -> None:
        wanted = grades.of_campaign(session, world.campaign) | dict.fromkeys(names, grade)
        grades.save(session, scope, world.campaign, wanted)

    elsewhere(world, lambda session, scope: graded(session, scope, "look", first))
    elsewhere(world, lambda session, scope: graded(session, scope, "note", first))  # now its row is behind the other's
    elsewhere(world, lambda session, scope: graded(session, scope, "look", second))
    officer.edit(record, attendances=301)
    officer.sync()
    between = threading.Event()

    def pausing(session: Any, scope: Scope) -> None:
        def pause(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            if statement.startswith("UPDATE hint ") and not between.is_set():
                between.set()
                threading.Event().wait(A_MOMENT_S)

        event.listen(session.connection(), "after_cursor_execute", pause)
        graded(session, scope, "look", first)
        graded(session, scope, "note", second)

    with ThreadPoolExecutor(1) as other:
        setting = other.submit(elsewhere, world, pausing)
        assert between.wait(PATIENCE_S)
        refreshed(world)
        setting.result(PATIENCE_S)
    assert (hint(world, record, first).grade, hint(world, record, second).grade) == ("look", "note")
