"""No follower ever misses a change: twelve writers and three followers of one stream on PostgreSQL (C-1).

The naive way, positions from a sequence and no lock on the stream, is kept: it loses changes here within seconds, so
the test can fail.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Sequence, func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateSequence

from chaos.sizes import size
from server.core.db import FairTurns, db, session, writing
from server.models import Stream
from server.services.organisation.staff import NewOfficer, add_officer, give_role
from server.services.records import streams
from support.clients.client import Client
from support.world.workload import records
from support.world.world import World

WRITERS, FOLLOWERS = 12, 3
SECONDS = size(2, 60)
NAIVE_SECONDS = 20
FAR = 10**12
"""A head that is always ahead, where the stream's own position is not kept."""

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@dataclass
class Crowd:
    """What was acknowledged, and what each follower was told."""

    acknowledged: list[str] = field(default_factory=list)
    told: list[set[str]] = field(default_factory=lambda: [set() for _ in range(FOLLOWERS)])

    def missed(self) -> set[str]:
        """Acknowledged, and yet some follower was never told."""
        return {id_ for id_ in self.acknowledged if any(id_ not in told for told in self.told)}


def _officer(world: World, number: int) -> str:
    """One more officer of the commune: pushes of one person wait for each other (SPEC X-52)."""
    username = f"gap{number}"
    with world.app.app_context(), writing() as inside:
        officer = add_officer(inside, NewOfficer(username, f"Cán bộ {number}"))
        give_role(inside, officer.id, world.units["12286"], "officer")
        world.officers[username] = officer.id
    return username


def work(world: World, seconds: float, enough: Callable[[Crowd], bool] = lambda _: False) -> Crowd:
    """Write and follow until the time is over or enough was seen; then everybody follows to the end."""
    crowd, stop = Crowd(), threading.Event()
    pool = [world.token(_officer(world, number)) for number in range(WRITERS + FOLLOWERS)]
    failed: list[BaseException] = []

    def write(number: int) -> None:
        one = Client(world.app.test_client(), pool[number])
        made = (records(1, world.units["12286"], world.campaign, seed=number + n * 100)[0] for n in itertools.count())
        cursors: list[Any] = []
        while not stop.is_set():
            answer = _post(one, {"writes": [next(made)], "cursors": cursors})
            row, cursors = answer["results"][0], answer["cursors"]
            assert row["result"] == "stored", row
            crowd.acknowledged.append(row["id"])

    def follow(number: int) -> None:
        one = Client(world.app.test_client(), pool[WRITERS + number])
        cursors: list[Any] = []
        quiet = 0
        while quiet < 2:  # twice nothing after the writers have ended: that was all
            done = stop.is_set() and not any(thread.is_alive() for thread in writers)
            answer = _post(one, {"cursors": cursors})
            cursors = answer["cursors"]
            crowd.told[number] |= {change["record"] for change in answer["changes"]}
            quiet = quiet + 1 if done and not answer["changes"] else 0

    def guarded(job: Callable[[int], None], number: int) -> None:
        try:
            job(number)
        except BaseException as error:  # noqa: BLE001  # told by the test itself, below
            failed.append(error)
            stop.set()

    writers = [threading.Thread(target=guarded, args=(write, number)) for number in range(WRITERS)]
    followers = [threading.Thread(target=guarded, args=(follow, number)) for number in range(FOLLOWERS)]
    for thread in (*writers, *followers):
        thread.start()
    end = time.monotonic() + seconds
    while time.monotonic() < end and not stop.is_set() and not enough(crowd):
        time.sleep(0.2)
    stop.set()
    for thread in (*writers, *followers):
        thread.join()
    assert failed == []
    return crowd


def _post(one: Client, body: dict[str, Any]) -> Any:
    answer = one.post("/sync", json=body)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def test_no_change_is_missed(world: World) -> None:
    crowd = work(world, SECONDS)
    print(f"{len(crowd.acknowledged)} acknowledged by {WRITERS} writers, {len(crowd.missed())} missed by {FOLLOWERS}")
    assert len(crowd.acknowledged) > WRITERS
    assert crowd.missed() == set()


@pytest.mark.costly
def test_the_naive_way_misses_changes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = Sequence("naive_position")
    with world.app.app_context(), db.engine.begin() as connection:
        connection.execute(CreateSequence(drawn))
        connection.execute(update(Stream).values(position=FAR))
    unlocked = streams._LOCKED._generate()  # noqa: SLF001  # the lock is taken out of the statement, nothing else
    unlocked._for_update_arg = None  # noqa: SLF001

    def following(_: int) -> int:
        return int(session().execute(select(func.nextval("naive_position"))).scalar_one())

    def move(inside: Session, stream: Stream, position: int, received_at: int) -> None:
        kept = {"written": position, "received_at": received_at}
        inside.connection().execute(update(Stream).where(Stream.id == stream.id).values(**kept))

    monkeypatch.setattr(streams, "_LOCKED", unlocked)
    monkeypatch.setattr(streams, "following", following)
    monkeypatch.setattr(streams, "move", move)
    # Nor do they take turns, which alone keep so few at work that it is seldom seen.
    monkeypatch.setattr(FairTurns, "turn", lambda *_: nullcontext())
    crowd = work(world, NAIVE_SECONDS, enough=_somebody_is_behind)
    print(f"naive: {len(crowd.acknowledged)} acknowledged, {len(crowd.missed())} missed")
    assert crowd.missed()


def _somebody_is_behind(crowd: Crowd) -> bool:
    """More was written than a gap needs."""
    return len(crowd.acknowledged) > 100
