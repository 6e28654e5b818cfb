"""The audit log in both databases: stored with the act or not at all, append-only, found when it was altered."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from server.core import actor, clock
from server.core.actor import ActorKind
from server.core.db import db, reading, writing
from server.models import Device, WrongTry
from server.services.access import accounts, tries
from server.services.audit import finding, heads, listing, log, retention, verifying, wrong_tries
from server.services.audit.acts import Act, NotNameable
from server.services.audit.listing import LogFilter
from server.services.audit.naming import FaultKind
from server.services.continuity import marks
from server.services.organisation import staff
from server.services.records import streams
from server.services.units.scope import Scope
from support.checks.audit_log import faults, heads_file, lines, tamper, verdict
from support.checks.counting import counted
from support.clients.client import Client
from support.clients.phone import Phone
from support.jobs.inline import done
from support.world.world import World

pytestmark = pytest.mark.sqlite_first

DAY_MS = 24 * 3600 * 1000


def some_lines(world: World, count: int = 12) -> None:
    """Roles given and ended: each a line."""
    for _ in range(count):
        with world.app.app_context(), writing() as session:
            officer, unit = world.officers["xa1"], world.units["12289"]
            if unit in Scope(session, officer).own_units():
                staff.end_roles(session, officer, unit)
            else:
                staff.give_role(session, officer, unit, "officer")


def test_a_line_says_who_what_when_and_from_where(world: World) -> None:
    before = clock.now_ms()
    as_admin = actor.acting_as(ActorKind.OFFICER, world.officers["quantri"], "203.0.113.9")
    with world.app.app_context(), as_admin, writing() as session:
        staff.give_role(session, world.officers["xa1"], world.units["331"], "reviewer")
    first, line = lines(world)
    assert (first.act, first.about_kind, first.number, first.prev) == ("chain_begun", "chain", 1, "")
    assert (line.act, line.actor_kind, line.actor_id) == ("role_given", "officer", world.officers["quantri"])
    assert (line.about_kind, line.about_id, line.address) == ("officer", world.officers["xa1"], "203.0.113.9")
    assert line.new == f'{{"role":"reviewer","unit":"{world.units["331"]}"}}'
    assert line.unit_id == world.units["331"]
    assert before <= line.at <= clock.now_ms()
    assert faults(world) == []


@pytest.mark.both_databases
def test_an_act_that_rolls_back_leaves_no_line(world: World) -> None:
    some_lines(world, 2)
    held = len(lines(world))

    def fail(session: Session, unit: str) -> None:
        staff.give_role(session, world.officers["xa1"], world.units[unit], "officer")
        raise LookupError

    with world.app.app_context():
        with pytest.raises(LookupError), writing() as session:
            fail(session, "333")
        with writing() as session:
            staff.give_role(session, world.officers["xa1"], world.units["331"], "officer")
            with pytest.raises(LookupError), session.begin_nested():
                fail(session, "333")
    assert [line.new.split('"')[3] for line in lines(world)[held:]] == ["officer"]
    assert lines(world)[-1].unit_id == world.units["331"], "not that of the savepoint"
    assert faults(world) == []


def refused_by_the_file(world: World) -> Callable[[], None]:
    """The disk of the data folder is full."""
    path = heads_file(world)
    path.unlink(missing_ok=True)
    path.symlink_to("/dev/full")
    return path.unlink


def refused_by_the_folder(world: World) -> Callable[[], None]:
    path = heads_file(world)
    path.unlink(missing_ok=True)
    path.mkdir()
    return path.rmdir


def refused_by_the_database(world: World) -> Callable[[], None]:
    """Only the log's own table cannot be written."""

    def run(*statements: str) -> None:
        with world.app.app_context(), db.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))

    with world.app.app_context():
        postgresql = db.engine.dialect.name == "postgresql"
    if postgresql:
        run("CREATE TRIGGER full_up BEFORE INSERT ON audit_line FOR EACH ROW EXECUTE FUNCTION audit_refused()")
        return lambda: run("DROP TRIGGER full_up ON audit_line")
    run("CREATE TRIGGER full_up BEFORE INSERT ON audit_line BEGIN SELECT RAISE(ABORT, 'full'); END")
    return lambda: run("DROP TRIGGER full_up")


