"""Forty-six ways to tamper with the log by SQL and by files: each is found and named (audit/outside.py).

Whoever does it writes every table and every file of the machine, but has no key.
"""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from server.core import atomic_files, clock
from server.core.db import db, reading
from server.services.audit import heads, log, outside, verifying, witness
from server.services.audit.acts import Act
from server.services.audit.chain import ChainKeys
from server.services.audit.naming import FaultKind
from server.services.cases import case_log, log_verifying
from server.services.keyholders.vault import Vault
from support.checks.audit_log import DAY_MS, faults, heads_file, lines, some_lines, sql, tamper, verdict
from support.clients.phone import Phone
from support.world.cases import entitle
from support.world.world import World

K = FaultKind
Tamper = Callable[[World], object]


def keys_of(world: World) -> ChainKeys:
    return ChainKeys.of(world.keyring)


def cases_file(world: World) -> Path:
    return heads_file(world).with_name(heads.CASES)


def run(*statements: str) -> Tamper:
    def act(world: World) -> None:
        for statement in statements:
            tamper(world, sql(statement))

    return act


def both(*acts: Tamper) -> Tamper:
    def act(world: World) -> None:
        for each in acts:
            each(world)

    return act


def edited(change: Callable[[list[bytes]], list[bytes]], of: Callable[[World], Path] = heads_file) -> Tamper:
    def act(world: World) -> None:
        path = of(world)
        path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))

    return act


def bent(place: int, **more: Any) -> Callable[[list[bytes]], list[bytes]]:
    """Alter a line's own content; its tag stays."""

    def change(texts: list[bytes]) -> list[bytes]:
        texts[place] = (json.dumps(json.loads(texts[place]) | more) + "\n").encode()
        return texts

    return change


def without(*places: int) -> Callable[[list[bytes]], list[bytes]]:
    def change(texts: list[bytes]) -> list[bytes]:
        gone = {place % len(texts) for place in places}
        return [text for place, text in enumerate(texts) if place not in gone]

    return change


def removed(of: Callable[[World], Path] = heads_file) -> Tamper:
    return lambda world: of(world).unlink()


def goes_on(world: World) -> None:
    some_lines(world, 2)


def swapped(texts: list[bytes]) -> list[bytes]:
    return [*texts[:2], texts[3], texts[2], *texts[4:]]


def plain(texts: list[bytes]) -> list[bytes]:
    """As an earlier Loa wrote it: without tags, so anybody could."""
    found = []
    for text in texts[1:]:
        said = json.loads(text)
        names = heads.Head._fields if said["what"] == heads.INTENDED else ("kept", "mac")
        found.append((json.dumps(dict(zip(names, said["data"], strict=True))) + "\n").encode())
    return found


def forged(world: World) -> None:
    """Cut the log and write a file of heads anew, with a key of one's own."""
    other = ChainKeys("mine", {"mine": b"k" * 32})
    path = heads_file(world)
    kept = [head for head in heads.read(path, keys_of(world)).heads if head.n <= 4]
    of = heads.of_file(path)
    path.unlink()
    heads.begin(path, of, other)
    for head in kept:
        heads.intend(path, head, other)
        heads.keep(path, head, other)


def triggers(sqlite: str, postgresql: str) -> Tamper:
    def act(world: World) -> None:
        with world.app.app_context(), db.engine.begin() as connection:
            is_sqlite = connection.dialect.name == "sqlite"
            for statement in (sqlite if is_sqlite else postgresql).split(";; "):
                connection.exec_driver_sql(statement)

    return act


