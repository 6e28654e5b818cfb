"""A thousand phones on the last day of a campaign, in a process of their own.

Half of a campaign comes in its last two days, so a quarter on the last. Text is sent where it is written: in the
morning, in the afternoon, and most in the evening before the due date. Two photos in five follow within minutes, the
others in the evening where there is Wi-Fi. A tenth of all requests is cut on the way, there or back.

A phone does one thing after the other. It repeats what was not answered, asks first what became of a push whose answer
was lost (SPEC X-16), and goes on with a photo where it was cut (P-6).
"""

from __future__ import annotations

import asyncio
import base64
import multiprocessing
import random
import ssl
import time
from bisect import insort
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from bench import wire
from bench.device import request
from server.core.clock import new_id
from support.clients.client import OCTETS, TUS, shot
from support.world.workload import records
from sync.protocol import unpack_runs

BEGINS_H, ENDS_H = 7.0, 22.0
TEXT = ((0.30, 9.5, 1.3), (0.35, 15.0, 1.4), (0.35, 20.0, 1.0))
"""Share, hour and spread of each time at which people write."""
SOON, SOON_H = 0.4, 0.1
"""Photos that are sent at once, and how long these wait on average."""
WIFI = (20.3, 1.0)
CUT = 0.1
EXPECTED = (404, 409, 423, 429, 502, 503, 504)
"""Answers after which a phone comes again: also that another host has no part of this photo, or that its first try is
still being read."""
FIRST = 32 * 1024
"""Bytes of a photo that a phone sends with the request that creates it (pwa/src/photos/upload.ts)."""
PAUSE_S, LONGEST_PAUSE_S = 0.5, 8.0
LEFT_S = 900
"""After the day: until all that waits on phones has been taken."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A phone before its day. `source`: the address of its operator, which hundreds share."""

    token: str
    unit: str
    source: str
    seed: int


@dataclass(frozen=True, slots=True)
class Day:
    """What all phones share: where the server is, how long the day lasts, and how many records each brings.

    `cut`: the share of requests that break on the way. `trust`: the file of the certificate of a server over TLS.
    """

    port: int
    campaign: str
    seconds: float
    each: int
    cut: float = CUT
    trust: str = ""

    def context(self) -> ssl.SSLContext | None:
        """What a phone needs for TLS."""
        return ssl.create_default_context(cafile=self.trust) if self.trust else None


@dataclass(slots=True)
class Hit:
    """An answer, or none. `what`: text, photo or other; `at`: seconds since the day began; `status` 0: none came."""

    what: str
    at: float
    seconds: float
    status: int
    cut: bool


@dataclass
class Tally:
    """What became of the day. Times to a write's acknowledgement begin with the first try."""

    hits: list[Hit] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    photos: list[str] = field(default_factory=list)
    """Hashes of photos and thumbnails that the server took whole."""
    verified: list[str] = field(default_factory=list)
    """Hashes of photos that an exchange said are verified, at the end of the day."""
    waits: list[tuple[float, float]] = field(default_factory=list)
    """When a record was written, and how long until it was acknowledged."""
    odd: Counter[str] = field(default_factory=Counter)
    recovered: int = 0
    """Pushes whose answer was lost, and whose results came when the phone asked for them."""
    on: int = 0
    anew: int = 0
    """Photos that went on where they were cut, and that began anew although the server had a part."""
    left: int = 0
    """Records or photos that were still on a phone when patience ended."""


def hour(rng: random.Random) -> float:
    """When somebody writes a record."""
    found = -1.0
    while not BEGINS_H <= found <= ENDS_H:
        ((_, middle, spread),) = rng.choices(TEXT, [share for share, _, _ in TEXT])
        found = rng.gauss(middle, spread)
    return found


def photo_hour(rng: random.Random, written: float) -> float:
    """When its photo is sent."""
    found = written + rng.expovariate(1 / SOON_H) if rng.random() < SOON else max(written, rng.gauss(*WIFI))
    return min(found, ENDS_H)


