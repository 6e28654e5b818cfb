"""One phone that floods: its budget (X-52), one push at once (X-53), and a turn for others between parts (X-54)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import OperationalError

from server.core.clock import new_id, now_ms, stopped_at
from server.core.db import db, reading, writing
from server.models import Device, WriteRow
from server.services.access import devices
from server.services.access.devices import Budget
from server.services.exchange import round_trip
from server.serving.installation import installed
from support.clients.client import Client, MakeClient, shot
from support.clients.uploading import announce
from support.world.workload import records
from support.world.world import World

BUDGET = Budget()


def writes(world: World, count: int, seed: int = 1) -> list[Any]:
    return records(count, world.units["12286"], world.campaign, seed=seed)


def stored(world: World) -> int:
    with world.app.app_context(), reading() as session:
        return session.scalar(select(func.count()).select_from(WriteRow)) or 0


def device_of(world: World, one: Client) -> Device:
    """Its row."""
    with world.app.app_context(), reading() as session:
        device = devices.device_of(session, one.token)
        assert device is not None
        session.expunge(device)
        return device


def leave(world: World, one: Client, count: int) -> None:
    """So many writes are left of its budget."""
    put(world, one, quota_writes_until=now_ms() + BUDGET.writes_ms(BUDGET.writes - count))


def put(world: World, one: Client, **values: Any) -> None:
    device_id = device_of(world, one).id
    with world.app.app_context(), writing() as session:
        session.execute(update(Device).where(Device.id == device_id).values(**values))


def check(answer: Any, code: str = "device_quota") -> int:
    """It was put off; the seconds to wait."""
    assert (answer.status_code, answer.get_json()["code"]) == (429, code)
    seconds = int(answer.headers["Retry-After"])
    assert seconds > 0
    return seconds


def later(seconds: int) -> AbstractContextManager[None]:
    """The server's clock, so many seconds ahead; it stands."""
    return stopped_at(now_ms() + seconds * 1000)


@pytest.mark.databases("sqlite")
def test_a_flood_gets_its_budget_and_the_rest_later(world: World, client: MakeClient) -> None:
    """X-52. The push that goes beyond is stored, the next ones are not, and nothing is lost when they come again."""
    flood, honest = client("xa1"), client("xa2")
    batches = [writes(world, 30, seed) for seed in range(1, 10)]
    with later(60):  # and the clock stands
        leave(world, flood, 100)
        answers = [flood.post("/sync", json={"writes": batch}) for batch in batches]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 5
    assert stored(world) == 120
    assert check(answers[4]) <= 3
    assert len(honest.sync(*writes(world, 1, 77))["results"]) == 1
    with later(60 + check(answers[4])):
        assert [each["result"] for each in flood.sync(*batches[4])["results"]] == ["stored"] * 30
    assert stored(world) == 151


