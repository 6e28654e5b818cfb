"""Days of the audit log that are past their time go, old heads are compacted, and what is left verifies as before."""

from __future__ import annotations

import pytest

from server.core import clock
from server.core.db import writing
from server.services.audit import heads, retention
from server.services.audit.chain import ChainKeys
from server.services.audit.naming import FaultKind
from server.serving.installation import installed
from support.checks.audit_log import DAY_MS, faults, heads_file, lines, some_lines, sql, tamper, verdict
from support.jobs.inline import done
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def compacted(world: World, today: str) -> int:
    return heads.compact(heads_file(world), today, ChainKeys.of(installed(world.app).keyring))


@pytest.mark.databases("both")
def test_days_past_their_time_go_and_the_rest_verifies(world: World) -> None:
    now = clock.now_ms()
    for ago in (3660, 3659, 3658, 20, 0):
        with clock.stopped_at(now - ago * DAY_MS):
            some_lines(world, 3)
    assert len(lines(world)) == 16
    before = heads_file(world).read_bytes().count(b"\n")
    assert done(world, "audit.retain").state == "done"
    left = lines(world)
    assert [line.act for line in left][-3:] == ["days_removed"] * 3
    assert left[0].number == 11
    assert {line.actor_kind for line in left[-3:]} == {"job"}
    assert verdict(world).removed == 10
    assert faults(world) == []
    with world.app.app_context():
        compacted(world, clock.today().isoformat())
    assert heads_file(world).read_bytes().count(b"\n") < before
    assert faults(world) == []
    done(world, "audit.retain")
    assert len(lines(world)) == len(left), "nothing is left to remove"
    tamper(world, sql("DELETE FROM audit_day WHERE first > 4"))
    assert faults(world) != []


def test_the_last_line_stays_however_old_and_with_no_limit_all_do(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.stopped_at(clock.now_ms() - 3660 * DAY_MS):
        some_lines(world, 3)
    with world.app.app_context(), writing() as session:
        assert not retention.remove_oldest(session, 3650)
    assert len(lines(world)) == 4
    jobs = installed(world.app).jobs
    some_lines(world, 1)
    monkeypatch.delitem(jobs.kinds, retention.KIND)
    monkeypatch.delitem(jobs.chores, "audit.compact_heads")
    retention.register(jobs, heads_file(world).parent, 0, installed(world.app).keyring)
    assert done(world, retention.KIND).state == "done"
    assert len(lines(world)) == 5
    assert faults(world) == []


def test_heads_of_today_all_stay(world: World) -> None:
    some_lines(world, 4)
    with world.app.app_context():
        assert compacted(world, clock.today().isoformat()) == 0
        assert verdict(world).witnesses == 4
        assert compacted(world, "9999-12-31") == 8


def test_a_cut_tail_is_still_known_when_old_heads_are_gone(world: World) -> None:
    """Who deletes the last lines and lets the server write on is known by the head that nothing continues."""
    some_lines(world, 6)
    tamper(world, sql("DELETE FROM audit_line WHERE number > 4"))
    some_lines(world, 4)
    assert {kind for kind, *_ in faults(world)} == {FaultKind.CUT_TAIL}
    with world.app.app_context():
        compacted(world, "9999-12-31")
    assert {kind for kind, *_ in faults(world)} == {FaultKind.CUT_TAIL}
