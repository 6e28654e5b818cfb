"""A hub put back to an older day gets its last hours from phones, and says what it did not get (SPEC B-1 to B-4)."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from server.clock import new_id, now_ms
from server.db import reading, writing
from server.models import Counter, Device, Record, Restoration
from server.services import access, missing, restores
from server.services.campaigns import open_campaign
from server.services.scope import Scope
from support.changes import come, leave
from support.client import Client, shot
from support.databases import Engine
from support.keeper import Keeper, survivors
from support.machine import Machine
from support.world import World, campaign
from support.world import world as make_world


@dataclass
class Hub:
    """One address, behind it one machine after the other."""

    world: World
    here: Machine
    there: Machine
    folder: Path
    tokens: dict[str, str] = field(default_factory=dict)

    def phone(self, username: str, unit: str = "12286") -> Keeper:
        token = self.world.token(username)
        self.tokens[username] = token

        def send(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            answer = Client(self.world.app.test_client(), token).post("/sync", json=body)
            return answer.status_code, answer.get_json()

        def stream(body: dict[str, Any]) -> str:
            lines = {"Accept": "application/x-ndjson", "Accept-Encoding": "identity"}
            return Client(self.world.app.test_client(), token).post("/sync", lines, json=body).get_data(as_text=True)

        return Keeper(send, self.world.units[unit], self.world.campaign, stream=stream)

    def back_up(self) -> None:
        self.here.done("backup", self.folder)

    def told(self) -> list[int]:
        with self.world.app.app_context(), reading() as session:
            return [row.at for row in restores.all_of_them(session)]

    def listed(self, username: str) -> dict[str, list[tuple[str, bool, int]]]:
        """What the desk lists for this person: by unit, (record, whole, writes)."""
        with self.world.app.app_context(), reading() as session:
            places = missing.listed(session, Scope(session, self.world.officers[username]))
            return {p.unit.code: [(gone.record, gone.whole, gone.changes) for gone in p.records] for p in places}

    def put_back(self, *, announced: bool) -> Generator[None]:
        self.there.done("restore", self.folder)
        with self.there.holding(self.world) as restored:
            self.world = restored
            if not announced:  # an operator who copies a file does not leave a word
                with restored.app.app_context(), writing() as session:
                    session.execute(delete(Restoration))
                    given = select(func.max(Record.number)).where(
                        Record.stream_id == Counter.stream_id, Record.kind == Counter.kind
                    )
                    session.execute(update(Counter).values(last=func.coalesce(given.scalar_subquery(), 0)))
                    session.execute(delete(Counter).where(Counter.last == 0))
            yield


@pytest.fixture(params=["sqlite", "postgresql"])
def hub(request: pytest.FixtureRequest, database_engine: Callable[[str], Engine], tmp_path: Path) -> Iterator[Hub]:
    engine = database_engine(request.param)
    here = Machine(engine.fresh(), tmp_path / "here")
    there = Machine(engine.empty(), tmp_path / "there")
    with make_world(here.url, here.data_dir) as world:
        yield Hub(world, here, there, tmp_path / "backup")


@pytest.fixture(params=[True, False], ids=["announced", "not announced"])
def put_back(request: pytest.FixtureRequest, hub: Hub) -> Iterator[Callable[[], None]]:
    """The backup takes the hub's place."""
    going: list[Iterator[None]] = []

    def go() -> None:
        going.append(hub.put_back(announced=request.param))
        next(going[0])

    yield go
    for each in going:
        next(each, None)


@pytest.mark.parametrize("lines", [False, True])
def test_phones_bring_back_what_came_after(hub: Hub, put_back: Callable[[], None], lines: bool) -> None:
    """B-2, C-4: everything is as it was, and nobody did anything."""
    one, two = hub.phone("xa1"), hub.phone("xa2")
    old = one.create(quantity=1, note="trước")
    one.sync(), two.sync()
    hub.back_up()
    new = one.create(quantity=2)
    one.sync()
    two.sync()
    two.edit(old, note="sau")
    two.edit(new, note="của hai người")
    two.sync(), one.sync()
    before = survivors(one)
    put_back()
    for _ in range(2):
        one.sync(lines=lines), two.sync(lines=lines)
    assert survivors(one) == survivors(two) == before
    assert set(before) == {old, new}
    assert (one.outbox, two.outbox) == ([], [])
    (at,) = hub.told()
    assert one.restored == two.restored == at
    assert hub.listed("huyen") == {}


