"""Each rule is broken once on purpose, and the suite must notice: a test that cannot fail proves nothing.

A break is one rule of SPEC turned off in the code that keeps it, as a slip would do it. Most are given to the
simulated phones; rules that no history can tell from a truth of its own are given to the vectors or to a short story.
That positions are taken under the stream's lock is broken in tests/chaos/test_gap.py.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from api import test_purged as purged
from api import test_restored as restored
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyFailure
from property import even
from property.watched import Watched
from sqlalchemy import select
from unit import test_vectors as vectors

from server.api import sync as sync_api
from server.clock import new_id
from server.db import db, reading, writing
from server.models import DecisionRow, Push, Record, Stream
from server.services import exchange, feed, journal, missing, pushes, restores, review, scope, seals
from server.services.ledger import Ledger
from server.services.rescue import taking
from server.services.scope import Scope
from server.services.totals import Totals
from support.changes import leave
from support.client import Client, shot
from support.databases import Sqlite
from support.keeper import Keeper
from support.machine import Machine
from support.phone import Phone
from support.uploading import announce
from support.workload import records
from support.world import World
from support.world import world as make_world
from sync import record as record_rules
from sync.decision import check_decision
from sync.errors import Refused
from sync.record import State
from sync.write import Write

EXAMPLES = 50
"""At most so many histories until a break must have been noticed; most need fewer than ten."""
STEPS = 35


Break = Callable[[pytest.MonkeyPatch], None]


def seen_is_ignored(patch: pytest.MonkeyPatch) -> None:
    """S-1."""

    def everybody(writes: Any) -> dict[str, tuple[Write, ...]]:
        found: dict[str, list[Write]] = {}
        for write in writes:
            for name in write.set:
                found.setdefault(name, []).append(write)
        return {name: tuple(sorted(all_, key=lambda w: w.rank, reverse=True)) for name, all_ in found.items()}

    patch.setattr(record_rules, "survivors", everybody)


def seen_is_taken_at_save(patch: pytest.MonkeyPatch) -> None:
    """W-6."""
    edit = Phone.edit
    patch.setattr(Phone, "edit", lambda self, record, seen=None, **fields: edit(self, record, **fields))  # noqa: ARG005


def every_touched_record_is_an_echo(patch: pytest.MonkeyPatch) -> None:
    """X-9: what others wrote to it meanwhile is never told."""
    patch.setattr(feed, "is_echo", lambda newer, _, just_stored: any(write.id in just_stored for write in newer))


def what_was_superseded_is_an_echo(patch: pytest.MonkeyPatch) -> None:
    """X-9: a write that was replaced on arrival stays on its phone."""
    patch.setattr(feed, "is_echo", lambda newer, _, just_stored: all(write.id in just_stored for write in newer))


def a_pull_has_no_floor(patch: pytest.MonkeyPatch) -> None:
    """C-2: a record that moves behind the pages is told against a cursor that never told it."""
    end = feed._end  # noqa: SLF001  # the rule's place

    def everywhere(start: Any, considered: Any, found: Any, *, done: bool) -> Any:
        cursor = end(start, considered, found, done=done)
        return replace(cursor, floor=cursor.position)

    patch.setattr(feed, "_end", everywhere)


def a_repeat_is_not_known(patch: pytest.MonkeyPatch) -> None:
    """X-3."""
    begin = Ledger.__init__

    def forgetful(self: Ledger, session: Any, writes: Sequence[Write]) -> None:
        begin(self, session, writes)
        self.stored = {}

    patch.setattr(Ledger, "__init__", forgetful)


def a_decision_forgets_its_page(patch: pytest.MonkeyPatch) -> None:
    """D-2."""
    store = review._store  # noqa: SLF001  # the rule's place

    def empty(session: Any, stream: Any, record: Any, row: DecisionRow, state: State) -> DecisionRow:
        row.sides = {}
        return store(session, stream, record, row, state)

    patch.setattr(review, "_store", empty)


def the_end_of_a_campaign_is_not_late(patch: pytest.MonkeyPatch) -> None:
    """L-1."""
    patch.setattr(seals, "line", lambda: Stream.sealed)


def totals_only_grow(patch: pytest.MonkeyPatch) -> None:
    """D-5."""
    move = Totals.move

    def added(self: Totals, stream_id: str, shift: Any) -> None:
        move(self, stream_id, replace(shift, old=replace(shift.old, bucket=None)))

    patch.setattr(Totals, "move", added)


def any_push_is_the_one_asked_for(patch: pytest.MonkeyPatch) -> None:
    """X-16."""

    def last(session: Any, device_id: str, _: str) -> Any:
        row = session.get(Push, device_id)
        return None if row is None else pushes.Kept(row.runs, row.new)

    patch.setattr(pushes, "kept", last)


def cursors_come_before_their_block(patch: pytest.MonkeyPatch) -> None:
    """X-19: a cut behind them loses what they speak of."""
    blocks = sync_api._blocks  # noqa: SLF001  # the rule's place

    def turned(head: Any, pages: Any) -> Iterator[str]:
        for number, block in enumerate(blocks(head, pages)):
            *changes, cursors = block.splitlines(keepends=True)
            yield block if number == 0 else "".join([cursors, *changes])

    patch.setattr(sync_api, "_blocks", turned)


def a_seal_is_no_line(patch: pytest.MonkeyPatch) -> None:
    """L-1, L-2."""
    patch.setattr(seals, "line", lambda: Stream.closed)


def a_rescue_file_is_other_writes(patch: pytest.MonkeyPatch) -> None:
    """R-1: handed in, they are not the phone's own any more."""

    def renamed(session: Any, author: Any, raws: Sequence[Any]) -> Any:
        return journal.accept(session, author, [_under_another_id(raw) for raw in raws])

    patch.setattr(taking, "accept", renamed)


