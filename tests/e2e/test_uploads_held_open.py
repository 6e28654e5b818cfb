"""Uploads that are half sent, and stay so: on the real server, whose processes share nothing but files and database."""

from __future__ import annotations

import functools
import select
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest

from support.clients.client import Client, Shot, shot
from support.clients.raw import PATIENCE_S, Raw
from support.clients.uploading import announce, blob, partial
from support.installation.served import Served, forked
from support.world.world import World
from support.world.world import world as make_world

pytestmark = pytest.mark.slow
SENDERS = 8
PIECE = 40_000


@contextmanager
def serving(database_url: str, data_dir: Path, **settings: str) -> Iterator[tuple[World, Served, Client]]:
    """The server, and one device that speaks to it through Flask's client for what is not the test's point."""
    with make_world(database_url, data_dir) as world, forked(database_url, data_dir, **settings) as server:
        yield world, server, Client(world.app.test_client(), world.token("xa1"))


def begin(world: World, one: Client, photo: Shot) -> None:
    announce(world, one, photo)
    assert one.create_upload(photo.sha256, len(photo.data)).status_code == 201


def until(has_come: Callable[[], bool], what: str) -> None:
    """Ask again until it is so."""
    end = time.monotonic() + PATIENCE_S
    while not has_come():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def is_longer(path: Path, size: int) -> bool:
    return path.stat().st_size > size


def test_no_database_connection_is_held_while_a_body_is_read(database_url: str, tmp_path: Path) -> None:
    """Ten bodies under way, two connections: whatever held one would leave none for the call beside them."""
    settings = {"LOA_WORKERS": "1", "LOA_THREADS": "16", "LOA_CONNECTIONS": "2"}
    with serving(database_url, tmp_path / "data", **settings) as (world, server, one), ExitStack() as stack:
        photos = [shot(seed) for seed in range(10)]
        lines = [stack.enter_context(Raw(server.port)) for _ in photos]
        for photo, line in zip(photos, lines, strict=True):
            begin(world, one, photo)
            line.patch(one.token, photo.sha256, 0, len(photo.data), photo.data[:PIECE])
        for photo in photos:
            path = partial(world, "xa1", photo.sha256)
            until(functools.partial(is_longer, path, PIECE // 2), "its body is read")
        with Raw(server.port) as beside:
            head = {"Authorization": f"Bearer {one.token}", "Content-Type": "application/json", "Content-Length": "2"}
            beside.ask("POST /api/v1/sync", head, b"{}")
            assert beside.status() == 200
        for photo, line in zip(photos, lines, strict=True):
            line.send(photo.data[PIECE:])
        assert [line.status() for line in lines] == [204] * len(lines)
        assert all(blob(world, photo.sha256).read_bytes() == photo.data for photo in photos)


def worker_of(server: Served, line: Raw) -> int | None:
    """The process that accepted this connection."""
    assert server.process is not None
    for worker in psutil.Process(server.process.pid).children():
        if line.own_port in {end.raddr.port for end in worker.net_connections("tcp") if end.status == "ESTABLISHED"}:
            return worker.pid
    return None


def is_accepted(server: Served, line: Raw) -> bool:
    return worker_of(server, line) is not None


def lines_to_both(server: Served, stack: ExitStack) -> list[Raw]:
    """Connections of which each of two processes has at least two."""
    lines: list[Raw] = []
    owners: Counter[int | None] = Counter()
    while len(lines) < SENDERS or len(owners) < 2 or min(owners.values()) < 2:
        assert len(lines) < 200, "one process takes all connections"
        line = stack.enter_context(Raw(server.port))
        until(functools.partial(is_accepted, server, line), "a process accepts it")
        lines.append(line)
        owners[worker_of(server, line)] += 1
    return lines


def last_one(lines: list[Raw]) -> Raw:
    """The connection that is still listened to, once all others have their answer."""
    answered: set[int] = set()
    end = time.monotonic() + PATIENCE_S
    while len(answered) < len(lines) - 1:
        assert time.monotonic() < end, f"{len(answered)} of {len(lines)} answered"
        ready, _, _ = select.select([line.line for line in lines if line.own_port not in answered], [], [], 1)
        answered |= {each.getsockname()[1] for each in ready}
    (left,) = [line for line in lines if line.own_port not in answered]
    return left


@pytest.mark.databases("sqlite")
@pytest.mark.costly
def test_of_many_that_write_one_upload_one_wins_and_bytes_are_never_mixed(database_url: str, tmp_path: Path) -> None:
    settings = {"LOA_WORKERS": "2", "LOA_THREADS": "32"}
    with serving(database_url, tmp_path / "data", **settings) as (world, server, one):
        photo, at = shot(), 0
        begin(world, one, photo)
        for _ in range(3):
            with ExitStack() as stack:
                lines = lines_to_both(server, stack)
                for number, line in enumerate(lines):
                    line.patch(one.token, photo.sha256, at, PIECE, bytes([number]) * (PIECE // 2))
                winner = last_one(lines)
                assert {line.status() for line in lines if line is not winner} == {423}
                winner.send(bytes([lines.index(winner)]) * (PIECE // 2))
                assert winner.status() == 204
                arrived = partial(world, "xa1", photo.sha256).read_bytes()
                assert arrived[at:] == bytes([lines.index(winner)]) * PIECE
                at += PIECE
        one.http.delete(
            f"/api/v1/uploads/{photo.sha256}",
            headers={"Tus-Resumable": "1.0.0", "Authorization": f"Bearer {one.token}"},
        )
        begin(world, one, photo)
        with (
            ExitStack() as stack
        ):  # the right bytes, whole, by all at once: one judges, the others find it done or locked
            lines = lines_to_both(server, stack)
            for line in lines:
                line.patch(one.token, photo.sha256, 0, len(photo.data), photo.data[:-1])
            last_one(lines).send(photo.data[-1:])
            statuses = sorted(line.status() for line in lines)
            assert statuses == [204] + [423] * (len(lines) - 1)
        assert blob(world, photo.sha256).read_bytes() == photo.data
        with ExitStack() as stack:
            lines = lines_to_both(server, stack)
            for line in lines:
                line.patch(one.token, photo.sha256, 0, len(photo.data), b"")
            assert {line.status() for line in lines} == {409}
