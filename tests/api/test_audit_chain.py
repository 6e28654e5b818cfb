"""The chain of the audit log in both databases: append-only, in order whoever writes at once, and alterations found."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from server.core import clock
from server.core.db import db, reading, writing
from server.services.audit import heads, log, verifying
from server.services.audit.acts import Act
from server.services.audit.naming import FaultKind
from server.services.continuity import marks
from server.services.records import streams
from support.checks.audit_log import DAY_MS, faults, heads_file, lines, some_lines, sql, tamper, verdict
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.databases("both")
def test_no_statement_changes_or_deletes_a_line(world: World) -> None:
    some_lines(world, 3)
    with world.app.app_context():
        is_sqlite = db.engine.dialect.name == "sqlite"
        with db.engine.begin() as connection:
            connection.exec_driver_sql("INSERT INTO audit_day VALUES ('2020-01-01', 90, 91, '', '', '')")
    for statement in (
        "UPDATE audit_line SET actor_id = 'x' WHERE number = 2",
        "DELETE FROM audit_line WHERE number = 2",
        "DELETE FROM audit_line",
        "UPDATE audit_day SET first = 1",
        "DELETE FROM audit_day",
        "REPLACE INTO audit_line SELECT * FROM audit_line WHERE number = 2" if is_sqlite else "TRUNCATE audit_line",
        "REPLACE INTO audit_day SELECT * FROM audit_day" if is_sqlite else "TRUNCATE audit_day",
    ):
        with world.app.app_context(), db.engine.connect() as connection:
            with pytest.raises(DBAPIError, match="append-only"):
                connection.exec_driver_sql(statement)
            connection.rollback()
    tamper(world, sql("DELETE FROM audit_day"))
    assert len(lines(world)) == 4
    assert faults(world) == []


SWAP = (
    "UPDATE audit_line SET number = -number WHERE number IN (4, 7)",
    "UPDATE audit_line SET number = 11 + number WHERE number IN (-4, -7)",
)
TAMPERINGS = {
    "changed": (
        ["UPDATE audit_line SET new = replace(new, 'officer', 'admin') WHERE number = 4"],
        (FaultKind.CHANGED, 4, 4),
    ),
    "deleted": (["DELETE FROM audit_line WHERE number BETWEEN 4 AND 6"], (FaultKind.MISSING, 4, 6)),
    "cut": (["DELETE FROM audit_line WHERE number > 9"], (FaultKind.CUT_TAIL, 10, 13)),
    "all of it": (["DELETE FROM audit_line"], (FaultKind.CUT_TAIL, 1, 13)),
    "swapped": (SWAP, (FaultKind.REORDERED, 4, 4)),
    "removed in the name of retention": (
        [
            "INSERT INTO audit_day SELECT '2020-01-01', 1, 3, mac, key_id, mac FROM audit_line WHERE number = 3",
            "DELETE FROM audit_line WHERE number <= 3",
        ],
        (FaultKind.FORGED_DAY, 1, 3),
    ),
}


@pytest.mark.parametrize("how", TAMPERINGS)
def test_who_writes_every_table_is_found(world: World, how: str) -> None:
    some_lines(world)
    assert faults(world) == []
    statements, expected = TAMPERINGS[how]
    for statement in statements:
        tamper(world, sql(statement))
    assert expected in faults(world)
    if how == "cut":
        some_lines(world, 8)
        assert faults(world) == [expected], "the server goes on, and the cut still shows"


@pytest.mark.databases("both")
def test_the_chain_holds_whoever_writes_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight threads that lock streams, count wrong tries and make a mark with every commit; nobody waits for ever."""
    monkeypatch.setattr(marks, "EVERY_S", 0)
    begin = threading.Barrier(8)
    units = [world.units[code] for code in ("12286", "12289", "12397")]

    def work(number: int) -> None:
        begin.wait()
        for round_ in range(6):
            with world.app.app_context(), writing() as session:
                places = [(units[(number + round_ + nth) % 3], world.campaign) for nth in range(2)]
                log.count_wrong(session, Act.WRONG_PASSWORD, world.officers["xa1"])
                assert len(streams.lock(session, places=places)) == 2
                log.append(session, Act.SEALED, ("unit", places[0][0]))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    found = lines(world)
    assert [line.number for line in found] == list(range(1, 50))
    assert faults(world) == []
    assert verdict(world).witnesses == 48