class Phone:
    """One phone's day."""

    def __init__(self, owner: Owner, day: Day, tally: Tally, began: float, trust: ssl.SSLContext | None = None) -> None:
        self._owner, self._day, self._tally, self._began, self._trust = owner, day, tally, began, trust
        self._rng = random.Random(owner.seed)
        self._cursors: list[Any] = []
        self._mark: str | None = None
        self._waiting: list[tuple[float, int, Any]] = []
        """What is to be done: when, in which order, and a photo, or None for a record to be written."""
        self._photos: list[str] = []
        for number in range(day.each):
            insort(self._waiting, (self._at(hour(self._rng)), number, None))

    def _at(self, hour: float) -> float:
        return (hour - BEGINS_H) / (ENDS_H - BEGINS_H) * self._day.seconds

    def _hour(self, at: float) -> float:
        return BEGINS_H + at / self._day.seconds * (ENDS_H - BEGINS_H)

    def now(self) -> float:
        """Seconds since the day began."""
        return time.monotonic() - self._began

    async def live(self) -> None:
        """The whole day; what is left when patience ends is counted."""
        try:
            while self._waiting:
                at, number, picture = self._waiting[0]
                await asyncio.sleep(max(0.0, at - self.now()))
                if picture is None:
                    await self._write(at, number)
                else:
                    await self._bring(picture.thumb_sha256, picture.thumb)
                    await self._bring(picture.sha256, picture.data)
                    self._photos.append(picture.sha256)
                self._waiting = [each for each in self._waiting if each[:2] != (at, number)]
            await self._ask_of_photos()
        except asyncio.CancelledError:
            self._tally.left += len(self._waiting)

    async def _write(self, at: float, number: int) -> None:
        picture = await asyncio.to_thread(shot, self._owner.seed * 1000 + number)
        (write,) = records(1, self._owner.unit, self._day.campaign, seed=self._owner.seed * 1000 + number)
        write |= {"id": new_id(), "set": write["set"] | picture.register}
        began = self.now()
        (row,) = await self._push([write])
        if row["result"] == "stored":
            self._tally.acknowledged.append(write["id"])
            self._tally.waits.append((began, self.now() - began))
        else:
            self._tally.odd[f"refused {row.get('code')}"] += 1
        due = self._at(photo_hour(self._rng, self._hour(at)))
        insort(self._waiting, (max(due, self.now()), number + self._day.each, picture), key=lambda each: each[:2])

    async def _ask_of_photos(self) -> None:
        pause = PAUSE_S
        while self._photos:
            answer = await self._exchange("other", photos=self._photos)
            if answer is None:
                pause = await self._wait(pause)
                continue
            verified = {row["sha256"] for row in answer["photos"] if row["state"] == "verified"}
            self._tally.verified += verified
            self._photos = [sha for sha in self._photos if sha not in verified]
            if self._photos:  # the store could not be asked just now (P-8)
                pause = await self._wait(pause)

    async def _push(self, writes: list[Any]) -> list[Any]:
        push, pause = new_id(), PAUSE_S
        answer = await self._exchange("text", push=push, writes=writes)
        while answer is None:
            pause = await self._wait(pause)
            asked = await self._exchange("other", ask=push)
            if asked is None:
                continue
            rows = unpack_runs(asked["asked"]["runs"])
            if rows:
                self._tally.recovered += 1
                return list(rows)
            answer = await self._exchange("text", push=push, writes=writes)
        return list(answer["results"])

    async def _wait(self, pause: float) -> float:
        await asyncio.sleep(pause * self._rng.uniform(0.5, 1.5))
        return min(pause * 2, LONGEST_PAUSE_S)

    async def _exchange(self, what: str, **question: Any) -> Any:
        """The answer, or None where none came."""
        if self._mark and "ask" not in question:
            question["mark"] = self._mark
        packed = wire.packed(request(() if "ask" in question else self._cursors, **question))
        answer = await self._ask(what, "POST", wire.SYNC, wire.sync_headers(self._owner.token), packed)
        if answer.status != 200 or answer.cut:
            return None
        body = answer.whole()
        if "ask" not in question:
            self._cursors, self._mark = body["cursors"], body.get("mark", self._mark)
        return body

    async def _bring(self, sha: str, data: bytes) -> None:
        """A file, until the server has it."""
        offset, pause, had, begun = -1, PAUSE_S, 0, False
        while offset < len(data):
            if offset < 0:
                named = base64.b64encode(sha.encode()).decode()
                headers = {"Upload-Length": str(len(data)), "Upload-Metadata": f"sha256 {named}"}
                # Creating again says how much of it is there.
                answer = await self._upload("POST", "/api/v1/uploads", headers, b"" if begun else data[:FIRST])
            else:
                headers = {"Upload-Offset": str(offset)}
                answer = await self._upload("PATCH", f"/api/v1/uploads/{sha}", headers, data[offset:])
            if answer.status in (201, 204) and not answer.cut:
                now = int(answer.headers["upload-offset"])
                if had and offset < 0:
                    self._tally.on += now >= had
                    self._tally.anew += now < had
                had = offset = now
                continue
            offset, begun = -1, True
            pause = await self._wait(pause)
        self._tally.photos.append(sha)

    async def _upload(self, method: str, path: str, headers: dict[str, str], body: bytes) -> wire.Answer:
        sent = {"Authorization": f"Bearer {self._owner.token}", **TUS, **headers}
        if body:
            sent["Content-Type"] = OCTETS
        return await self._ask("photo", method, path, sent, body)

    async def _ask(self, what: str, method: str, path: str, headers: dict[str, str], body: bytes) -> wire.Answer:
        leaves = self._rng.choice((1.0, self._rng.random())) if self._rng.random() < self._day.cut else None
        at = self.now()
        answer = await wire.ask_among_many(
            self._day.port, method, path, headers, body, source=self._owner.source, leaves=leaves, trust=self._trust
        )
        self._tally.hits.append(Hit(what, at, answer.seconds, 0 if answer.cut else answer.status, leaves is not None))
        if answer.status >= 400 and answer.status not in EXPECTED:
            self._tally.odd[f"{method} {answer.status} {answer.text()[:120]!r}"] += 1
        return answer


