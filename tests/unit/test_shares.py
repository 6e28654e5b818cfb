"""Which worker takes the next connection."""

from __future__ import annotations

import logging
import os
import selectors
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psutil
import pytest

from server.processes import slow_lines
from server.processes.gunicorn_app import Served
from server.processes.shares import LEFT_S, TAKEN_S, OwnShare, Shares
from server.processes.slow_lines import LOOK_S, SlowLines
from server.settings import Settings
from support.installation.databases import Engine
from support.installation.ports import LOOPBACK, free_port
from support.installation.served import forked
from support.waiting import until
from support.world.world import fill


def test_who_has_more_leaves_the_next_one_for_a_moment_and_then_takes_it() -> None:
    shares = Shares()
    first, second = OwnShare(shares, 1), OwnShare(shares, 2)
    assert first.takes(0, 100.0)
    second.note(0)
    assert not first.takes(1, 100.0)
    assert not first.takes(1, 100.0 + LEFT_S / 2)
    assert first.left_until == 100.0 + LEFT_S
    assert first.takes(1, 100.0 + LEFT_S)
    assert first.takes(2, 100.0 + LEFT_S + TAKEN_S / 2)
    assert not first.takes(3, 100.0 + LEFT_S + TAKEN_S * 2)


def test_a_loop_that_is_always_late_puts_each_one_off_once() -> None:
    shares, now, late = Shares(), 100.0, 0.011
    first, second = OwnShare(shares, 1), OwnShare(shares, 2)
    second.note(0)
    for connections in range(1, 20):
        if not first.takes(connections, now):
            now = first.left_until + late
            assert first.takes(connections, now)
        now += late


def test_one_that_another_took_does_not_count_for_the_next() -> None:
    shares = Shares()
    first, second = OwnShare(shares, 1), OwnShare(shares, 2)
    second.note(0)
    assert not first.takes(5, 100.0)
    first.looked(100.0)
    assert first.takes(5, 101.0), "it was not ready to take one, so this may be the one that it left"
    assert not first.takes(5, 102.0)
    first.looked(102.1)
    assert not first.takes(5, 103.0)


def test_as_many_as_another_takes_at_once() -> None:
    shares = Shares()
    first, second = OwnShare(shares, 1), OwnShare(shares, 2)
    second.note(5)
    assert first.takes(5, 100.0)
    second.note(4)
    assert not first.takes(5, 100.0)


def test_one_alone_and_one_whose_colleague_ended_wait_for_nobody() -> None:
    shares = Shares()
    first, second = OwnShare(shares, 1), OwnShare(shares, 2)
    assert first.takes(300, 100.0)
    second.note(0)
    assert not first.takes(300, 100.0)
    shares.drop(2)
    assert first.takes(300, 100.0)


def test_a_forked_worker_is_seen() -> None:
    shares = Shares()
    shares.note(1, 9)
    child = os.fork()
    if not child:
        shares.note(2, 3)
        os._exit(0)
    os.waitpid(child, 0)
    assert shares.least() == 3


@dataclass
class Clock:
    """The worker's clock. Each look at it takes `step` seconds."""

    now: float = 1_000.0
    step: float = 0.0

    def monotonic(self) -> float:
        self.now += self.step
        return self.now


class Waits(selectors.DefaultSelector):
    """Tells how long the loop would wait, and does not wait."""

    def __init__(self) -> None:
        super().__init__()
        self.last: float | None = None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.last = timeout
        return super().select(0)