CUT = "DELETE FROM audit_line WHERE number > 5"
BY_SQL: dict[str, tuple[Tamper, FaultKind]] = {
    "a line changed": (run("UPDATE audit_line SET address = 'x' WHERE number = 4"), K.CHANGED),
    "its act": (run("UPDATE audit_line SET act = 'signed_out' WHERE number = 4"), K.CHANGED),
    "its actor": (run("UPDATE audit_line SET actor_id = 'x' WHERE number = 4"), K.CHANGED),
    "its time": (run("UPDATE audit_line SET at = at - 1 WHERE number = 4"), K.CHANGED),
    "its count": (run("UPDATE audit_line SET times = 2 WHERE number = 4"), K.CHANGED),
    "its mac": (run("UPDATE audit_line SET mac = replace(mac, substr(mac, 1, 1), 'x') WHERE number = 4"), K.CHANGED),
    "its key": (run("UPDATE audit_line SET key_id = 'x' WHERE number = 4"), K.KEY_MISSING),
    "a line deleted": (run("DELETE FROM audit_line WHERE number = 4"), K.MISSING),
    "the first line deleted": (run("DELETE FROM audit_line WHERE number = 1"), K.MISSING),
    "two lines swapped": (
        run(
            "UPDATE audit_line SET number = -number WHERE number IN (4, 7)",
            "UPDATE audit_line SET number = 11 + number WHERE number < 0",
        ),
        K.REORDERED,
    ),
    "the end cut": (run(CUT), K.CUT_TAIL),
    "the end cut, and the server goes on": (both(run(CUT), goes_on), K.CUT_TAIL),
    "the log emptied": (run("DELETE FROM audit_line"), K.EMPTIED),
    "retention forged": (
        run(
            "INSERT INTO audit_day SELECT '2020-01-01', 1, 3, mac, key_id, mac FROM audit_line WHERE number = 3",
            "DELETE FROM audit_line WHERE number <= 3",
        ),
        K.FORGED_DAY,
    ),
    "the row of the end deleted": (run("DELETE FROM audit_head"), K.HEADS_UNNAMED),
    "it deleted, and the server goes on": (both(run("DELETE FROM audit_head"), goes_on), K.HEADS_UNNAMED),
    "the row's number set back": (run("UPDATE audit_head SET nth = 2"), K.HEADS_UNNAMED),
    "the row's tag": (run("UPDATE audit_head SET tag = 'x'"), K.HEADS_UNNAMED),
    "a trigger dropped": (
        triggers("DROP TRIGGER audit_line_no_delete", "DROP TRIGGER audit_line_no_change ON audit_line"),
        K.TRIGGERS,
    ),
    "a trigger that does nothing": (
        triggers(
            "DROP TRIGGER audit_line_no_update;; "
            "CREATE TRIGGER audit_line_no_update BEFORE UPDATE ON audit_line WHEN 0 BEGIN SELECT 1; END",
            "CREATE OR REPLACE FUNCTION audit_refused() RETURNS trigger LANGUAGE plpgsql "
            "AS $$ BEGIN RETURN NEW; END $$",
        ),
        K.TRIGGERS,
    ),
    "a trigger too many": (
        triggers(
            "CREATE TRIGGER mine BEFORE INSERT ON audit_line BEGIN SELECT RAISE(IGNORE); END",
            "CREATE RULE mine AS ON INSERT TO audit_line DO INSTEAD NOTHING",
        ),
        K.TRIGGERS,
    ),
    "triggers of the cases' log": (
        triggers("DROP TRIGGER case_log_line_no_update", "DROP TRIGGER case_log_line_kept ON case_log_line"),
        K.TRIGGERS,
    ),
    "triggers of freezes": (
        triggers("DROP TRIGGER frozen_no_delete", "ALTER TABLE frozen DISABLE TRIGGER USER"),
        K.TRIGGERS,
    ),
}
BY_FILES: dict[str, tuple[Tamper, FaultKind]] = {
    "the file removed": (removed(), K.HEADS_MISSING),
    "it removed, and the end cut": (both(run(CUT), removed()), K.HEADS_MISSING),
    "it removed, the end cut, and the server goes on": (both(run(CUT), removed(), goes_on), K.HEADS_MISSING),
    "both files removed": (both(removed(), removed(cases_file)), K.HEADS_MISSING),
    "the file emptied": (edited(lambda _: []), K.HEADS_MISSING),
    "no line of it can be read": (edited(lambda texts: [b"x\n" for _ in texts]), K.HEADS_ALTERED),
    "one line cannot be read": (edited(lambda texts: [*texts[:3], b"{\n", *texts[4:]]), K.HEADS_ALTERED),
    "a head altered": (edited(bent(3, data=[3, 3, "x", "y", 0])), K.HEADS_ALTERED),
    "a commit altered": (edited(bent(4, data=[9, "x"])), K.HEADS_ALTERED),
    "its number": (edited(bent(5, nth=90)), K.HEADS_ALTERED),
    "its id": (edited(bent(5, of="another")), K.HEADS_ALTERED),
    "the key of a head": (edited(bent(5, key="x")), K.HEADS_ALTERED),
    "a line taken out": (edited(without(3)), K.HEADS_ALTERED),
    "two heads swapped": (edited(swapped), K.HEADS_ALTERED),
    "a line twice": (edited(lambda texts: [*texts, texts[-1]]), K.HEADS_ALTERED),
    "its first line taken out": (edited(without(0)), K.HEADS_ALTERED),
    "its end cut": (edited(lambda texts: texts[:-4]), K.HEADS_SHORT),
    "both ends cut alike, not the row": (both(run(CUT), edited(lambda texts: texts[:9])), K.HEADS_SHORT),
    "the tags taken off": (both(run(CUT), edited(plain)), K.HEADS_ALTERED),
    "written anew with another key": (both(run(CUT), forged), K.HEADS_ALTERED),
    "the file of another kind": (lambda world: cases_file(world).replace(heads_file(world)), K.HEADS_ALTERED),
    "the cases' file removed": (removed(cases_file), K.HEADS_MISSING),
    "the cases' end cut": (edited(lambda texts: texts[:1], cases_file), K.HEADS_SHORT),
}


