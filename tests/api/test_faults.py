"""Faults under the hub: what was answered as stored is stored, and one write's fault is its own (G1, G6, X-2)."""

from __future__ import annotations

import gzip
import threading
import tracemalloc
from typing import Any

import pytest
from sqlalchemy import event, select

from server.core.db import db, reading, writing
from server.core.secrets_at_rest import new_code
from server.models import Record, WriteRow
from server.services.organisation.staff import end_roles, give_role
from server.services.records import projection
from support.clients.client import MakeClient
from support.world.workload import records
from support.world.world import World


def stored(world: World) -> set[str]:
    with world.app.app_context(), reading() as session:
        return set(session.scalars(select(WriteRow.id)))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("free_pages", [2, 8, 20, 40])
def test_a_full_disk_answers_nothing_as_stored_that_is_not(world: World, client: MakeClient, free_pages: int) -> None:
    """G1: SQLite rolls the whole transaction back, not the savepoint; the next savepoint would begin another."""
    one = client("xa1")
    with world.app.app_context():
        pages = db.session.connection().exec_driver_sql("PRAGMA page_count").scalar_one()
        db.session.remove()
        db.engine.dispose()
        event.listen(db.engine, "connect", lambda raw, _: raw.execute(f"PRAGMA max_page_count={pages + free_pages}"))
    answer = one.post("/sync", json={"writes": records(150, world.units["12286"], world.campaign)})
    results = answer.get_json().get("results", []) if answer.status_code == 200 else []
    assert {row["id"] for row in results if row["result"] == "stored"} <= stored(world)
    assert answer.status_code == 503
    assert (answer.get_json()["code"], answer.headers["Retry-After"]) == ("unavailable", "30")


def test_a_fault_of_one_write_is_its_own(world: World, client: MakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    writes = records(5, world.units["12286"], world.campaign)
    update = projection.update

    def broken(record: Record, *rest: Any) -> projection.Shift:
        shift = update(record, *rest)
        if record.id == writes[2]["id"]:
            raise AttributeError("a slip of ours")
        return shift

    monkeypatch.setattr(projection, "update", broken)
    one = client("xa1")
    results = one.sync(*writes)["results"]
    assert [row["result"] for row in results] == ["stored", "stored", "later", "stored", "stored"]
    assert [row.get("number") for row in results] == ["BR-1", "BR-2", None, "BR-3", "BR-4"]
    monkeypatch.undo()
    assert one.sync(writes[2])["results"][0]["number"] == "BR-5"


def test_a_kind_that_is_no_word_is_refused_alone(world: World, client: MakeClient) -> None:
    good, bad = records(2, world.units["12286"], world.campaign)
    results = client("xa1").sync({**bad, "kind": "\ud800"}, good)["results"]
    assert [(row["result"], row.get("code")) for row in results] == [("refused", "bad_write"), ("stored", None)]


def test_who_moved_and_repeats_a_stored_write_is_told_stored(world: World, client: MakeClient) -> None:
    """X-3: the answer was lost, then the officer moved; others learn nothing from an id."""
    one, write = client("xa1"), records(1, world.units["12286"], world.campaign)[0]
    assert one.result(write)[0] == "stored"
    with world.app.app_context(), writing() as session:
        end_roles(session, world.officers["xa1"], world.units["12286"])
        give_role(session, world.officers["xa1"], world.units["12289"], "officer")
    assert one.result(write)[0] == "stored"
    assert client("dinhcao").result(write)[:2] == ("refused", "id_reused")


def test_who_nobody_is_costs_no_memory(world: World) -> None:
    """The token is asked for before a body is inflated."""
    bomb = gzip.compress(b" " * 8_000_000)
    client = world.app.test_client()
    tracemalloc.start()
    answer = client.post("/api/v1/sync", data=bomb, headers={"Content-Encoding": "gzip", "Authorization": "Bearer x"})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (answer.status_code, answer.get_json()["code"]) == (401, "unauthenticated")
    assert peak < 2_000_000


@pytest.mark.slow
def test_many_phones_at_once_take_every_position_once(world: World, client: MakeClient) -> None:
    """C-1: without the stream's lock two requests draw one position, and one of them fails."""
    phones = [client(name) for name in ("xa1", "xa2", "xa1", "xa2")]
    shared = records(1, world.units["12286"], world.campaign, seed=99)[0]
    phones[0].sync(shared)
    answers: list[str] = []

    def push(number: int) -> None:
        batch = records(12, world.units["12286"], world.campaign, seed=number)
        for at in range(0, 12, 3):
            edit = {
                "id": f"edit{number:06}{at:06}",
                "at": at,
                "record": shared["id"],
                "set": {"note": f"{number} {at}"},
            }
            answers.extend(row["result"] for row in phones[number].sync(*batch[at : at + 3], edit)["results"])

    threads = [threading.Thread(target=push, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["stored"] * 64
    with world.app.app_context(), reading() as session:
        positions = sorted(session.scalars(select(WriteRow.position)))
    assert positions == list(range(1, 66))


def test_guesses_at_once_find_nothing_and_shut_nobody_out(world: World) -> None:
    code, statuses = world.code("xa1"), []

    def guess(digits: str) -> None:
        answer = world.app.test_client().post("/api/v1/enrolment", json={"code": digits})
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=guess, args=(new_code(),)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [403] * 20
    guess(code)
    assert statuses[-1] == 201
