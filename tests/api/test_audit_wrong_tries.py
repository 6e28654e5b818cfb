"""Wrong passwords and codes in the audit log: many tries become few lines, and hold nobody up."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from server.core import acting, clock
from server.core.db import db, reading, writing
from server.models import WrongTry
from server.services.access import tries
from server.services.audit import log
from server.services.audit.acts import Act
from support.checks.audit_log import faults, lines, some_lines
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def test_wrong_tries_become_lines_where_nobody_acts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those tried most are named; of several addresses none is."""
    some_lines(world, 1)
    now = clock.now_ms()
    with world.app.app_context():
        with clock.stopped_at(now - 120_000), writing() as session:
            for number in range(25):
                acting.begin(f"203.0.113.{number}")
                log.count_wrong(session, Act.WRONG_PASSWORD, f"{number:016d}", times=number + 1)
            acting.begin("203.0.113.99")
            log.count_wrong(session, Act.WRONG_PASSWORD, f"{24:016d}")
        acting.end()
        with writing() as session:
            log.count_wrong(session, Act.WRONG_CODE)
        assert lines(world, "wrong_password") == [], "looked for a moment ago"
        monkeypatch.setattr(log, "EVERY_S", 0)
        with writing() as session:
            log.count_wrong(session, Act.WRONG_CODE)
    found = lines(world, "wrong_password")
    assert {line.about_id: line.times for line in found if line.about_id} == {
        f"{number:016d}": number + 1 + (number == 24) for number in range(5, 25)
    }
    assert [(line.new, line.times) for line in found if not line.about_id] == [('{"accounts":5}', 15)]
    assert {line.address for line in found if line.about_id == f"{24:016d}"} == {""}
    assert {line.address for line in found if line.about_id == f"{23:016d}"} == {"203.0.113.23"}


@pytest.mark.slow
@pytest.mark.costly
def test_a_thousand_wrong_tries_make_few_lines_and_hold_nothing_up(world: World) -> None:
    """Of 50 accounts and more addresses, in two minutes; who acts meanwhile does not wait for any of them."""
    people = [f"{number:016d}" for number in range(50)]
    begin = clock.now_ms() // 60_000 * 60_000 - 3_600_000
    with world.app.app_context():
        for number in range(1000):
            subject = "" if number % 2 else people[number % 7 if number < 700 else number % 50]
            address = f"203.0.{number % 250}.7"
            with clock.stopped_at(begin + (number % 2) * 60_000), writing() as session:
                acting.begin(address)
                tries.fail(session, tries.keys(subject or f"ai{number}", address, None))
                log.count_wrong(session, Act.WRONG_PASSWORD, subject)
        acting.end()
        with reading() as session:
            counted_rows = session.query(WrongTry).count()
        some_lines(world, 1)
        with reading() as session:
            assert session.query(WrongTry).count() == 0
    assert counted_rows <= 51
    found = lines(world, "wrong_password")
    assert 2 <= len(found) <= 2 * (log.LINES + 1)
    assert sum(line.times for line in found) == 1000
    assert sum(line.times for line in found if not line.about_id and not line.new) == 500, "of no account"
    others = [line for line in found if line.new]
    assert all(line.new.startswith('{"accounts":') for line in others)
    assert {line.at for line in found} == {begin, begin + 60_000}
    assert faults(world) == []


@pytest.mark.databases("both")
def test_wrong_tries_do_not_wait_for_the_chain(world: World) -> None:
    """Somebody holds the chain's lock; a wrong try is counted at once."""
    some_lines(world, 1)
    with world.app.app_context():
        engine = db.engine
        if engine.dialect.name == "sqlite":
            pytest.skip("SQLite has one writer at a time, whatever it writes")
        with engine.begin() as holder:
            holder.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": log.LOCK})
            with writing() as session:  # who waits for the lock is refused after 15 s (core/db.py)
                log.count_wrong(session, Act.WRONG_PASSWORD, world.officers["xa1"])