@pytest.fixture
def tried(world: World) -> World:
    """Eight commits, and one of the cases."""
    entitle(world)
    with world.app.app_context():
        case_log.note(Vault(world.keyring), "listed", world.officers["mat_xa"])
    some_lines(world, 8)
    assert faults(world) == []
    return world


@pytest.mark.slow
@pytest.mark.parametrize("how", [*BY_SQL, *BY_FILES])
def test_it_is_found_and_named(tried: World, how: str) -> None:
    act, kind = (BY_SQL | BY_FILES)[how]
    act(tried)
    found = verdict(tried).faults
    assert kind in {fault.kind for fault in found}, found


def test_there_are_forty_six_of_them() -> None:
    assert len(BY_SQL) + len(BY_FILES) == 46


@pytest.mark.slow
def test_two_emptied_logs_are_reported(tried: World, phone: Callable[..., Phone]) -> None:
    """Also when the server goes on: the new log is younger than what the database holds."""
    one = phone("xa1")
    one.create(quantity=1)
    one.sync()
    both(run("DELETE FROM audit_line", "DELETE FROM audit_head", "DELETE FROM case_log_line"), removed())(tried)
    removed(cases_file)(tried)
    assert K.EMPTIED in {kind for kind, *_ in faults(tried)}
    with tried.app.app_context(), reading() as session:
        assert any("empty" in said for said in log_verifying.verify(session))
    with clock.stopped_at(clock.now_ms() + 2 * DAY_MS):
        some_lines(tried, 2)
    assert faults(tried) == [(K.EMPTIED, 1, 1)]


def test_the_last_commit_is_proven_by_the_database_too(tried: World) -> None:
    """Without the line that says that it came about: the row of the end was written with it."""
    first = json.loads(heads_file(tried).read_bytes().splitlines()[-2])["data"][0]
    edited(lambda texts: texts[:-1])(tried)
    tamper(tried, sql(f"DELETE FROM audit_line WHERE number >= {first}"))
    assert [kind for kind, *_ in faults(tried)] == [K.CUT_TAIL]


def test_the_cases_log_cut_with_its_row_and_its_file(tried: World) -> None:
    with tried.app.app_context():
        for _ in range(3):
            case_log.note(Vault(tried.keyring), "listed", tried.officers["mat_xa"])
    run("DELETE FROM case_log_line WHERE number > 2", "DELETE FROM audit_head WHERE file = 'case_heads.ndjson'")(tried)
    edited(lambda texts: texts[:3], cases_file)(tried)
    assert K.HEADS_UNNAMED in {kind for kind, *_ in faults(tried)}