def test_no_number_of_the_lost_hours_is_given_to_another_record(hub: Hub, put_back: Callable[[], None]) -> None:
    """B-8: in a stream that had numbers before, and in one that had none."""
    one, two, far = hub.phone("xa1"), hub.phone("xa2"), hub.phone("nhanla", "12289")
    one.create()
    one.sync(), two.sync(), far.sync()
    hub.back_up()
    lost = [one.create(), one.create("leaflet")]
    gone = far.create()
    one.sync(), far.sync()
    assert [one.records[id_].head["number"] for id_ in lost] == ["BR-2", "TR-1"]
    put_back()
    far.sync()  # gives it away, where nobody announced it
    new = [two.create(), two.create("leaflet")]
    two.sync()
    assert [two.records[id_].head["number"] for id_ in new] == ["BR-201", "TR-101"]
    one.sync()
    assert [one.records[id_].head["number"] for id_ in lost] == ["BR-202", "TR-102"]
    assert far.records[gone].head["number"] == "BR-101"


def test_what_nobody_brings_back_is_listed_until_it_comes(hub: Hub, put_back: Callable[[], None]) -> None:
    """B-3, B-4: a record, and a change of one; whoever looks sees their own units."""
    one, two = hub.phone("xa1"), hub.phone("xa2")
    old = one.create(note="trước")
    one.sync(), two.sync()
    hub.back_up()
    new = one.create(quantity=2)
    one.edit(old, note="sau")
    one.sync()
    two.sync()
    put_back()
    two.sync()
    assert two.state(old).value("note") == "trước"
    assert sorted(hub.listed("huyen")["12286"]) == sorted([(old, False, 1), (new, True, 1)])
    assert hub.listed("tinh") == hub.listed("huyen")
    assert hub.listed("phucu") == {}
    one.sync()
    assert hub.listed("huyen") == {}
    two.sync()
    assert survivors(one) == survivors(two)


def push_and_cut(phone: Keeper) -> None:
    """Stored, and the head was taken; the line broke before the first block (X-21)."""
    status, answer = phone.send(phone.push([write["id"] for write in phone.outbox]))
    assert status == 200
    assert {result["result"] for result in answer["results"]} == {"stored"}
    phone.take_head(answer)


@pytest.mark.parametrize("others", [0, 1, 3])
@pytest.mark.parametrize("lines", [False, True])
def test_what_was_stored_ahead_of_the_cursor_comes_back_too(
    hub: Hub, put_back: Callable[[], None], others: int, lines: bool
) -> None:
    """B-2: its cursor is one that the old database gave out; only `restored` or what the news pass by tells it.

    Whether the stream has not reached its position again since, just that, or more.
    """
    one, two = hub.phone("xa1"), hub.phone("xa2")
    old = one.create(quantity=1)
    one.sync(), two.sync()
    hub.back_up()
    new = one.create(quantity=2)
    one.edit(old, note="lần một")
    one.edit(old, note="lần hai")
    push_and_cut(one)
    put_back()
    made = [two.create(quantity=7) for _ in range(others)]
    for _ in range(2):
        two.sync(lines=lines), one.sync(lines=lines)
    two.sync(lines=lines)
    assert set(one.records) == {old, new, *made}
    assert one.state(old).value("note") == "lần hai"
    assert survivors(one) == survivors(two)
    with hub.world.app.app_context(), reading() as session:
        assert restores.latest(session) == one.restored