@dataclass
class Loop:
    """A worker's loop on a real socket, turn by turn, beside a second worker that has no connection."""

    worker: Any
    clock: Clock
    waits: Waits
    listener: socket.socket
    clients: list[socket.socket]

    @property
    def shares(self) -> Shares:
        found: Shares = self.worker.app.shares
        return found

    def connect(self) -> None:
        self.clients.append(socket.create_connection(self.listener.getsockname()))

    def turn(self) -> None:
        """As gunicorn's own."""
        self.worker.set_accept_enabled(self.worker.nr_conns < self.worker.worker_connections)
        self.worker.wait_for_and_dispatch_events(timeout=1.0)

    def leave_one(self) -> float:
        """Take one, and leave the next; returns until when."""
        for _ in range(2):
            self.connect()
            self.turn()
        assert self.worker.nr_conns == 1
        return self.clock.now + LEFT_S


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Loop]:
    clock, waits, clients = Clock(), Waits(), list[socket.socket]()
    monkeypatch.setattr(slow_lines, "time", clock)
    app = Served(Settings.from_environment({"LOA_DATA_DIR": str(tmp_path), "LOA_PORT": str(free_port())}))
    with socket.create_server((LOOPBACK, 0)) as listener:
        worker: Any = SlowLines(1, os.getppid(), [listener], app, 30, app.cfg, logging.getLogger(__name__))
        worker.poller = waits
        app.shares.note(2, 0)
        yield Loop(worker, clock, waits, listener, clients)
        taken: list[Any] = [key.fileobj for key in waits.get_map().values()]
        for each in [*clients, *taken]:
            each.close()
        waits.close()
        worker.tmp.close()


def test_a_worker_looks_again_when_the_moment_is_over(loop: Loop) -> None:
    until = loop.leave_one()
    loop.turn()
    assert loop.waits.last == pytest.approx(LEFT_S)
    loop.clock.now = until + 0.5
    loop.turn()
    assert loop.worker.nr_conns == 2


def test_a_moment_that_ends_while_the_loop_turns_is_over_at_once(loop: Loop) -> None:
    until = loop.leave_one()
    loop.clock.now, loop.clock.step = until - 0.003, 0.002
    loop.turn()
    assert loop.waits.last == 0
    loop.turn()
    assert loop.worker.nr_conns == 2


def test_a_worker_leaves_the_next_one_too_if_another_took_the_last(loop: Loop) -> None:
    loop.clock.now = loop.leave_one() + 0.5
    loop.clients.append(loop.listener.accept()[0])
    loop.turn()
    loop.connect()
    loop.turn()
    assert loop.worker.nr_conns == 1


def test_a_worker_that_stops_is_left_none(loop: Loop) -> None:
    loop.clock.now = loop.leave_one() + 0.5
    loop.shares.drop(2)
    loop.shares.note(3, 7)
    assert loop.shares.least() == 1
    loop.worker.alive = False
    loop.worker.set_accept_enabled(False)
    loop.worker.wait_for_and_dispatch_events(timeout=1.0)
    assert loop.shares.least() == 7
    assert loop.waits.last == LOOK_S, "it does not look for what it will not take"


@pytest.mark.slow
def test_both_workers_of_a_server_have_clients(database_engine: Callable[[str], Engine], tmp_path: Path) -> None:
    """Connections that stay open, one after the other: on one shared socket one worker took 39 of 40."""
    with forked(database_engine("sqlite").fresh(fill), tmp_path / "data", LOA_WORKERS="2") as server:
        assert server.process is not None
        workers = psutil.Process(server.process.pid).children
        until(lambda: len(workers()) == 2)

        def ask() -> HTTPConnection:
            made = HTTPConnection(LOOPBACK, server.port)
            made.request("GET", "/api/v1/health")
            made.getresponse().read()
            return made

        def shares() -> list[int]:
            return [sum(each.status == "ESTABLISHED" for each in one.net_connections("tcp")) for one in workers()]

        first: list[HTTPConnection] = []

        def both_serve() -> bool:
            first.append(ask())
            return min(shares()) > 0

        until(both_serve)
        for each in first:
            each.close()
        until(lambda: sum(shares()) == 0)
        held = [ask() for _ in range(40)]
        assert min(shares()) > 0, shares()  # how many each has is the rule's, above: a busy machine serves unevenly
        for each in held:
            each.close()
