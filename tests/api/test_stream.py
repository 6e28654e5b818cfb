"""The answer as a stream of lines: complete by blocks, whole after any cut, read as it goes out (SPEC X-19 to X-22)."""

from __future__ import annotations

import itertools
import json
import threading
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import brotli
import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.core.db import db, reading, writing
from server.core.secrets_at_rest import token_hash
from server.models import Device, Stream
from server.services.exchange import feed
from support.clients.client import Client, MakeClient
from support.clients.lines import read
from support.clients.phone import MakePhone
from support.world.workload import records
from support.world.world import World
from sync.protocol import BLOCK_RECORDS

pytestmark = pytest.mark.databases("sqlite")

LINES = "application/x-ndjson"


def filled(world: World, one: Client, count: int, seed: int = 1) -> list[dict[str, Any]]:
    rows = records(count, world.units["12286"], world.campaign, seed)
    assert {row["result"] for row in one.sync(*rows)["results"]} == {"stored"}
    return rows


def text(one: Client, body: dict[str, Any] | None = None) -> str:
    answer = one.post("/sync", {"Accept": LINES}, json=body or {})
    assert (answer.status_code, answer.mimetype) == (200, LINES)
    return answer.get_data(as_text=True)


def open_stream(one: Client, encoding: str = "identity") -> Iterator[bytes]:
    """The pieces as the server makes them."""
    headers = {"Authorization": f"Bearer {one.token}", "Accept": LINES, "Accept-Encoding": encoding}
    answer = one.http.post("/api/v1/sync", json={"app": 3}, headers=headers, buffered=False)
    assert answer.status_code == 200
    return answer.iter_encoded()


def unbrotli() -> Callable[[bytes], bytes]:
    """All that can be read of a piece; the machine gives it out in several."""
    machine = brotli.Decompressor()

    def unpack(piece: bytes) -> bytes:
        plain = part = machine.process(piece)
        while part:
            part = machine.process(b"")
            plain += part
        return bytes(plain)

    return unpack


@pytest.mark.parametrize("count", [BLOCK_RECORDS, BLOCK_RECORDS + 1])
def test_that_a_stream_begins_anew_is_told_though_all_of_a_block_is_the_phones_own(
    world: World, client: MakeClient, count: int
) -> None:
    """C-4, X-9: the block says nothing else, and were it left out the next one would go on from its cursors."""
    one, unit = client("xa1"), world.units["12286"]
    strange = {"unit": unit, "campaign": world.campaign, "position": 5, "tag": "A" * 16, "floor": 5}
    made = records(count, unit, world.campaign)
    got = read(text(one, {"app": 2, "cursors": [strange], "writes": made}))
    assert got.ended
    assert [cursor["campaign"] for cursor in got.blocks[0].cursors if cursor["reset"]] == [world.campaign]


