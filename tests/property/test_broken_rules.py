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
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyFailure
from property import even
from property.watched import Watched
from sqlalchemy import select
from unit import test_vectors as vectors

from server.api import sync as sync_api
from server.db import db, reading
from server.models import DecisionRow, Push, Record, Stream
from server.services import exchange, feed, journal, pushes, review, seals
from server.services.ledger import Ledger
from server.services.totals import Totals
from support.client import Client
from support.databases import Sqlite
from support.phone import Phone
from support.workload import records
from support.world import World
from support.world import world as make_world
from sync import record as record_rules
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
