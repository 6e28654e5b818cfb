"""Many phones at once, in processes of their own: what they send is made before, what they got is read after."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

from bench import wire

PROCESSES = 5
AHEAD_S = 0.3
"""From the word to the start, so that every thread of every process is waiting by then."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One request, ready to send."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Hit:
    """What became of it; seconds from the common start."""

    begun: float
    ended: float
    status: int
    body: bytes
    coding: str


class Crowd:
    """Worker processes that stay, so that a round costs nothing but its requests."""

    def __init__(self, port: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._ends: list[Connection] = []
        self._processes = []
        for _ in range(PROCESSES):
            mine, theirs = context.Pipe()
            process = context.Process(target=_work, args=(theirs, port), daemon=True)
            process.start()
            self._ends.append(mine)
            self._processes.append(process)
        for end in self._ends:
            end.recv()  # it is there

    def fire(self, shots: Sequence[Shot]) -> list[Hit]:
        """All at once; answers in the order of the shots."""
        for number, end in enumerate(self._ends):
            end.send(shots[number :: len(self._ends)])
        for end in self._ends:
            end.recv()  # threads stand ready
        start = time.monotonic() + AHEAD_S
        for end in self._ends:
            end.send(start)
        hits: list[Hit | None] = [None] * len(shots)
        for number, end in enumerate(self._ends):
            hits[number :: len(self._ends)] = end.recv()
        return [hit for hit in hits if hit is not None]

    def close(self) -> None:
        """End the processes."""
        for end in self._ends:
            end.send(None)
        for process in self._processes:
            process.join(10)


@contextmanager
def crowd(port: int) -> Iterator[Crowd]:
    """A crowd for the length of a with-block."""
    made = Crowd(port)
    try:
        yield made
    finally:
        made.close()


def _work(end: Connection, port: int) -> None:
    """A process of the crowd: take shots, wait for the start, fire each from a thread of its own."""
    end.send("here")
    while (shots := end.recv()) is not None:
        hits: list[Hit | None] = [None] * len(shots)
        go, start = threading.Event(), [0.0]

        def fire(number: int, shot: Shot, hits: list[Hit | None] = hits, start: list[float] = start) -> None:
            go.wait()  # noqa: B023  # joined before the next round makes another
            time.sleep(max(0.0, start[0] - time.monotonic()))
            begun = time.monotonic() - start[0]
            try:
                got = wire.ask(port, "POST", shot.path, shot.headers, shot.body)
            except OSError:
                hits[number] = Hit(begun, time.monotonic() - start[0], 0, b"", "")
                return
            coding = got.headers.get("content-encoding", "")
            hits[number] = Hit(begun, time.monotonic() - start[0], got.status, got.body, coding)

        threads = [threading.Thread(target=fire, args=(n, shot)) for n, shot in enumerate(shots)]
        for thread in threads:
            thread.start()
        end.send("ready")
        start[0] = end.recv()
        go.set()
        for thread in threads:
            thread.join()
        end.send(hits)