class Phones:
    """The phones' process, seen from outside."""

    def __init__(self, owners: Sequence[Owner], day: Day) -> None:
        context = multiprocessing.get_context("spawn")
        self._end, theirs = context.Pipe()
        self._process = context.Process(target=_live, args=(theirs, list(owners), day), daemon=True)
        self._process.start()
        self._tally: Tally | None = None
        self._end.recv()

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid or 0

    def tally(self) -> Tally:
        """What became of it, once it is over."""
        if self._tally is None:
            self._tally = self._end.recv()
            self._process.join(30)
        return self._tally

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()


@contextmanager
def phones(owners: Sequence[Owner], day: Day) -> Iterator[Phones]:
    """Their day begins with the with-block."""
    made = Phones(owners, day)
    try:
        yield made
    finally:
        made.close()


def _live(end: Connection, owners: list[Owner], day: Day) -> None:
    end.send("here")
    end.send(asyncio.run(_all(owners, day)))


async def _all(owners: list[Owner], day: Day) -> Tally:
    tally, began, trust = Tally(), time.monotonic(), day.context()
    tasks = [asyncio.create_task(Phone(owner, day, tally, began, trust).live()) for owner in owners]
    done, late = await asyncio.wait(tasks, timeout=day.seconds + LEFT_S)
    for task in late:
        task.cancel()
    await asyncio.gather(*late)
    for task in done:
        task.result()
    return tally