@pytest.mark.databases("sqlite")
def test_beyond_the_budget_no_body_is_read_and_the_lock_judges_as_the_door(
    world: World, client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    flood = client("xa1")
    leave(world, flood, -20)
    check(flood.post("/sync", data=b"{ no JSON"))
    monkeypatch.setattr(devices, "check_door", lambda *_, **__: None)  # both came at once: the door saw neither
    before = device_of(world, flood).quota_writes_until
    check(flood.post("/sync", json={"writes": writes(world, 5)}))
    assert device_of(world, flood).quota_writes_until == before  # what is refused is not spent
    assert stored(world) == 0
    assert flood.post("/sync", json={"cursors": []}).status_code == 200  # what asks for no lock goes on


@pytest.mark.databases("sqlite")
def test_a_month_offline_is_not_felt_and_thrice_as_much_takes_minutes(world: World, client: MakeClient) -> None:
    """A phone with 9,000 writes: the server's answers to its pushes of 100, by a clock that it moves as it waits."""
    now = now_ms()
    begun, until, waited = now, now, 0
    for count in range(0, 9_000, 100):
        over = until - now - BUDGET.writes_ms(BUDGET.writes)
        if over > 0:
            now += over // 1000 * 1000 + 1000
            waited += 1
        until = max(until, now) + BUDGET.writes_ms(100)
        assert waited == 0 or count > 3_000
    assert now - begun < 5.5 * 60_000
    one = client("xa1")
    leave(world, one, BUDGET.writes - 2_999)
    assert one.sync(*writes(world, 1))["results"][0]["result"] == "stored"


@pytest.mark.databases("both")
def test_a_person_with_many_devices_has_two_budgets_in_all(world: World, client: MakeClient) -> None:
    """X-52: replaced phones may hand in, and each has its own budget."""
    phones = [client("xa1") for _ in range(4)]
    answers = []
    for number, each in enumerate(phones):
        leave(world, each, 1)
        answers.append(each.post("/sync", json={"writes": writes(world, 2, number)}).status_code)
    assert answers == [200] * 4  # together they spent little
    with world.app.app_context(), writing() as session:
        until = now_ms() + BUDGET.writes_ms(BUDGET.writes)
        session.execute(text("UPDATE person_quota SET writes_until = :until"), {"until": until + 2_000})
    for each in phones:
        leave(world, each, 100)
        check(each.post("/sync", json={"writes": writes(world, 1, 9)}))
    assert client("xa2").sync(*writes(world, 1, 77))["results"][0]["result"] == "stored"


@pytest.mark.databases("sqlite")
def test_an_alone_device_costs_no_row_of_its_person(world: World, client: MakeClient) -> None:
    client("xa1").sync(*writes(world, 1))
    with world.app.app_context(), reading() as session:
        assert session.scalar(text("SELECT count(*) FROM person_quota")) == 0


@pytest.mark.databases("sqlite")
def test_seconds_of_the_processor_are_charged_and_run_out(world: World, client: MakeClient) -> None:
    one, other = client("xa1"), client("xa2")
    one.sync(*writes(world, 100))
    device = device_of(world, one).id
    spent = devices.owed(device).ms
    assert spent > 0  # a push of 100 costs some ms
    one.sync(*writes(world, 1, 2))
    assert device_of(world, one).quota_work_until >= now_ms() - 5_000 + BUDGET.work_ms(spent)
    devices.owe(device, BUDGET.seconds * 1000)
    wait = check(one.post("/sync", json={"cursors": []}))  # pulls cost, too
    check(one.get("/catalog"))
    assert other.get("/catalog").status_code == 200
    with later(wait):
        assert one.post("/sync", json={"cursors": []}).status_code == 200
    assert device_of(world, one).quota_work_until - now_ms() > BUDGET.work_ms(
        BUDGET.seconds * 1000 - 1000
    )  # every process
    assert devices.owed(device).ms < devices.BOOK_MS


@pytest.mark.databases("both")
@pytest.mark.parametrize("minutes", [10, 40, 24 * 60])
def test_a_clock_that_was_set_back_keeps_nobody_out(world: World, client: MakeClient, minutes: int) -> None:
    """Nor does its person, or the processor's time that it used ahead."""
    one, second = client("xa1"), client("xa1")
    with later(60 * minutes):
        second.sync(*writes(world, 1, 8))
        one.sync(*writes(world, 5))
        one.sync(*writes(world, 5, 4))  # books the seconds of the one before
    put(world, one, quota_pushing_until=now_ms() + 86_400_000)
    assert len(one.sync(*writes(world, 2, 3))["results"]) == 2
    assert device_of(world, one).quota_writes_until < now_ms() + 60_000
    assert device_of(world, one).quota_work_until < now_ms() + 60_000
    assert second.get("/catalog").status_code == 200
    assert len(second.sync(*writes(world, 1, 9))["results"]) == 1


@pytest.mark.databases("both")
def test_nobody_is_longer_over_the_budget_than_the_largest_push_lasts(world: World, client: MakeClient) -> None:
    """So what is farther is of a clock set back, whatever a flood of pulls at once cost the processor."""
    one = client("xa1")
    put(world, one, quota_work_until=now_ms() + BUDGET.work_ms(BUDGET.seconds * 1000) - 1_000)
    devices.owe(device_of(world, one).id, 95)
    with later(0):
        one.sync(*writes(world, 1))
        devices.owe(device_of(world, one).id, 600_000)
        check(one.get("/catalog"))  # by the door, before any row has it
        with world.app.app_context(), writing() as session:
            row = device_of(world, one)
            spent = devices.Spent(work=devices.owed(row.id))
            session.connection().execute(devices.COUNTING, devices.counted(row.id, now_ms(), spent, BUDGET))
            devices.booked(row.id, spent.work)
        assert device_of(world, one).quota_work_until == BUDGET.work_farthest(now_ms())
        assert check(one.get("/catalog")) == BUDGET.beyond() // 1000 + 1 == 51
    with later(51):
        assert one.get("/catalog").status_code == 200


@pytest.mark.databases("sqlite")
def test_a_second_push_at_once_is_put_off(world: World, client: MakeClient) -> None:
    """X-53: what asks, or only pulls, goes on."""
    one = client("xa1")
    batch = writes(world, 2)
    with devices.one_push(device_of(world, one).id):
        assert check(one.post("/sync", json={"writes": batch}), "push_running") == 1
        assert check(one.post("/sync", data=b"{ no JSON" + b" " * devices.LARGE), "push_running") == 1  # not read
        assert one.post("/sync", json={"ask": new_id()}).status_code == 200
        assert one.post("/sync", json={}).status_code == 200
        assert client("xa2").sync(*writes(world, 1, 77))["results"]
    assert stored(world) == 1
    assert len(one.sync(*batch)["results"]) == 2


@pytest.mark.databases("both")
def test_a_push_that_another_host_stores_is_seen_for_as_long_as_it_may_take(world: World, client: MakeClient) -> None:
    one = client("xa1")
    put(world, one, quota_pushing_until=now_ms() + 10_000)
    assert check(one.post("/sync", json={"writes": writes(world, 2)}), "push_running") == 1
    put(world, one, quota_pushing_until=now_ms() - 1)  # that host is gone
    assert len(one.sync(*writes(world, 2))["results"]) == 2


def test_a_push_does_not_wait_for_another_one_of_its_device(world: World, client: MakeClient) -> None:
    """PostgreSQL: two hosts at once; SQLite has one writer, and the second waits its turn behind one part."""
    with world.app.app_context():
        if db.engine.dialect.name != "postgresql":
            pytest.skip("one writer")
        engine = db.engine
    one = client("xa1")
    key = int.from_bytes(sha256(device_of(world, one).id.encode()).digest()[:8], "big", signed=True)
    with engine.connect() as other_host:
        other_host.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
        assert check(one.post("/sync", json={"writes": writes(world, 2)}), "push_running") == 1
    assert len(one.sync(*writes(world, 2))["results"]) == 2


@pytest.mark.databases("sqlite")
def test_an_upload_keeps_what_a_generous_budget_counted(world: World, client: MakeClient) -> None:
    one, photo = client("xa1"), shot()
    announce(world, one, photo)
    settings = installed(world.app).settings
    installed(world.app).settings = replace(settings, device_writes=100_000, device_seconds=3_000)
    spent = now_ms() + 3_600_000
    put(world, one, quota_writes_until=spent, quota_work_until=spent)
    assert one.create_upload(photo.thumb_sha256, len(photo.thumb), photo.thumb).status_code == 201
    assert device_of(world, one).quota_bytes > len(photo.thumb)
    assert (device_of(world, one).quota_writes_until, device_of(world, one).quota_work_until) == (spent, spent)


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> dict[int, Callable[[], object]]:
    """What happens before the nth transaction of a push; parts have two writes."""
    acts: dict[int, Callable[[], object]] = {}
    begun, real = [0], writing

    def counting(who: str | None = None) -> Any:
        begun[0] += 1
        act = acts.pop(begun[0], None)
        if act is not None:
            act()
        return real(who)

    monkeypatch.setattr(round_trip, "PART", 2)
    monkeypatch.setattr(round_trip, "writing", counting)
    return acts


@pytest.mark.databases("both")
def test_an_honest_push_comes_in_between_the_parts_of_a_large_one(
    world: World, client: MakeClient, between: dict[int, Callable[[], object]]
) -> None:
    """X-54: the answer is that of one push, in order, and is kept as one (X-15)."""
    flood, honest, batch, push = client("xa1"), client("xa2"), writes(world, 7), new_id()
    its = writes(world, 1, 5)
    between[3] = lambda: honest.sync(*its)
    answer = flood.post("/sync", json={"push": push, "app": 3, "writes": batch}).get_json()
    assert [each["id"] for each in answer["results"]] == [each["id"] for each in batch]
    places = [each["position"] for each in answer["results"]]
    assert [b - a for a, b in pairwise(places)] == [1, 1, 1, 2, 1, 1]  # one came in between
    assert [change["record"] for change in answer["changes"]] == [its[0]["id"]]
    asked = flood.post("/sync", json={"app": 3, "ask": push}).get_json()["asked"]
    assert (asked["known"], sum(run["count"] for run in asked["runs"])) == (True, 7)


@pytest.mark.databases("both")
def test_a_server_that_fails_between_the_parts_loses_nothing(
    world: World, client: MakeClient, between: dict[int, Callable[[], object]]
) -> None:
    """The push is not kept, so its client sends it again, and each write counts once (X-3, X-16)."""
    one, batch, push = client("xa1"), writes(world, 5), new_id()

    def fail() -> None:
        raise OperationalError("", None, Exception("disk full"))

    between[2] = fail
    answer = one.post("/sync", json={"push": push, "app": 3, "writes": batch})
    assert answer.status_code == 503
    assert stored(world) == 2
    assert device_of(world, one).quota_pushing_until == 0  # it may come again at once
    assert one.post("/sync", json={"app": 3, "ask": push}).get_json()["asked"]["known"] is False
    assert [each["result"] for each in one.sync(*batch)["results"]] == ["stored"] * 5
    assert stored(world) == 5


@pytest.mark.databases("sqlite")
def test_a_push_that_gives_up_sets_no_lease_but_its_own_free(
    world: World, client: MakeClient, between: dict[int, Callable[[], object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = client("xa1"), now_ms() + 15_000

    def fail() -> None:
        put(world, one, quota_pushing_until=other)  # ours was over, and another host began
        raise OperationalError("", None, Exception("disk full"))

    between[2] = fail
    assert one.post("/sync", json={"writes": writes(world, 5)}).status_code == 503
    assert device_of(world, one).quota_pushing_until == other
    put(world, one, quota_pushing_until=0)
    monkeypatch.setattr(devices, "PUSHES_A_MINUTE", 0)
    monkeypatch.setattr(devices, "check_door", lambda *_, **__: None)
    check(one.post("/sync", json={"writes": writes(world, 5)}))
    assert device_of(world, one).quota_pushing_until == 0  # nor does one that is refused


@pytest.mark.databases("sqlite")
def test_a_device_revoked_between_the_parts_stores_no_more(
    world: World, client: MakeClient, between: dict[int, Callable[[], object]]
) -> None:
    """L-7: at once."""
    one = client("xa1")
    between[2] = lambda: put(world, one, revoked_at=now_ms())
    assert one.post("/sync", json={"writes": writes(world, 5)}).status_code == 401
    assert stored(world) == 2
