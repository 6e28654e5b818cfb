"""Streams are locked in one order, however one comes to them, so that two never wait for each other (SPEC C-1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.core.db import reading, writing
from server.models import Stream
from server.services.continuity import revocations
from server.services.hints import freshness
from server.services.records import streams
from server.services.records.journal import WriteBatch
from server.services.recovery import purges
from server.serving.installation import installed
from support.clients.client import MakeClient
from support.world.purging import purge
from support.world.workload import records
from support.world.world import World


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The streams that each call locked, in the order in which it did."""
    lock, calls = streams.lock, list[list[str]]()

    def noting(*args: Any, **named: Any) -> Any:
        found = lock(*args, **named)
        calls.append(list(found))
        return found

    monkeypatch.setattr(streams, "lock", noting)
    return calls


def in_two_streams(world: World) -> list[dict[str, Any]]:
    """A write into each stream of a unit, that of the last stream first."""
    unit = world.units["12286"]
    with world.app.app_context(), reading() as session:
        here = select(Stream.campaign_id).where(Stream.unit_id == unit).order_by(Stream.id.desc())
        return [records(1, unit, campaign, seed)[0] for seed, campaign in enumerate(session.scalars(here))]


def in_order(world: World, *ids: str) -> list[str]:
    """As the database orders them."""
    with world.app.app_context(), reading() as session:
        return list(session.scalars(select(Stream.id).where(Stream.id.in_(ids)).order_by(Stream.id)))


def test_where_a_fault_has_each_write_judged_alone(
    world: World, client: MakeClient, locked: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """X-2: taking all of it back lets go of the locks, so they are taken again before the first is judged."""
    save = WriteBatch.save

    def of_one(self: WriteBatch) -> None:
        if len(self._new_writes) > 1:
            raise RuntimeError("a slip of ours")
        save(self)

    monkeypatch.setattr(WriteBatch, "save", of_one)
    writes = in_two_streams(world)
    assert {row["result"] for row in client("xa1").sync(*writes)["results"]} == {"stored"}
    together, again, *alone = locked
    assert together == again == in_order(world, *again)
    assert sorted(id_ for ids in alone for id_ in ids) == sorted(again)


def test_where_records_are_purged_part_by_part(
    world: World, client: MakeClient, locked: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """L-11."""
    writes = in_two_streams(world)
    client("xa1").sync(*writes)
    locked.clear()
    monkeypatch.setattr(purges, "AT_ONCE", 1)
    purge(world, *(write["id"] for write in writes))
    every, *parts = locked
    assert every == in_order(world, *every)
    assert sorted(id_ for ids in parts for id_ in ids) == sorted(every)


def test_where_purges_are_done_again(world: World, client: MakeClient, locked: list[list[str]]) -> None:
    """B-9: of records that an older database brought back."""
    writes = in_two_streams(world)
    client("xa1").sync(*writes)
    named = [{"at": now_ms(), "what": "purge", "id": write["id"], "ended": True} for write in writes]
    revocations.append(installed(world.app).settings.revocations_file, named)
    locked.clear()
    with world.app.app_context(), writing() as session:
        assert purges.reapply(session, installed(world.app).blobs) == len(writes)
    every, *parts = locked
    assert every == in_order(world, *every)
    assert sorted(id_ for ids in parts for id_ in ids) == sorted(every)


def test_where_hints_are_outdated_when_purges_are_done_again(
    world: World, client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once for all records: the hints' own job locks the same rows in the same order."""
    writes = in_two_streams(world)
    client("xa1").sync(*writes)
    named = [{"at": now_ms(), "what": "purge", "id": write["id"], "ended": True} for write in writes]
    revocations.append(installed(world.app).settings.revocations_file, named)
    outdate, calls = freshness.outdate, list[set[str]]()

    def noting(session: Session, stream_ids: Iterable[str]) -> None:
        calls.append(set(stream_ids))
        outdate(session, calls[-1])

    monkeypatch.setattr(freshness, "outdate", noting)
    with world.app.app_context(), writing() as session:
        purges.reapply(session, installed(world.app).blobs)
    (together,) = [each for each in calls if each]
    assert len(together) == len(writes)
