"""Phones that push again and again, until told to stop; what became of a push that was not answered, each asks first.

A phone knows what was acknowledged, by an answer or when it asked (SPEC X-16); the test compares it with the hub.
"""

from __future__ import annotations

import base64
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from bench import wire
from bench.device import request
from bench.hub import Hub
from server.core.clock import new_id
from support.clients.client import OCTETS, TUS, Shot
from support.world.workload import records
from sync.protocol import unpack_runs

EACH = 3
PAUSE_S = 0.05


@dataclass
class Pusher:
    """One phone. `acknowledged` are ids of writes, `verified` hashes of photos that the hub said it has."""

    hub: Hub
    number: int
    photos: list[Shot] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    verified: list[str] = field(default_factory=list)
    repeated: int = 0
    found: int = 0
    """Pushes of which the answer was lost and the hub knew all the same."""
    errors: list[Any] = field(default_factory=list)
    _batch: int = 0

    @property
    def token(self) -> str:
        """Phones share the officers there are."""
        return self.hub.tokens[self.number % len(self.hub.tokens)]

    def run(self, stop: threading.Event) -> None:
        """One batch after the other; the last one is carried through."""
        while not stop.is_set():
            self.push(self._next())
            if self.photos:
                self.photo(self.photos.pop())

    def _next(self) -> list[Any]:
        self._batch += 1
        unit = self.hub.units[self.number % len(self.hub.units)]
        return records(EACH, unit, self.hub.campaign, seed=self.number * 100_000 + self._batch)

    def push(self, writes: list[Any]) -> None:
        """Until it is answered; where the answer is lost the phone asks, and sends again what nobody knows of."""
        push = new_id()
        rows = self._exchange(push=push, writes=writes)
        while rows is None:
            self.repeated += 1
            time.sleep(PAUSE_S)
            asked = self._exchange(ask=push)
            if asked:
                self.found += 1
                rows = asked
            elif asked is not None:
                rows = self._exchange(push=push, writes=writes)
        for write, row in zip(writes, rows, strict=True):
            if row["result"] == "stored":
                self.acknowledged.append(write["id"])
            else:
                self.errors.append(row)

    def _exchange(self, **question: Any) -> list[Any] | None:
        """The results, of a push asked for none where it is not known; None where no answer came."""
        body = wire.packed(request(**question))
        answer = self._ask("POST", wire.SYNC, wire.sync_headers(self.token), body)
        if answer is None or answer.status != 200:
            return None
        told = answer.whole()
        return unpack_runs(told["asked"]["runs"]) if "asked" in told else list(told["results"])

    def photo(self, picture: Shot) -> None:
        """A record that names it, then its bytes, in one request as large as it is."""
        write = self._next()[0]
        write["set"] |= picture.register
        self.push([write])
        path = f"/api/v1/uploads/{picture.sha256}"
        headers = {"Authorization": f"Bearer {self.token}", **TUS}
        while not self._sent(path, headers, picture):
            self.repeated += 1
            time.sleep(PAUSE_S)
        self.verified.append(picture.sha256)

    def _sent(self, path: str, headers: dict[str, str], picture: Shot) -> bool:
        named = f"sha256 {base64.b64encode(picture.sha256.encode()).decode()}"
        size = str(len(picture.data))
        made = self._ask("POST", "/api/v1/uploads", {**headers, "Upload-Length": size, "Upload-Metadata": named}, b"")
        if made is None or made.status != 201:
            return False
        offset = int(made.headers["upload-offset"])
        if offset == len(picture.data):
            return True
        more = {**headers, "Content-Type": OCTETS, "Upload-Offset": str(offset)}
        sent = self._ask("PATCH", path, more, picture.data[offset:])
        return sent is not None and sent.status == 204

    def _ask(self, method: str, path: str, headers: dict[str, str], body: bytes) -> wire.Answer | None:
        try:
            answer = wire.ask(self.hub.port, method, path, headers, body)
        except OSError:
            return None  # the server is down: what these tests do
        return None if answer.cut else answer