@pytest.mark.parametrize("copied", [False, True])
def test_a_commit_amid_the_check_is_no_fault(
    tried: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, copied: bool
) -> None:
    if copied:
        with tried.app.app_context():
            target = witness.of_setting(str(tmp_path / "copy"))
            log.keep_in(db.engine, tried.keyring, heads_file(tried).parent, target)
        some_lines(tried, 1)
    real = outside.read

    def read_and_go_on(*given: Any) -> outside.OutsideLog:
        seen = real(*given)
        some_lines(tried, 2)
        return seen

    monkeypatch.setattr(outside, "read", read_and_go_on)
    assert faults(tried) == []


def test_a_witness_holds_nobody_up(tried: World, tmp_path: Path) -> None:
    """Another machine holds the file's lock, or the mount hangs."""
    copy = tmp_path / "copy"
    with tried.app.app_context():
        target = witness.of_setting(str(copy))
        log.keep_in(db.engine, tried.keyring, heads_file(tried).parent, target)
    with atomic_files.alone(copy):
        some_lines(tried, 2)
        assert copy.read_bytes() == b""
    assert faults(tried) == []
    assert copy.read_bytes().count(b"\n") > 4


def test_a_line_that_is_no_text_holds_nobody_up(tried: World, tmp_path: Path) -> None:
    heads_file(tried).write_bytes(heads_file(tried).read_bytes().replace(b"audit_heads", b"audit_h\xffads", 1))
    with tried.app.app_context():
        target = witness.of_setting(str(tmp_path / "copy"))
        log.keep_in(db.engine, tried.keyring, heads_file(tried).parent, target)
    some_lines(tried, 2)
    assert K.HEADS_ALTERED in {kind for kind, *_ in faults(tried)}


def test_a_file_of_before_is_taken_over(world: World) -> None:
    """Its heads still count: a cut end of then is found after the first act of the new version."""
    some_lines(world, 6)
    edited(plain)(world)
    cases_file(world).unlink()
    tamper(world, sql("DELETE FROM audit_head"))
    tamper(world, sql("UPDATE audit_line SET about_kind = 'chain' WHERE number = 1"))
    before = {kind for kind, *_ in faults(world)}
    assert before == {K.CHANGED}, "of what the test itself altered, to look like an old log"
    tamper(world, sql("DELETE FROM audit_line WHERE number > 4"))
    some_lines(world, 3)
    assert K.CUT_TAIL in {kind for kind, *_ in faults(world)}
    assert [line.about_kind for line in lines(world, Act.HEADS_BEGUN)] == ["heads"]


def test_heads_of_another_host_are_accepted_or_given_as_copies(tried: World, tmp_path: Path) -> None:
    """The second host has a data folder of its own; verified on one host, the other's heads are missing until then."""
    first = heads_file(tried)
    copy = tmp_path / "other.ndjson"
    first.rename(copy)
    cases_file(tried).unlink()
    some_lines(tried, 2)
    assert [kind for kind, *_ in faults(tried)] == [K.HEADS_MISSING]
    with tried.app.app_context(), reading() as session:
        assert verifying.verify(session, [copy]).faults == []
    with tried.app.app_context():
        log.note(Act.HEADS_ACCEPTED, ("heads", heads.of_file(copy)))
    assert faults(tried) == []


