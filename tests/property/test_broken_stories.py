"""Rules that no random history can tell from a truth of its own, broken on purpose in a short story each."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from api import test_moves as moves
from api import test_purged as purged
from property.breaks import (
    a_merger_takes_no_records_along,
    a_position_is_believed_without_its_tag,
    a_pull_has_no_floor,
    what_was_superseded_is_an_echo,
)
from sqlalchemy import select

from server.core.clock import new_id
from server.core.db import db, reading, writing
from server.models import Record
from server.services.exchange import round_trip
from server.services.records import journal
from server.services.records.journal import WriteBatch
from server.services.records.stored import Author
from server.services.review import decisions
from server.services.units import scope
from server.services.units.scope import Scope
from support.clients.client import Client, shot
from support.clients.phone import Phone
from support.clients.uploading import announce
from support.world.changes import leave
from support.world.workload import records
from support.world.world import World
from sync.errors import Refused
from sync.protocol import unpack_runs
from sync.record import State, check_decision
from sync.write import Write

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("small_pages")]


def poison(world: World, patch: pytest.MonkeyPatch) -> None:
    """X-2: one write sets off a fault of ours, the others are stored."""
    writes = records(5, world.units["12286"], world.campaign)
    append = WriteBatch.append

    def faulty(self: WriteBatch, author: Any, stream: Any, kind: str, write: Write) -> Any:
        if write.id == writes[2]["id"]:
            raise AttributeError("a slip of ours")
        return append(self, author, stream, kind, write)

    patch.setattr(WriteBatch, "append", faulty)
    results = [row["result"] for row in Client(world.app.test_client(), world.token("xa1")).sync(*writes)["results"]]
    assert results == ["stored", "stored", "later", "stored", "stored"]


def test_a_poisoned_write(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    poison(own_world, monkeypatch)


def test_a_fault_that_takes_its_batch_along_is_noticed(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """X-2: without the second look at each write alone."""
    failed = journal._failed  # noqa: SLF001  # the rule's place
    error = RuntimeError("whatever it was")
    monkeypatch.setattr(journal, "_alone", lambda _session, _author, write: failed(write.id, error))
    with pytest.raises(AssertionError):
        poison(own_world, monkeypatch)


def phones_of(world: World, count: int, username: str = "xa1", unit: str = "12286") -> list[Phone]:
    """So many installations of one officer."""
    client = Client(world.app.test_client(), world.token(username))

    def send(body: dict[str, Any]) -> tuple[int, Any]:
        answer = client.post("/sync", json=body)
        return answer.status_code, answer.get_json()

    return [Phone(send, world.units[unit], world.campaign) for _ in range(count)]


def out_of_order(world: World) -> None:
    """X-9: an edit comes after the one that has replaced it, by a cloned phone; its own phone must be told."""
    first, second = phones_of(world, 2)
    record = first.create(note="một")
    first.sync()
    first.edit(record, note="hai")
    second.become(first)
    second.edit(record, note="ba")
    late = second.outbox.pop(0)  # the clone's copy of the first edit is lost
    second.sync()
    first.outbox.clear()
    first.sync()
    first.outbox.append(late)
    for phone in (first, second):
        phone.sync()
    assert first.shown() == second.shown()


def test_out_of_order(own_world: World) -> None:
    out_of_order(own_world)


def test_what_was_superseded_taken_for_an_echo_is_noticed(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    what_was_superseded_is_an_echo(monkeypatch)
    with pytest.raises(AssertionError):
        out_of_order(own_world)


def between_pages(world: World) -> None:
    """C-2: a record moves behind the pages of a pull that is under way, by an edit of one field."""
    maker, reader = phones_of(world, 2)
    ids = [maker.create(note=f"bản ghi {number}", hamlet="Thôn Tạ Trung") for number in range(7)]
    maker.sync()
    _, page = reader.send(reader.body())
    reader.apply(page)
    assert page["more"]
    maker.edit(ids[4], note="sửa giữa hai trang")
    maker.sync()
    reader.sync()
    assert reader.shown() == maker.shown()


def test_between_pages(own_world: World) -> None:
    between_pages(own_world)


def test_a_pull_without_a_floor_is_noticed(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    a_pull_has_no_floor(monkeypatch)
    with pytest.raises(AssertionError):
        between_pages(own_world)


def put_back(world: World) -> None:
    """C-2, C-4: an older database is put back behind everybody's back; the phone notices and pulls anew."""
    maker, reader = phones_of(world, 2)
    file = Path(str(world.app.config["SQLALCHEMY_DATABASE_URI"]).removeprefix("sqlite:///"))
    maker.create(note="trước")
    maker.sync()
    _close(world)
    shutil.copy(file, file.with_suffix(".kept"))
    for number in range(3):
        maker.create(note=f"sau {number}")
    maker.sync()
    reader.sync()
    _close(world)
    shutil.copy(file.with_suffix(".kept"), file)
    for number in range(5):
        maker.create(note=f"sau nữa {number}")
    maker.client.kept["cursors"] = []
    maker.sync()
    reader.sync()
    with world.app.app_context(), reading() as session:
        held = set(session.scalars(select(Record.id)))
    assert held <= set(reader.records)