@pytest.mark.both_databases
@pytest.mark.parametrize("refuse", [refused_by_the_file, refused_by_the_folder, refused_by_the_database])
def test_what_cannot_be_logged_is_not_done(
    world: World, client: Callable[[str], Client], refuse: Callable[[World], Callable[[], None]]
) -> None:
    phone = client("xa1")
    code = world.code("xa1")
    mend = refuse(world)
    body = {"code": code, "label": "Điện thoại"}
    answer = world.app.test_client().post("/api/v1/enrolment", json=body)
    assert (answer.status_code, answer.get_json()["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"]
    with world.app.app_context(), reading() as session:
        assert session.query(Device).count() == 1, "the old phone, which is not replaced"
        assert session.query(Device).filter(Device.replaced_at.is_not(None)).count() == 0
    assert phone.post("/sync", json={}).status_code == 200, "a push writes no line"
    with world.app.app_context(), pytest.raises(log.NotLogged), writing() as session:
        accounts.disable(session, staff.find_officer(session, "xa1"))  # type: ignore[arg-type]
    assert phone.post("/sync", json={}).status_code == 200
    mend()
    assert world.app.test_client().post("/api/v1/enrolment", json=body).status_code == 201
    assert [line.act for line in lines(world)][-2:] == ["code_used", "device_replaced"]
    assert faults(world) == []


@pytest.mark.both_databases
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


def sql(statement: str) -> Callable[[Any], object]:
    return lambda connection: connection.exec_driver_sql(statement)


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


@pytest.mark.both_databases
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
                wrong_tries.count(session, Act.WRONG_PASSWORD, world.officers["xa1"])
                assert len(streams.lock(session, places=places)) == 2
                log.append(session, Act.SEALED, ("unit", places[0][0]))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    found = lines(world)
    assert [line.number for line in found] == list(range(1, 50))
    assert faults(world) == []
    assert verdict(world).witnesses == 48


@pytest.mark.both_databases
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


@pytest.mark.both_databases
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


def test_wrong_tries_become_lines_where_nobody_acts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those tried most are named; of several addresses none is."""
    some_lines(world, 1)
    now = clock.now_ms()
    with world.app.app_context():
        with clock.stopped_at(now - 120_000), writing() as session:
            for number in range(25):
                actor.begin(f"203.0.113.{number}")
                wrong_tries.count(session, Act.WRONG_PASSWORD, f"{number:016d}", times=number + 1)
            actor.begin("203.0.113.99")
            wrong_tries.count(session, Act.WRONG_PASSWORD, f"{24:016d}")
        actor.end()
        with writing() as session:
            wrong_tries.count(session, Act.WRONG_CODE)
        assert lines(world, "wrong_password") == [], "looked for a moment ago"
        monkeypatch.setattr(log, "EVERY_S", 0)
        with writing() as session:
            wrong_tries.count(session, Act.WRONG_CODE)
    found = lines(world, "wrong_password")
    assert {line.about_id: line.times for line in found if line.about_id} == {
        f"{number:016d}": number + 1 + (number == 24) for number in range(5, 25)
    }
    assert [(line.new, line.times) for line in found if not line.about_id] == [('{"accounts":5}', 15)]
    assert {line.address for line in found if line.about_id == f"{24:016d}"} == {""}
    assert {line.address for line in found if line.about_id == f"{23:016d}"} == {"203.0.113.23"}


@pytest.mark.both_databases
def test_a_push_costs_no_statement(world: World, phone: Callable[..., Phone]) -> None:
    """Writes name their author: not one statement of a push is about the log, however much it stores."""
    some_lines(world, 1)
    one = phone("xa1")
    with world.app.app_context():
        engine = db.engine
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        with counted(engine) as counts:
            for number in range(20):
                one.create(quantity=number + 1)
            one.sync()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert counts.statements > 10
    assert [each for each in seen if "audit" in each or "wrong_try" in each or "advisory" in each] == []
    assert len(lines(world)) == 2


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
                actor.begin(address)
                tries.fail(session, tries.keys(subject or f"ai{number}", address, None))
                wrong_tries.count(session, Act.WRONG_PASSWORD, subject)
        actor.end()
        with reading() as session:
            counted_rows = session.query(WrongTry).count()
        some_lines(world, 1)
        with reading() as session:
            assert session.query(WrongTry).count() == 0
    assert counted_rows <= 51
    found = lines(world, "wrong_password")
    assert 2 <= len(found) <= 2 * (wrong_tries.LINES + 1)
    assert sum(line.times for line in found) == 1000
    assert sum(line.times for line in found if not line.about_id and not line.new) == 500, "of no account"
    others = [line for line in found if line.new]
    assert all(line.new.startswith('{"accounts":') for line in others)
    assert {line.at for line in found} == {begin, begin + 60_000}
    assert faults(world) == []


@pytest.mark.both_databases
def test_wrong_tries_do_not_wait_for_the_chain(world: World) -> None:
    """Somebody holds the chain's lock; a wrong try is counted at once."""
    some_lines(world, 1)
    with world.app.app_context():
        engine = db.engine
        if engine.dialect.name == "sqlite":
            pytest.skip("SQLite has one writer at a time, whatever it writes")
        with engine.begin() as holder:
            holder.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": log.LOCK})
            begun = time.monotonic()
            with writing() as session:
                wrong_tries.count(session, Act.WRONG_PASSWORD, world.officers["xa1"])
            assert time.monotonic() - begun < 5


@pytest.mark.both_databases
@pytest.mark.slow
@pytest.mark.costly
def test_the_index_finds_what_reading_line_by_line_finds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old lines, of every filter and pairs of them; also by a device, and with the clock set back in between."""
    rng, names = random.Random(4), ("xa1", "xa2", "huyen", "dinhcao", "quantri")
    world.token("xa1")
    with world.app.app_context(), reading() as session:
        device = session.scalars(select(Device.id)).one()
    for nth in range(40):
        by = (ActorKind.DEVICE, device) if nth % 9 == 0 else (ActorKind.OFFICER, world.officers[rng.choice(names)])
        at = clock.now_ms() - (60 - nth + (20 if nth in (25, 26) else 0)) * DAY_MS
        with clock.stopped_at(at), actor.acting_as(*by, "203.0.113.9"), world.app.app_context(), writing() as session:
            act, about = rng.choice([Act.SIGNED_IN, Act.SEALED, Act.ROLE_GIVEN]), world.officers[rng.choice(names)]
            log.append(session, act, ("officer", about), new={"unit": rng.choice(sorted(world.units.values()))})
    days = [clock.today() - timedelta(days=ago) for ago in (50, 30)]
    each: list[dict[str, Any]] = [
        {"act": "sealed"},
        {"person": "xa1"},
        {"person": "xa"},
        {"unit": world.units["331"]},
        {"unit": world.units["12397"]},
        {"first": days[0], "last": days[1]},
        {"first": days[1]},
        {"last": days[0]},
        {"before": 30},
    ]
    asked = [LogFilter(**one | other) for one in [{}, *each] for other in each]

    def numbers(most: int) -> list[list[int]]:
        monkeypatch.setattr(finding, "NEWEST", most)
        monkeypatch.setattr(finding, "NEWEST_OF_BOTH", most)
        with world.app.app_context(), reading() as session:
            scope = Scope(session, world.officers["quantri"])
            return [[line.row.number for line in listing.page(session, scope, one).lines] for one in asked]

    one_by_one = numbers(1000)
    assert numbers(1) == one_by_one
    below = [found for one, found in zip(asked, one_by_one, strict=True) if one.before]
    assert {max(found, default=0) < 30 for found in below} == {True}
    assert sum(0 < len(found) < 40 for found in one_by_one) > 50


def test_the_log_holds_no_text(world: World) -> None:
    with world.app.app_context(), writing() as session:
        for values in (
            {"note": "x"},
            {"role": "một câu"},
            {"role": "a b"},
            {"unit": "x" * 33},
        ):
            with pytest.raises(NotNameable):
                log.append(session, Act.ROLE_GIVEN, None, new=values)
        with pytest.raises(NotNameable):
            log.append(session, Act.ROLE_GIVEN, ("officer", "Nguyễn"))
        with pytest.raises(NotNameable):
            log.append(session, Act.ROLE_GIVEN, ("password", "x"))
    with world.app.app_context(), reading() as session, pytest.raises(RuntimeError, match="note"):
        log.append(session, Act.ROLE_GIVEN)
    assert lines(world) == []


@pytest.mark.both_databases
def test_days_past_their_time_go_and_the_rest_verifies(world: World) -> None:
    world.app.extensions["loa_settings"]
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
        heads.compact(heads_file(world), clock.today().isoformat())
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
    jobs = world.app.extensions["loa_jobs"]
    some_lines(world, 1)
    monkeypatch.delitem(jobs.kinds, retention.KIND)
    monkeypatch.delitem(jobs.chores, "audit.compact_heads")
    retention.register(jobs, heads_file(world).parent, 0)
    assert done(world, retention.KIND).state == "done"
    assert len(lines(world)) == 5
    assert faults(world) == []


def test_heads_of_today_all_stay(world: World) -> None:
    some_lines(world, 4)
    with world.app.app_context():
        assert heads.compact(heads_file(world), clock.today().isoformat()) == 0
        assert verdict(world).witnesses == 4
        assert heads.compact(heads_file(world), "9999-12-31") == 6


def test_a_cut_tail_is_still_known_when_old_heads_are_gone(world: World) -> None:
    """Who deletes the last lines and lets the server write on is known by the head that nothing continues."""
    some_lines(world, 6)
    tamper(world, sql("DELETE FROM audit_line WHERE number > 4"))
    some_lines(world, 4)
    assert {kind for kind, *_ in faults(world)} == {FaultKind.CUT_TAIL}
    with world.app.app_context():
        heads.compact(heads_file(world), "9999-12-31")
    assert {kind for kind, *_ in faults(world)} == {FaultKind.CUT_TAIL}


@pytest.mark.both_databases
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


@pytest.mark.both_databases
def test_a_killed_server_is_no_cut_tail(world: World) -> None:
    """The head was written, the commit did not come: then the next one has the number."""
    some_lines(world, 3)
    last = lines(world)[-1]
    heads.intend(heads_file(world), heads.Head(5, 5, last.mac, "f" * 64, clock.now_ms()))
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
