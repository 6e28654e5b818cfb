"""A full disk, a locked database, a store of photos that fails: 503, nothing lost, and work goes on by itself."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from bench import w6, wire
from bench.device import Device, request
from bench.hub import Hub
from chaos.hubs import hub
from chaos.room import room
from server.core.db import db
from support.clients.client import Client
from support.installation.databases import Engine
from support.world.workload import records
from support.world.world import World

MOST = 60


def pid_of(made: Hub) -> int:
    assert made.server.process is not None
    return made.server.process.pid


def push(made: Hub, number: int, count: int = 50) -> tuple[wire.Answer, list[str]]:
    writes = records(count, made.units[0], made.campaign, seed=number)
    return wire.sync(made.port, made.tokens[0], request((), writes)), [write["id"] for write in writes]


def check_unavailable(answer: wire.Answer) -> None:
    assert (answer.status, answer.json()["code"]) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_full_disk(kind: str, database_engine: Callable[[str], Engine], tmp_path: Path) -> None:
    """SQLite's file is on it too; of PostgreSQL only the photos are."""
    url = database_engine(kind).fresh()
    with room(tmp_path / "small") as disk:
        if kind == "sqlite":
            file = disk.folder / "loa.sqlite"
            shutil.copyfile(url.removeprefix("sqlite:///"), file)
            url = f"sqlite:///{file}"
        with hub(url, disk.folder) as made:
            picture = w6.photo()
            w6.announce(made, picture)
            path = w6.create(made, picture)
            acknowledged = set()
            disk.fill(pid_of(made))
            refused = [w6.send(made, path, picture.data, 0, made.port)]
            if kind == "sqlite":
                for number in range(MOST):  # the log of writes has some room of its own
                    answer, ids = push(made, number)
                    if answer.status != 200:
                        refused.append(answer)
                        break
                    acknowledged |= set(ids)
                assert len(refused) == 2
            for answer in refused:
                check_unavailable(answer)
            disk.free(pid_of(made))
            answer, ids = push(made, MOST)
            assert answer.status == 200
            assert acknowledged | set(ids) <= made.stored_ids()
            offset = w6.offset(made, path)
            assert w6.send(made, path, picture.data, offset, made.port).status == 204
            how = "tmpfs" if disk.mounted else "limit"
            print(f"{kind}: disk full ({how}), {len(acknowledged | set(ids))} acknowledged, all stored")


@contextmanager
def held(world: World, url: str) -> Iterator[None]:
    """Somebody else holds what a push needs."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
    else:
        with psycopg.connect(url.replace("+psycopg", "")) as other:
            other.execute("SELECT * FROM stream WHERE campaign_id = %s FOR UPDATE", [world.campaign])
            yield
            other.rollback()


def test_a_locked_database(world: World, database_url: str) -> None:
    """As long as ours waits (shortened here), and then no longer."""

    def impatient(connection: Any, _record: object) -> None:
        if database_url.startswith("sqlite"):
            connection.execute("PRAGMA busy_timeout=300")
        else:
            connection.execute("SET lock_timeout = '300ms'")
            connection.commit()

    one = Client(world.app.test_client(), world.token("xa1"))
    writes = records(3, world.units["12286"], world.campaign)
    with world.app.app_context():
        db.session.remove()
        db.engine.dispose()
        event.listen(db.engine, "connect", impatient)
    with held(world, database_url):
        answer = one.post("/sync", json={"writes": writes})
        assert (answer.status_code, answer.get_json()["code"]) == (503, "unavailable")
        assert answer.headers["Retry-After"] == "30"
    assert [row["result"] for row in one.sync(*writes)["results"]] == ["stored"] * 3


@pytest.mark.slow
@pytest.mark.databases("sqlite")
def test_a_store_of_photos_that_fails(database_url: str, tmp_path: Path) -> None:
    """It alone is full: text goes on, and of a photo that came no byte need be sent again."""
    with room(tmp_path / "store") as disk:
        data = tmp_path / "data"
        data.mkdir()
        (data / "photos").symlink_to(disk.folder)
        with hub(database_url, tmp_path) as made:
            picture = w6.photo()
            w6.announce(made, picture)
            path = w6.create(made, picture)
            disk.fill(pid_of(made))
            check_unavailable(w6.send(made, path, picture.data, 0, made.port))
            answer, ids = push(made, 1)
            if disk.mounted:  # a limit is the whole server's
                assert answer.status == 200
                assert set(ids) <= made.stored_ids()
            disk.free(pid_of(made))
            offset = int(w6.begin(made, picture).headers["upload-offset"])
            if disk.mounted:
                assert offset == len(picture.data)
            elif offset < len(picture.data):
                assert w6.send(made, path, picture.data, offset, made.port).status == 204
            states = Device(made.tokens[0], made.port).sync(photos=[picture.sha256])["photos"]
            assert states == [{"sha256": picture.sha256, "state": "verified"}]