def test_a_stream_that_ends_in_a_block_of_the_phones_own_is_told_to_have(
    world: World, phone: MakePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C-2, X-9, X-22: what comes next is told against its end, so the phone must have laid its own by then."""
    one, two = phone("xa1"), phone("xa2")
    with world.app.app_context(), reading() as session:
        theirs = select(Stream.campaign_id).where(Stream.unit_id == world.units["12286"]).order_by(Stream.id)
        first, second = session.scalars(theirs)
    one.campaign = first
    record = one.create(note="một", quantity=1)
    one.sync(), two.sync()
    one.edit(record, quantity=2)
    one.campaign = second
    for number in range(BLOCK_RECORDS):
        one.create(quantity=number)
    since, calls, here = feed.since, itertools.count(), threading.current_thread()

    def edited() -> None:
        two.edit(record, note="hai")
        two.sync()

    def meanwhile(session: Session, *args: Any) -> Any:
        if threading.current_thread() is here and next(calls) == 1:  # between the first block and the next
            session.rollback()
            with ThreadPoolExecutor(1) as beside:  # a request of its own, in no other's transaction
                beside.submit(edited).result()
        return since(session, *args)

    monkeypatch.setattr(feed, "since", meanwhile)
    one.sync(lines=True)
    assert next(calls) > 1, "it came in more than one block"
    for each in (two, one):
        each.sync(lines=True)
    assert [each.state(record).value("quantity") for each in (one, two)] == [2, 2]


@pytest.mark.slow
@pytest.mark.databases("both")
def test_lines_say_what_pages_say(world: World, client: MakeClient) -> None:
    """X-19, X-37: the same changes, and cursors that are good for either form."""
    filled(world, client("xa1"), 230)
    two = client("xa2")
    got = read(text(two))
    assert got.ended
    assert [len(block.changes) for block in got.blocks] == [BLOCK_RECORDS, BLOCK_RECORDS, 230 - 2 * BLOCK_RECORDS]
    changes: list[Any] = []
    cursors: list[Any] = []
    more = True
    while more:
        page = two.post("/sync", json={"cursors": cursors}).get_json()
        changes, cursors, more = [*changes, *page["changes"]], page["cursors"], page["more"]
    assert [change for block in got.blocks for change in block.changes] == changes
    assert got.blocks[-1].cursors == cursors
    after = read(text(two, {"cursors": cursors}))
    assert [block.changes for block in after.blocks] == [[]]


def test_who_names_no_lines_gets_one_piece(client: MakeClient) -> None:
    """X-19."""
    one = client("xa1")
    for accept in ("*/*", "application/json", "application/json, application/x-ndjson;q=0.5"):
        assert one.post("/sync", {"Accept": accept}, json={}).mimetype == "application/json"
    assert one.post("/sync", {"Accept": "application/x-ndjson, application/json;q=0.5"}, json={}).mimetype == LINES


def test_large_records_end_a_block_early(phone: MakePhone) -> None:
    """X-19, X-37: a block must get through a thin line."""
    one, two = phone("xa1"), phone("xa2")
    for number in range(14):
        one.create(**{f"note{part}": f"{number} " + "đ" * 9_000 for part in range(2)})
    one.sync(block=7)
    got = read(two.text(two.body()))
    assert got.ended
    assert all(0 < len(block.changes) < 14 for block in got.blocks)
    two.sync(lines=True)
    assert one.shown() == two.shown()


@pytest.mark.slow
@pytest.mark.parametrize(
    "tenth",
    [each if each in (0, 1, 5, 10) else pytest.param(each, marks=pytest.mark.costly(soak=True)) for each in range(11)],
)
def test_a_cut_anywhere_costs_at_most_a_block(world: World, phone: MakePhone, client: MakeClient, tenth: int) -> None:
    """X-21, C-2, X-38, C-7: and what was edited while the line was down is neither missed nor told wrongly."""
    rows = filled(world, client("xa1"), 330)
    one, two = phone("xa1"), phone("xa2")
    one.sync(lines=True)
    asked = two.body()
    whole = two.text(asked).encode()
    two.take_lines(whole[: len(whole) * tenth // 10].decode(errors="ignore"))
    came = len(two.records)
    assert came >= 330 * tenth // 10 - BLOCK_RECORDS
    for number in (3, 120, 329):
        one.edit(rows[number]["id"], note="sửa lúc mất sóng")
    one.sync(lines=True)
    rest = two.sync(lines=True)
    assert len(rest["changes"]) <= 330 - came + 3
    assert len(two.records) == 330
    assert one.shown() == two.shown()


def test_a_phone_that_was_away_for_months_gets_its_delta_the_same_way(phone: MakePhone) -> None:
    """X-19, X-7: many blocks, none of them whole records."""
    one, two = phone("xa1"), phone("xa2")
    made = [one.create(quantity=number) for number in range(240)]
    one.sync(lines=True), two.sync(lines=True)
    for record in made:
        one.edit(record, note="mới")
    one.sync(lines=True)
    got = read(two.text(two.body()))
    assert len(got.blocks) == 3
    assert not any(change["whole"] for block in got.blocks for change in block.changes)
    two.sync(lines=True)
    assert one.shown() == two.shown()
    assert two.state(made[0]).value("note") == "mới"


def test_own_writes_are_echoed_in_no_block(world: World, phone: MakePhone, client: MakeClient) -> None:
    """X-22, X-26."""
    filled(world, client("xa2"), 150)
    one = phone("xa1")
    mine = {one.create(quantity=number) for number in range(150)}
    answer = one.sync(lines=True)
    assert {row["result"] for row in answer["results"]} == {"stored"}
    told = {change["record"] for change in answer["changes"]}
    assert len(told) == 150
    assert not told & mine
    assert len(one.records) == 300
    two = phone("xa2")
    two.sync(lines=True)
    assert one.shown() == two.shown()


@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
def test_each_block_can_be_read_as_soon_as_it_is_there(world: World, client: MakeClient, encoding: str) -> None:
    """X-20."""
    filled(world, client("xa1"), 230)
    unpack = {"br": unbrotli(), "gzip": zlib.decompressobj(wbits=16 + zlib.MAX_WBITS).decompress}.get(encoding, bytes)
    pieces = [unpack(piece).decode() for piece in open_stream(client("xa2"), encoding)]
    pieces = [piece for piece in pieces if piece]
    assert len(pieces) == 4
    assert all(piece.endswith("\n") for piece in pieces)
    assert set(json.loads(pieces[0])) == {"results", "photos", "catalog", "server_time", "minimum_app", "mark"}
    assert [read("".join(pieces[:number])).blocks != [] for number in (1, 2)] == [False, True]


@pytest.mark.slow
@pytest.mark.costly
def test_a_record_of_a_first_pull_costs_at_most_125_bytes(world: World, client: MakeClient) -> None:
    """X-20: so 10,000 fit in 1.25 MB, and gzip needs little more."""
    one = client("xa1")
    for seed in (1, 2):
        filled(world, one, 500, seed)
    two = client("xa2")
    assert sum(map(len, open_stream(two, "br"))) <= 1_000 * 125
    assert sum(map(len, open_stream(two, "gzip"))) <= 1_000 * 130


@pytest.mark.databases("both")
def test_no_connection_is_held_while_bytes_go_out(world: World, client: MakeClient) -> None:
    """X-22: a pool of 40 serves any number of slow phones."""
    filled(world, client("xa1"), 230)
    with world.app.app_context():
        pool: Any = db.engine.pool
    pieces = 0
    for _ in open_stream(client("xa2")):
        pieces += 1
        assert pool.checkedout() == 0
    assert pieces == 4


@pytest.mark.databases("both")
def test_each_block_is_of_its_own_moment(world: World, client: MakeClient) -> None:
    """X-22: what is written while the stream is under way comes at its end, and memory holds one block."""
    one = client("xa1")
    filled(world, one, 120)
    stream = open_stream(client("xa2"))
    begun = [next(stream), next(stream)]
    late = filled(world, one, 100, seed=2)
    got = read(b"".join([*begun, *stream]).decode())
    assert [len(block.changes) for block in got.blocks] == [BLOCK_RECORDS, BLOCK_RECORDS, 220 - 2 * BLOCK_RECORDS]
    assert {row["id"] for row in late} <= {change["record"] for block in got.blocks for change in block.changes}


@pytest.mark.databases("both")
def test_a_revoked_device_is_told_no_further_block(world: World, client: MakeClient) -> None:
    """X-22, X-21: the stream ends without its end line."""
    filled(world, client("xa1"), 230)
    two = client("xa2")
    stream = open_stream(two)
    begun = [next(stream), next(stream)]
    with world.app.app_context(), writing() as session:
        lost = update(Device).where(Device.token_hash == token_hash(two.token))
        session.execute(lost.values(revoked_at=now_ms()))
    got = read(b"".join([*begun, *stream]).decode())
    assert ([len(block.changes) for block in got.blocks], got.ended) == ([BLOCK_RECORDS], False)


@pytest.mark.databases("both")
def test_a_block_takes_few_statements_whatever_it_holds(world: World, client: MakeClient) -> None:
    filled(world, client("xa1"), 230)
    said: list[str] = []
    with world.app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    stream = open_stream(client("xa2"))
    counts = []
    for _ in stream:
        counts.append(len(said))
        said.clear()
    assert len(counts) == 4
    assert max(counts[1:]) <= 12