def test_copies_off_the_machine_find_what_was_set_back_whole(tried: World, tmp_path: Path) -> None:
    """Lines, file and row are all set back to one earlier moment: nothing on the machine tells. The copy does."""
    copy = tmp_path / "elsewhere" / "heads.ndjson"
    copy.parent.mkdir()
    with tried.app.app_context():
        log.keep_in(db.engine, tried.keyring, heads_file(tried).parent, witness.of_setting(str(copy)))
    some_lines(tried, 2)
    assert faults(tried) == []
    with tried.app.app_context(), db.engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT nth, tag, mac FROM audit_head WHERE file = 'audit_heads.ndjson'").one()
    kept, last = heads_file(tried).read_bytes(), len(lines(tried))
    some_lines(tried, 4)
    heads_file(tried).write_bytes(kept)
    tamper(tried, sql(f"DELETE FROM audit_line WHERE number > {last}"))
    back = f"nth = {row[0]}, tag = '{row[1]}', mac = '{row[2]}'"
    tamper(tried, sql(f"UPDATE audit_head SET {back} WHERE file = 'audit_heads.ndjson'"))
    assert {K.HEADS_SHORT, K.CUT_TAIL} <= {kind for kind, *_ in faults(tried)}
    copy.write_bytes(copy.read_bytes().replace(b'"intended","data":[', b'"intended","data":[1', 1))
    assert K.COPIES_ALTERED in {kind for kind, *_ in faults(tried)}
    copy.unlink()
    assert K.COPIES_MISSING in {kind for kind, *_ in faults(tried)}


def test_a_copy_catches_up_when_its_place_is_back(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place = tmp_path / "mount"
    target = witness.of_setting(str(place / "heads"))
    with world.app.app_context():
        log.keep_in(db.engine, world.keyring, heads_file(world).parent, target)
    with caplog.at_level(logging.WARNING):
        some_lines(world, 3)
        assert target is not None
        target.settle()
    assert "was not copied" in caplog.text
    assert K.COPIES_MISSING in {kind for kind, *_ in faults(world)}
    place.mkdir()
    some_lines(world, 1)
    assert faults(world) == []
    assert (place / "heads").read_bytes().count(b"\n") == heads_file(world).read_bytes().count(b"\n") + 1


def test_a_line_that_catching_up_brought_comes_once(tmp_path: Path) -> None:
    ours, theirs = tmp_path / heads.NAME, witness.CopyFile(tmp_path / "copies")
    ours.write_bytes(b"first\nsecond\nhalf")
    theirs.put(ours, "first\n")
    theirs.put(ours, "second\n")
    theirs.put(ours, "third\n")
    assert theirs.path.read_bytes() == b"first\nsecond\nthird\n"


def test_syslog_gets_each_line_and_what_it_wrote_is_read(tried: World, tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        port = server.getsockname()[1]
        with tried.app.app_context():
            target = witness.of_setting(f"syslog:127.0.0.1:{port}")
            log.keep_in(db.engine, tried.keyring, heads_file(tried).parent, target)
        some_lines(tried, 2)
        got = [server.recv(4096) for _ in range(4)]
    written = tmp_path / "auth.log"
    written.write_bytes(b"".join(b"Nov 30 01:00:00 host " + text.rstrip(b"\0") + b"\n" for text in got))
    with tried.app.app_context(), reading() as session:
        assert verifying.verify(session, [written]).faults == []
    tamper(tried, sql(f"DELETE FROM audit_line WHERE number > {len(lines(tried)) - 2}"))
    edited(lambda texts: texts[:-4])(tried)
    with tried.app.app_context(), reading() as session:
        kinds = {fault.kind for fault in verifying.verify(session, [written]).faults}
    assert {K.CUT_TAIL, K.HEADS_SHORT} <= kinds


@pytest.mark.parametrize("value", ["heads.ndjson", "syslog:", "mail:x", "syslog::5", "syslog:a:b"])
def test_a_setting_that_names_no_place_stops_the_start(value: str) -> None:
    with pytest.raises(witness.BadWitness, match="LOA_AUDIT_WITNESS"):
        witness.of_setting(value)


def test_compacted_files_are_judged_alike(tried: World) -> None:
    """After the month's end: the log of cases keeps no day."""
    with clock.stopped_at(clock.now_ms() + 32 * DAY_MS), tried.app.app_context():
        for path in (heads_file(tried), cases_file(tried)):
            assert heads.compact(path, clock.today().isoformat(), keys_of(tried)) > 0
    assert faults(tried) == []
    some_lines(tried, 2)
    assert faults(tried) == []
    assert verdict(tried).witnesses >= 3
    edited(bent(0, data=["x", []]))(tried)
    assert K.HEADS_ALTERED in {kind for kind, *_ in faults(tried)}
