"""The drill: phones push while a backup is taken and afterwards; the machine is lost; another takes the backup.

Then the phones come to it (SPEC B-1 to B-6).

Driven by numbers: a few phones in every test run, 500 pushes of 20 phones after the backup when chaos is asked for.
"""

from __future__ import annotations

import base64
import os
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import wire
from bench.device import APP
from bench.hub import Hub
from chaos.sizes import FULL
from support.clients.client import OCTETS, TUS, shot
from support.clients.keeper import Keeper
from support.installation.machine import Machine
from support.installation.served import LOA

PATIENCE_S = 60
PAUSE_S = 0.0 if FULL else 0.1
"""Of a phone between two pushes: without it, all that the processor has is spent on pushes while a backup is taken."""


@dataclass
class Rider:
    """One phone over the real line. `port` is where its hub is now."""

    keeper: Keeper
    token: str
    port: int
    photos: int
    number: int
    pushes: int = 0
    failed: list[str] = field(default_factory=list)
    _made: int = 0

    def ride(self, stop: threading.Event) -> None:
        """A record, or a change of one, and now and then a photo; each sent at once."""
        while not stop.wait(PAUSE_S):
            self.work()

    def work(self) -> None:
        """One push."""
        self._made += 1
        mine = sorted(self.keeper.records)
        if self._made % 3 == 0 and mine:
            self.keeper.edit(mine[self._made % len(mine)], note=f"sửa {self.number}.{self._made}")
        else:
            record = self.keeper.create(quantity=self._made, note=f"ghi {self.number}.{self._made}")
            if self.photos > 0:
                self.photos -= 1
                self.keeper.add_photo(record, shot(self.number * 100 + self.photos))
        self.keeper.sync()
        self.bring_photos()
        self.pushes += 1

    def come(self) -> None:
        """To the hub, until nothing waits here."""
        self.keeper.sync()
        self.bring_photos()

    def bring_photos(self) -> None:
        """P-8: ask, bring what is wanted, and count for verified only what the hub calls so."""
        for _ in range(3):
            asked = self.keeper.unverified()
            if not asked:
                return
            for row in self.ask(self.keeper.body() | {"writes": [], "photos": asked})[1]["photos"]:
                if row["state"] == "verified":
                    self.keeper.verified.add(row["sha256"])
                elif row["state"] == "wanted":
                    self._upload(row["sha256"], self.keeper.shots[row["sha256"]])
                else:
                    self.failed.append(row["state"])

    def _upload(self, sha256: str, data: bytes) -> None:
        packed = base64.b64encode(sha256.encode()).decode()
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Upload-Length": str(len(data)),
            "Upload-Metadata": f"sha256 {packed}",
            "Content-Type": OCTETS,
            **TUS,
        }
        answer = self._patient(lambda: wire.ask(self.port, "POST", "/api/v1/uploads", headers, data))
        if answer.status != 201:
            self.failed.append(f"upload {answer.status}")

    def ask(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """One exchange as the phone app makes it; a hub that is down or busy is asked again, as phones do."""
        answer = self._patient(lambda: wire.sync(self.port, self.token, body | {"app": APP}))
        return answer.status, answer.told()

    def _patient(self, ask: Callable[[], wire.Answer]) -> wire.Answer:
        end = time.monotonic() + PATIENCE_S
        while True:
            answer = _try(ask)
            if answer is not None and answer.status != 503:
                return answer
            if time.monotonic() > end:
                message = "the hub did not answer"
                raise TimeoutError(message)
            time.sleep(0.05)


def _try(ask: Callable[[], wire.Answer]) -> wire.Answer | None:
    try:
        answer = ask()
    except OSError:
        return None
    return None if answer.cut else answer


def riders(made: Hub, phones: int, photos: int) -> list[Rider]:
    """Phones in pairs: two of each commune, so that what one brings the other has seen."""
    found = []
    for number in range(phones):
        place = number // 2
        token = made.tokens[place] if number % 2 == 0 else made.token(place)
        found.append(_rider(made, token, place, number, photos // phones + (number < photos % phones)))
    return found


def _rider(made: Hub, token: str, place: int, number: int, photos: int) -> Rider:
    keeper = Keeper(lambda _body: (0, {}), made.units[place], made.campaign)
    rider = Rider(keeper, token, made.port, photos, number)
    keeper.send = rider.ask
    return rider


def all_at_once(work: list[Callable[[], None]]) -> None:
    """Each in a thread; the first exception of any is raised."""
    errors: list[BaseException] = []

    def run(one: Callable[[], None]) -> None:
        try:
            one()
        except BaseException as error:  # noqa: BLE001  # a thread's exception would be a line in a log
            errors.append(error)

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def command(machine: Machine, *words: str | Path) -> str:
    """The real `loa` in a process of its own."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("LOA_")} | machine.environment
    done = subprocess.run([LOA, *words], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