def _under_another_id(raw: Any) -> Any:
    id_ = new_id()
    return raw | {"id": id_, "record": id_ if raw["record"] == raw["id"] else raw["record"]}


def a_purge_is_told_to_nobody(patch: pytest.MonkeyPatch) -> None:
    """L-12."""
    patch.setattr(feed, "PURGED", "")


def every_block_has_the_last_cursors(patch: pytest.MonkeyPatch) -> None:
    """X-19, X-21: a stream that is cut behind one loses what was to come."""
    blocks = sync_api._blocks  # noqa: SLF001  # the rule's place

    def ahead(head: Any, pages: Any) -> Iterator[str]:
        first, *rest = list(blocks(head, pages))
        end = rest[-1].splitlines(keepends=True)[-1]
        yield first
        for block in rest:
            *changes, _ = block.splitlines(keepends=True)
            yield "".join([*changes, end])

    patch.setattr(sync_api, "_blocks", ahead)


BREAKS: dict[Break, tuple[str, ...]] = {
    seen_is_ignored: (),
    seen_is_taken_at_save: ("open_form", "save_form", "edit"),
    every_touched_record_is_an_echo: ("edit", "count_anew"),
    a_repeat_is_not_known: ("send_twice",),
    a_decision_forgets_its_page: ("judge",),
    the_end_of_a_campaign_is_not_late: ("end_or_reopen", "seal"),
    totals_only_grow: ("count_anew", "judge"),
    any_push_is_the_one_asked_for: ("lose_the_answer",),
    cursors_come_before_their_block: ("cut_a_stream",),
    every_block_has_the_last_cursors: ("cut_a_stream", "create"),
    a_seal_is_no_line: ("seal", "create", "sync"),
    a_rescue_file_is_other_writes: ("save_a_rescue_file", "hand_in_a_rescue_file"),
    a_purge_is_told_to_nobody: ("purge", "sync"),
}
"""Each with the steps that bring it out: they are taken more often, so that few histories are enough."""


@pytest.fixture(scope="module")
def one_world() -> Iterator[World]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="loa-")))
        yield stack.enter_context(make_world(Sqlite(folder).fresh(), folder / "data"))


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "RECORDS_PER_PAGE", 3)
    monkeypatch.setattr(exchange, "BLOCK_RECORDS", 2)


NUMBERS = itertools.count(1)


def histories(one_world: World, examples: int, favoured: Sequence[str] = ()) -> None:
    """Run them without shrinking: that one fails is all that is asked."""
    Watched.world, Watched.ids = one_world, NUMBERS

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def history(data: st.DataObject) -> None:
        even.run(Watched, STEPS, data, favoured)

    history()


def test_unbroken(one_world: World) -> None:
    histories(one_world, 5)