def _close(world: World) -> None:
    with world.app.app_context():
        db.session.remove()
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()


def test_a_database_put_back(own_world: World) -> None:
    put_back(own_world)


def test_a_tag_that_nobody_looks_at_is_noticed(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    a_position_is_believed_without_its_tag(monkeypatch)
    with pytest.raises(AssertionError):
        put_back(own_world)


def a_lost_answer(world: World) -> None:
    """X-15, X-16: who asks is told, and sends nothing again."""
    (one,) = phones_of(world, 1)
    one.create(note="một")
    push = new_id()
    _, lost = one.send(one.body() | {"push": push})
    _, answer = one.send({"app": 3, "ask": push, "cursors": []})
    assert answer["asked"]["known"]
    assert [{"id": lost["results"][0]["id"], **row} for row in unpack_runs(answer["asked"]["runs"])] == lost["results"]


def test_a_lost_answer(own_world: World) -> None:
    a_lost_answer(own_world)


def test_a_push_that_is_not_kept_is_noticed(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(round_trip, "keep_answer", lambda *_: None)
    with pytest.raises(AssertionError):
        a_lost_answer(own_world)


def moved_away(world: World) -> None:
    """L-8: what was written before the officer was moved goes in."""
    (one,) = phones_of(world, 1)
    one.sync()
    one.create(note="trước khi chuyển")
    leave(world, "xa1")
    one.sync()
    assert one.refused == {}


def test_moved_away(own_world: World) -> None:
    moved_away(own_world)


def test_a_move_that_holds_at_once_is_noticed(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scope, "GRACE_MS", -1_000)
    with pytest.raises(AssertionError):
        moved_away(own_world)


def test_a_merger_that_takes_no_records_along_is_noticed(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """L-6."""
    a_merger_takes_no_records_along(monkeypatch)
    with pytest.raises(KeyError):
        moves.test_a_merged_unit_s_records_are_the_successor_s(
            own_world, lambda username, unit="12286": phones_of(own_world, 1, username, unit)[0]
        )


def own_work(world: World) -> None:
    """D-6: who corrected a record does not count it."""
    (one,) = phones_of(world, 1)
    record = one.create(note="một")
    one.sync()
    with world.app.app_context(), writing() as session:
        district = Scope(session, world.officers["huyen"])
        edit = {"id": new_id(), "at": 1, "record": record, "set": {"note": "hai"}, "seen": [record]}
        assert journal.accept(session, Author(district), [edit])[0].result == "stored"
        basis = dict(session.get_one(Record, record, populate_existing=True).survivors)
        with pytest.raises(Refused, match="own_record"):
            decisions.decide(session, district, record, decisions.Verdict("counted"), basis)


def test_own_work(own_world: World) -> None:
    own_work(own_world)


def test_who_counts_their_own_work_is_noticed(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def of_nobody(verdict: str, reason: str, page: State, _authors: Any, decider: str) -> None:
        check_decision(verdict, reason, page, (), decider)

    monkeypatch.setattr(decisions, "check_decision", of_nobody)
    with pytest.raises(pytest.fail.Exception):
        own_work(own_world)


def another_photo(world: World) -> None:
    """P-4: other bytes than those that were announced are not taken for them."""
    one, photo = Client(world.app.test_client(), world.token("xa1")), shot(1)
    announce(world, one, photo)
    other = shot(2).data
    assert one.create_upload(photo.sha256, len(other), other).status_code == 460


def test_another_photo(own_world: World) -> None:
    another_photo(own_world)


def test_bytes_that_nobody_hashes_are_noticed(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "server.services.photos.uploads.partials.file_digest", lambda path: path.name.rpartition(".")[2]
    )
    with pytest.raises(AssertionError):
        another_photo(own_world)


def test_a_purged_record_that_is_written_to_is_noticed(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """L-11."""
    monkeypatch.setattr(journal, "PURGED", "")
    with pytest.raises(AssertionError):
        purged.test_a_write_to_it_is_refused_and_so_is_a_repeat(
            own_world, lambda username: Client(own_world.app.test_client(), own_world.token(username))
        )