def test_a_lost_write_on_a_record_that_others_changed_meanwhile(hub: Hub) -> None:
    """B-2: it is not what they changed, nor anything they saw; a photo in it is asked for again."""
    one, two = hub.phone("xa1"), hub.phone("xa2")
    old = one.create(note="trước", quantity=1)
    one.sync(), two.sync()
    hub.back_up()
    one.edit(old, note="của một")
    one.add_photo(old, shot())
    one.verified = set(one.shots)
    push_and_cut(one)
    going = hub.put_back(announced=False)
    next(going)
    two.edit(old, note="của hai")
    for _ in range(2):
        two.sync(), one.sync()
    two.sync()
    assert one.verified == set()
    assert set(map(str, one.state(old).sides("note"))) == {"của hai", "của một"}
    assert survivors(one) == survivors(two)
    next(going, None)


def test_own_writes_that_others_have_overwritten_go_again_alone(hub: Hub) -> None:
    """B-2: it may be seen or lost, and to send it again changes nothing (X-3); no restore is thought of."""
    one, two = hub.phone("xa1"), hub.phone("xa2")
    old = one.create(note="trước", quantity=1)
    one.sync()
    first, last = one.edit(old, note="một"), one.edit(old, note="hai")
    push_and_cut(one)
    two.sync()
    two.edit(old, note="ba")
    two.sync()
    sent: list[list[str]] = []
    real = one.send

    def send(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        sent.append([write["id"] for write in body["writes"]])
        return real(body)

    one.send = send
    one.sync()
    assert sent == [[], [first, last]]
    assert (one.outbox, one.state(old).value("note")) == ([], "ba")
    assert survivors(one) == survivors(two)


def test_only_a_phone_that_knows_the_last_restore_tells_of_another(hub: Hub, put_back: Callable[[], None]) -> None:
    """B-1: the second phone, a lost answer, and one that comes a month later announce nothing anew."""
    phones = [hub.phone("xa1"), hub.phone("xa2")]
    phones[0].create(quantity=1)
    for phone in phones:
        phone.sync()
    hub.back_up()
    phones[0].create(quantity=2)
    for phone in phones:
        phone.sync()
    put_back()
    phones[0].sync()
    age(hub)
    for _ in range(3):
        assert phones[1].send(phones[1].body())[0] == 200  # the answer is lost
    phones[1].sync()
    assert len(hub.told()) == 1


def age(hub: Hub) -> None:
    """An hour goes by."""
    with hub.world.app.app_context(), writing() as session:
        session.execute(update(Restoration).values(at=Restoration.at - 3_600_000))
    for each in hub.told():
        assert each < now_ms() - 3_000_000


def test_a_phone_that_knows_a_later_restore_gives_the_next_one_away(hub: Hub) -> None:
    """B-1: the database was put back to before it was put back."""
    one = hub.phone("xa1")
    one.sync()
    one.restored = now_ms() - 1
    one.sync()
    (at,) = hub.told()
    assert one.restored == at
    with hub.world.app.app_context(), reading() as session:
        told = restores.unconfirmed(session)
        device = access.device_of(session, hub.tokens["xa1"])
        assert told is not None
        assert device is not None
        assert told.noticed_by == device.id


def test_a_broken_phone_makes_no_more_than_one_in_ten_minutes(hub: Hub) -> None:
    """B-1: each would have every phone send again all that it keeps."""
    one = hub.phone("xa1")
    one.create(quantity=1)
    one.sync()
    for _ in range(5):
        for cursor in one.cursors.values():
            cursor["tag"] = new_id()
        one.sync()
    assert len(hub.told()) == 1
    assert one.send(one.body() | {"restored": 2**53 - 1})[0] == 200
    assert len(hub.told()) == 1


def test_known_that_cannot_be_read_or_is_not_theirs_is_passed_over(hub: Hub) -> None:
    """B-3: it stops nothing beside it."""
    with hub.world.app.app_context(), writing() as session:
        restores.tell(session, 1, None)
    one = hub.phone("xa1")
    one.create(quantity=1)
    good = {"record": new_id(), "unit": one.unit, "campaign": one.campaign, "number": "BR-7", "writes": [new_id()]}
    known: list[Any] = [
        None,
        7,
        {},
        {**good, "number": 7},
        {**good, "number": "\ud800"},
        {**good, "number": "x" * 61},
        {**good, "writes": "no list"},
        {**good, "record": "short"},
        {**good, "record": new_id(), "unit": new_id()},
        {**good, "record": new_id(), "unit": hub.world.units["12289"]},
        good,
        good,
    ]
    status, answer = one.send(one.body() | {"known": known})
    assert (status, answer["results"][0]["result"]) == (200, "stored")
    assert hub.listed("tinh") == {"12286": [(good["record"], True, 2)]}


def test_nothing_is_listed_where_nothing_was_restored(hub: Hub) -> None:
    one = hub.phone("xa1")
    named = {"record": new_id(), "unit": one.unit, "campaign": one.campaign, "number": "BR-7", "writes": []}
    assert one.send(one.body() | {"known": [named]})[0] == 200
    assert hub.listed("tinh") == {}


def test_a_replaced_phone_brings_back_too(hub: Hub, put_back: Callable[[], None]) -> None:
    """B-2: it is told no news, but the head tells it."""
    one, two = hub.phone("xa1"), hub.phone("xa2")
    two.create(quantity=1)
    two.sync()
    hub.back_up()
    record = one.create(quantity=2)
    one.sync()
    two.create(quantity=3)
    two.sync()
    put_back()
    two.sync()
    with hub.world.app.app_context(), writing() as session:
        device = access.device_of(session, hub.tokens["xa1"])
        assert device is not None
        session.get_one(Device, device.id).replaced_at = now_ms()
    one.sync()
    two.sync()
    assert record in two.records


def test_who_moved_away_since_brings_back_what_their_phone_keeps_of_the_old_unit(
    hub: Hub, put_back: Callable[[], None]
) -> None:
    """L-8, L-10, H-2: out of scope a record is dropped, own writes are kept; and the hub lets them in."""
    one, two = hub.phone("xa1"), hub.phone("xa2")
    come(hub.world, "xa1", "12289")
    old = two.create(quantity=1)
    two.sync(), one.sync()
    hub.back_up()
    new = one.create(quantity=2)
    one.edit(old, quantity=3)
    one.sync()
    two.sync()
    leave(hub.world, "xa1")
    one.sync()
    assert one.records == {}
    put_back()
    leave(hub.world, "xa1")  # as what is kept outside the database says (B-6)
    for phone in (two, one, two):
        phone.sync()
    assert (one.outbox, one.refused, one.records) == ([], {}, {})
    assert (two.state(new).value("quantity"), two.state(old).value("quantity")) == (2, 3)


def test_a_campaign_opened_after_the_backup_is_opened_again(hub: Hub, put_back: Callable[[], None]) -> None:
    """B-7: what phones bring into it waits, and goes in once it is there under its old id."""
    one, two = hub.phone("xa1"), hub.phone("xa2")
    one.create(quantity=1)
    one.sync(), two.sync()
    hub.back_up()
    one.create(quantity=2)  # so that a restore nobody announces is noticed
    with hub.world.app.app_context(), writing() as session:
        made = open_campaign(session, hub.world.units["33"], campaign()).id
    one.campaign = two.campaign = made
    records = [one.create(quantity=3), two.create(quantity=4)]
    for phone in (one, two, one):
        phone.sync()
    put_back()
    for phone in (one, two):
        phone.sync()
        assert [write["record"] for write in phone.outbox] == [records[phone is two]]
        assert phone.refused == {}
    with hub.world.app.app_context(), reading() as session:
        (place,) = missing.listed(session, Scope(session, hub.world.officers["huyen"]))
        assert {(gone.record, gone.lost_campaign) for gone in place.records} == {(id_, made) for id_ in records}
    with hub.world.app.app_context(), writing() as session:
        open_campaign(session, hub.world.units["33"], campaign(), made)
    for phone in (one, two, one):
        phone.sync()
    assert set(records) <= set(one.records)
    assert survivors(one) == survivors(two)
    assert hub.listed("huyen") == {}


def test_without_a_restore_a_campaign_that_is_not_there_is_refused(hub: Hub) -> None:
    one = hub.phone("xa1")
    one.campaign = new_id()
    write = one.create(quantity=1)
    one.sync()
    assert one.refused == {write: "unknown_campaign"}