@pytest.mark.parametrize("break_", BREAKS, ids=lambda break_: break_.__name__)
def test_histories_notice(one_world: World, monkeypatch: pytest.MonkeyPatch, break_: Break) -> None:
    break_(monkeypatch)
    # A phone that was told what cannot be may also stumble: LookupError, ValueError.
    with pytest.raises((AssertionError, LookupError, ValueError, FlakyFailure)):
        histories(one_world, EXAMPLES, BREAKS[break_])


# --- rules that are their own truth: the vectors ---------------------------------------


def a_delete_hides_what_it_has_not_seen(patch: pytest.MonkeyPatch) -> None:
    """S-7."""
    deleted = property(lambda self: any(write.set["deleted"] is True for write in self.fields.get("deleted", ())))
    patch.setattr(State, "hidden", deleted)


def the_latest_side_is_the_value(patch: pytest.MonkeyPatch) -> None:
    """S-3, S-4."""
    patch.setattr(State, "sides", lambda self, name: [write.set[name] for write in self.fields.get(name, ())][:1])


def an_own_id_in_seen_counts(patch: pytest.MonkeyPatch) -> None:
    """S-1."""
    survivors = record_rules.survivors

    def suicidal(writes: Any) -> Any:
        found = survivors(writes)
        return {name: tuple(w for w in alive if w.id not in w.seen) for name, alive in found.items()}

    patch.setattr(record_rules, "survivors", suicidal)


@pytest.mark.parametrize(
    "break_",
    [a_delete_hides_what_it_has_not_seen, the_latest_side_is_the_value, an_own_id_in_seen_counts, seen_is_ignored],
    ids=lambda break_: break_.__name__,
)
def test_vectors_notice(monkeypatch: pytest.MonkeyPatch, break_: Break) -> None:
    break_(monkeypatch)
    failed = []
    for case in vectors.cases("record"):
        try:
            vectors.test_record(*case.values)
        except AssertionError:
            failed.append(case.id)
    assert failed


# --- short stories ---------------------------------------------------------------------


@pytest.fixture
def own_world(tmp_path: Path) -> Iterator[World]:
    with make_world(Sqlite(tmp_path).fresh(), tmp_path / "data") as made:
        yield made


def poison(world: World, patch: pytest.MonkeyPatch) -> None:
    """X-2: one write sets off a fault of ours, the others are stored."""
    writes = records(5, world.units["12286"], world.campaign)
    append = Ledger.append

    def faulty(self: Ledger, hand: Any, stream: Any, kind: str, write: Write, state: State) -> Any:
        if write.id == writes[2]["id"]:
            raise AttributeError("a slip of ours")
        return append(self, hand, stream, kind, write, state)

    patch.setattr(Ledger, "append", faulty)
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


def phones_of(world: World, count: int) -> list[Phone]:
    """So many installations of one officer."""
    client = Client(world.app.test_client(), world.token("xa1"))

    def send(body: dict[str, Any]) -> tuple[int, Any]:
        answer = client.post("/sync", json=body)
        return answer.status_code, answer.get_json()

    return [Phone(send, world.units["12286"], world.campaign) for _ in range(count)]


def out_of_order(world: World) -> None:
    """X-9: an edit comes after the one that has replaced it, by a cloned phone; its own phone must be told."""
    first, second = phones_of(world, 2)
    record = first.create(note="một")
    first.sync()
    first.edit(record, note="hai")
    second.put_back(first.kept())
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
    asked = reader.body()
    _, page = reader.send(asked)
    reader.apply(asked, page)
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
    maker.cursors.clear()
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
    """C-2: the position alone is believed."""
    starts = feed._starts  # noqa: SLF001  # the rule's place

    def trusting(session: Any, scope: Any, cursors: Any) -> Any:
        held = {(cursor.unit, cursor.campaign): cursor for cursor in cursors if cursor.position > 0}
        found, tags = starts(session, scope, held.values())
        return [replace(held[s.unit, s.campaign], reset=False) if s.reset else s for s in found], tags

    monkeypatch.setattr(feed, "_starts", trusting)
    with pytest.raises(AssertionError):
        put_back(own_world)


