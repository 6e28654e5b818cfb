"""One version of Loa, in a process of its own, of which rounds of pushes are asked over its input (push.py).

It takes nothing from the bench but what every version of it has, since it is run on older ones, too.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import wire
from bench.device import request
from bench.hub import people
from server.core.clock import new_id
from server.core.db import db
from server.services.hints import refreshing
from support.installation.databases import Engine, Postgresql, Sqlite
from support.world.workload import records
from support.world.world import World, world

Json = dict[str, Any]
UNLIMITED = {f"LOA_DEVICE_{name}": "100000000" for name in ("WRITES", "WRITES_A_MINUTE", "SECONDS", "SECONDS_A_MINUTE")}
PHONES, EACH, MANY, WORN = 50, 20, 100, 5_000
ROUNDS = 8
"""So many have streams without a record; then they go on in the same ones."""


class _Pushes:
    """Fifty phones of fifty new communes for each round; two more: for a hundred at once, with a well-worn record."""

    def __init__(self, made: World) -> None:
        self._made, self._client = made, made.app.test_client()
        self._units, self._tokens = people(made, PHONES * ROUNDS + 2)
        self._cursors: list[list[Json]] = [[] for _ in self._units]
        self._seed = self._rounds = 0
        self._wear(PHONES * ROUNDS + 1)

    def round(self) -> dict[str, list[float]]:
        """Seconds of processor of each push, and of all that is made behind of a thousand records in fifty streams.

        Requests are the second push of each phone: the first brings most words that its stream will ever have.
        """
        first = PHONES * (self._rounds % ROUNDS)
        phones, self._rounds = range(first, first + PHONES), self._rounds + 1
        self._refresh()  # what the round before left
        for phone in phones:
            self._push(phone, EACH)
        background = self._refresh()
        return {
            "request": [self._push(phone, EACH) for phone in phones],
            "background": [background],
            "hundred": [self._push(PHONES * ROUNDS, MANY)],
            "worn": [self._push(PHONES * ROUNDS + 1, EACH)],
        }

    def _push(self, phone: int, count: int) -> float:
        self._seed += 1
        return self._send(phone, records(count, self._units[phone], self._made.campaign, seed=self._seed))

    def _send(self, phone: int, writes: Sequence[Json]) -> float:
        body = wire.packed(request(self._cursors[phone], writes))
        used = time.process_time()
        got = self._client.post(wire.SYNC, data=body, headers=wire.sync_headers(self._tokens[phone]))
        used = time.process_time() - used
        told = wire.whole(wire.unpacked(got.get_data(), got.headers["Content-Encoding"]))
        assert all(row["result"] == "stored" for row in told["results"]), told["results"][0]
        self._cursors[phone] = told["cursors"]
        return used

    def _wear(self, phone: int) -> None:
        """Edit one record so often that its history is as long as a person would never make it."""
        first = records(1, self._units[phone], self._made.campaign, seed=10**6)
        self._send(phone, first)
        seen, record = first[0]["id"], first[0]["id"]
        for _ in range(0, WORN, MANY):
            edits = []
            for number in range(MANY):
                edit = {"id": new_id(), "record": record, "at": first[0]["at"], "seen": [seen]}
                edits.append({**edit, "set": {"note": f"lần {number}"}})
                seen = edit["id"]
            self._send(phone, edits)

    def _refresh(self) -> float:
        with self._made.app.app_context():
            used = time.process_time()
            refreshing.refresh(_Quiet(), ())  # type: ignore[arg-type]  # all that it asks of an attempt
            used = time.process_time() - used
            db.session.remove()
        return used


class _Quiet:
    """An attempt at a job of which nobody is told."""

    def progress(self, done: int, of: int) -> None:
        """Go on."""


def main() -> None:
    """Answer each line of the input with a round's seconds."""
    folder = Path(sys.argv[2])
    engine: Engine = Sqlite(folder) if sys.argv[1] == "sqlite" else Postgresql(folder)
    try:
        with world(engine.fresh(), folder / "data", **UNLIMITED) as made:
            pushes = _Pushes(made)
            pushes.round()  # warms what is made once
            for _ in sys.stdin:
                print(json.dumps(pushes.round()), flush=True)
    finally:
        engine.close()


if __name__ == "__main__":
    main()