@pytest.mark.databases("both")
def test_the_chain_holds_without_any_other_lock(world: World) -> None:
    """Eight threads that write nothing but lines."""
    begin = threading.Barrier(8)

    def work(_number: int) -> None:
        begin.wait()
        for _ in range(12):
            with world.app.app_context():
                log.note(Act.LOG_READ)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert [line.number for line in lines(world)] == list(range(1, 98))
    assert faults(world) == []


@pytest.mark.databases("both")
def test_all_pages_of_the_lines_are_verified(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    some_lines(world)
    monkeypatch.setattr(verifying, "AT_ONCE", 5)
    assert verdict(world).lines == 13
    tamper(world, sql("UPDATE audit_line SET address = 'x' WHERE number = 12"))
    assert faults(world) == [(FaultKind.CHANGED, 12, 12)]


def test_decisions_have_a_witness_a_minute_and_anything_else_at_once(world: World) -> None:
    """Also where the commit failed whose witness it was."""
    decided = ("record", "r" * 16)

    def witnesses_after(*acts: Act, fails: bool = False) -> int:
        def fail(_connection: object) -> None:
            raise LookupError

        with world.app.app_context():
            if fails:
                event.listen(db.engine, "commit", fail)
            try:
                with writing() as session:
                    for act in acts:
                        log.append(session, act, decided)
            except LookupError:
                assert fails
            finally:
                if fails:
                    event.remove(db.engine, "commit", fail)
        return verdict(world).witnesses

    assert witnesses_after(Act.LOG_READ) == 1
    assert [witnesses_after(Act.DECIDED) for _ in range(3)] == [1, 1, 1]
    assert witnesses_after(Act.DECIDED, Act.LOG_READ) == 2
    assert witnesses_after(Act.LOG_READ, fails=True) == 2
    assert witnesses_after(Act.DECIDED) == 3
    assert faults(world) == []


@pytest.mark.databases("both")
def test_a_clock_set_back_keeps_the_order(world: World) -> None:
    some_lines(world, 2)
    with clock.stopped_at(clock.now_ms() - 3 * DAY_MS):
        some_lines(world, 2)
    some_lines(world, 1)
    found = verdict(world)
    assert found.faults == []
    assert found.set_back == [4]
    days = [line.day for line in lines(world)]
    assert days == sorted(days)


@pytest.mark.databases("both")
def test_a_killed_server_is_no_cut_tail(world: World) -> None:
    """The head was written, the commit did not come: then the next one has the number."""
    some_lines(world, 3)
    last = lines(world)[-1]
    with world.app.app_context(), reading() as session:
        keys, _ = log.place_of(session)
    heads.intend(heads_file(world), heads.Head(5, 5, last.mac, "f" * 64, clock.now_ms()), keys)
    with heads_file(world).open("ab") as file:
        file.write(b'{"first": 5, "n"')
    assert faults(world) == []
    some_lines(world, 3)
    assert faults(world) == []
    assert verdict(world).witnesses == 6


def test_the_database_of_another_installation_is_named(world: World) -> None:
    """It has a chain of its own, whole and with the same secret."""
    some_lines(world, 4)
    kept = heads_file(world).read_bytes()
    tamper(world, sql("DELETE FROM audit_line"))
    some_lines(world, 6)
    heads_file(world).write_bytes(kept)
    assert [kind for kind, *_ in faults(world)] == [FaultKind.OTHER_INSTALLATION]