def a_lost_answer(world: World) -> None:
    """X-15, X-16: the phone that asks is told, and sends nothing again."""
    (one,) = phones_of(world, 1)
    record = one.create(note="một")
    one.send(one.push([record]))
    answer = one.ask()
    assert answer is not None
    assert answer["asked"]["known"]
    assert one.outbox == []


def test_a_lost_answer(own_world: World) -> None:
    a_lost_answer(own_world)


def test_a_push_that_is_not_kept_is_noticed(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushes, "keep", lambda *_: None)
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


def own_work(world: World) -> None:
    """D-6: who corrected a record does not count it."""
    (one,) = phones_of(world, 1)
    record = one.create(note="một")
    one.sync()
    with world.app.app_context(), writing() as session:
        district = Scope(session, world.officers["huyen"])
        edit = {"id": new_id(), "at": 1, "record": record, "set": {"note": "hai"}, "seen": [record]}
        assert journal.accept(session, journal.Author(district), [edit])[0].result == "stored"
        basis = dict(session.get_one(Record, record, populate_existing=True).survivors)
        with pytest.raises(Refused, match="own_record"):
            review.decide(session, district, record, review.Verdict("counted"), basis)


def test_own_work(own_world: World) -> None:
    own_work(own_world)


def test_who_counts_their_own_work_is_noticed(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def of_nobody(verdict: str, reason: str, page: State, _authors: Any, decider: str) -> None:
        check_decision(verdict, reason, page, (), decider)

    monkeypatch.setattr(review, "check_decision", of_nobody)
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
    monkeypatch.setattr("server.services.uploads.taking.sha256_of", lambda path: path.name.rpartition(".")[2])
    with pytest.raises(AssertionError):
        another_photo(own_world)


def test_a_purged_record_that_is_written_to_is_noticed(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """L-11."""
    monkeypatch.setattr(journal, "PURGED", "")
    with pytest.raises(AssertionError):
        purged.test_a_write_to_it_is_refused_and_so_is_a_repeat(
            own_world, lambda username: Client(own_world.app.test_client(), own_world.token(username))
        )


# --- a hub that was put back -----------------------------------------------------------


@pytest.fixture
def own_hub(own_world: World, tmp_path: Path) -> restored.Hub:
    """The world of a test, and a machine to put its backup on; its phones keep what was stored."""
    here = Machine(str(own_world.app.config["SQLALCHEMY_DATABASE_URI"]), tmp_path / "data")
    there = tmp_path / "there"
    there.mkdir()
    return restored.Hub(own_world, here, Machine(Sqlite(there).empty(), there), tmp_path / "backup")


def nothing_is_told(patch: pytest.MonkeyPatch) -> None:
    """B-2: a phone that is told no news has nothing that gives it away."""
    patch.setattr(restores, "latest", lambda _: None)


def nothing_comes_back(patch: pytest.MonkeyPatch) -> None:
    """B-2: the phone keeps to itself what the hub has lost."""
    patch.setattr(Keeper, "_bring_back", lambda self: setattr(self, "back", False))


@pytest.mark.parametrize("break_", [nothing_is_told, nothing_comes_back], ids=lambda break_: break_.__name__)
def test_a_restore_that_is_slept_through_is_noticed(
    own_hub: restored.Hub, monkeypatch: pytest.MonkeyPatch, break_: Break
) -> None:
    going = own_hub.put_back(announced=True)
    break_(monkeypatch)
    with pytest.raises(AssertionError):
        restored.test_a_replaced_phone_brings_back_too(own_hub, lambda: next(going))
    going.close()


def test_news_that_pass_by_a_lost_write_are_noticed(own_hub: restored.Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """B-2: no cursor gives this restore away."""
    going = own_hub.put_back(announced=False)
    monkeypatch.setattr(Keeper, "_is_gone", lambda *_args, **_named: False)
    with pytest.raises(AssertionError):
        restored.test_what_was_stored_ahead_of_the_cursor_comes_back_too(own_hub, lambda: next(going), 0, lines=False)
    going.close()


def test_what_is_missing_and_not_listed_is_noticed(own_hub: restored.Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """B-3."""
    going = own_hub.put_back(announced=True)
    monkeypatch.setattr(missing, "tell", lambda *_: None)
    with pytest.raises(KeyError, match="12286"):  # its unit is not in the list
        restored.test_what_nobody_brings_back_is_listed_until_it_comes(own_hub, lambda: next(going))
    going.close()
