"""Which worker takes the next connection."""

from __future__ import annotations

import os
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest

from server.serving.shares import LEFT_S, TAKEN_S, OwnShare, Shares
from support.installation.databases import Engine
from support.installation.ports import LOOPBACK
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


@pytest.mark.served
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
        assert min(shares()) >= 8, shares()
        for each in held:
            each.close()
