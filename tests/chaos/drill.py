"""The drill: phones push while a backup is taken and afterwards; the machine is lost; another takes the backup.

Then the phones come to it (SPEC B-1 to B-6).

Driven by numbers: a few phones in every test run, 500 pushes of 20 phones after the backup when chaos is asked for.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import wire
from bench.hub import Hub
from chaos.sizes import FULL
from support.clients import pictures
from support.clients.client import shot
from support.clients.in_hand import InHand, enrolled
from support.clients.shipped import PageAsks, PageHears, PhoneHost
from support.clients.write_only import Json
from support.installation.machine import Machine
from support.installation.served import LOA

PATIENCE_S = 60
OF_THE_LINE = {"content-encoding", "content-length", "transfer-encoding", "connection"}
PAUSE_S = 0.0 if FULL else 0.1
"""Of a phone between two pushes: without it, all that the processor has is spent on pushes while a backup is taken."""


@dataclass
class Rider:
    """One phone with the shipped app, in a process of its own, over the real line. `port` is where its hub is now."""

    token: str
    port: int
    photos: int
    number: int
    app: InHand = field(init=False)
    pushes: int = 0
    stored: list[str] = field(default_factory=list)
    verified: list[str] = field(default_factory=list)
    """Ids of writes, and hashes of photos, of which the hub said so to this phone."""
    _made: int = 0

    def ride(self, stop: threading.Event) -> None:
        """A record, or a change of one, and now and then a photo; each sent at once."""
        while not stop.wait(PAUSE_S):
            self.work()

    def work(self) -> None:
        """One push."""
        self._made += 1
        mine = sorted(self.app.records)
        if self._made % 3 == 0 and mine:
            self.app.edit(mine[self._made % len(mine)], note=f"sửa {self.number}.{self._made}")
        else:
            files = [self._photo()] if self.photos > 0 else []
            self.app.create(files=files, quantity=self._made, note=f"ghi {self.number}.{self._made}")
        self.app.sync()
        self.pushes += 1

    def come(self) -> None:
        """To the hub, until nothing waits here."""
        self.app.sync()

    def _photo(self) -> Json:
        self.photos -= 1
        made = shot(self.number * 100 + self.photos)
        return pictures.draw(self.app.host, made.data, full=made.data, thumb=made.thumb)

    def __call__(self, asked: PageAsks) -> PageHears:
        """What becomes of a request; a hub that is down or busy is asked again, as phones do."""
        answer = self._patient(lambda: wire.ask(self.port, asked.method, asked.path, asked.headers, asked.body))
        if asked.is_exchange and answer.status == 200:
            head = json.loads(answer.text().partition(b"\n")[0])
            self.stored.extend(row["id"] for row in head["results"] if row["result"] == "stored")
            self.verified.extend(row["sha256"] for row in head["photos"] if row["state"] == "verified")
        headers = {name: value for name, value in answer.headers.items() if name.lower() not in OF_THE_LINE}
        return PageHears(answer.status, headers, answer.text())

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


@contextmanager
def riders(made: Hub, app: Path, phones: int, photos: int) -> Iterator[tuple[list[Rider], Rider]]:
    """Phones in pairs: two of each commune, so that what one brings the other has seen; and one that is alone.

    `app`: the folder of the app that was built.
    """
    with ExitStack() as stack:
        found = []
        for number in range(phones):
            place = number // 2
            token = made.tokens[place] if number % 2 == 0 else made.token(place)
            some = photos // phones + (number < photos % phones)
            found.append(_rider(stack, made, app, Rider(token, made.port, some, number), place))
        alone = Rider(made.tokens[-1], made.port, 0, phones)
        yield found, _rider(stack, made, app, alone, len(made.units) - 1)


def _rider(stack: ExitStack, made: Hub, app: Path, rider: Rider, place: int) -> Rider:
    host = stack.enter_context(PhoneHost.of(app))
    rider.app = InHand(host, rider, enrolled(made.world, rider.token), made.units[place], made.campaign)
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
