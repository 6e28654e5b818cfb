"""Hosts that share one PostgreSQL and one bucket: each a real gunicorn with a data folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.clients import over
from support.clients.client import Client
from support.installation import s3
from support.installation.databases import Engine
from support.installation.s3 import S3
from support.installation.served import Served
from support.world.world import World
from support.world.world import world as make_world


@dataclass
class Hosts:
    """`one` and `two` run; `world` makes devices in their database."""

    world: World
    one: Served
    two: Served
    settings: dict[str, str]

    def client(self, host: Served, username: str = "xa1") -> Client:
        return over.client(host.port, self.world.token(username))


@pytest.fixture
def stopped(database_engine: Callable[[str], Engine], s3: S3, tmp_path: Path) -> Iterator[Hosts]:
    """Two hosts, neither of which runs yet."""
    url = database_engine("postgresql").fresh()
    settings = {**as_settings(s3), "LOA_SECRET_KEY": "one secret of both hosts, 32 characters"}
    with make_world(url, tmp_path / "made", **settings) as world:
        one, two = (Served(url, tmp_path / name, settings=settings, forked=True) for name in ("one", "two"))
        yield Hosts(world, one, two, settings)


@pytest.fixture
def hosts(stopped: Hosts) -> Iterator[Hosts]:
    try:
        stopped.one.start()
        stopped.two.start()
        yield stopped
    finally:
        stopped.one.kill()
        stopped.two.kill()


def as_settings(service: S3) -> dict[str, str]:
    return s3.settings(service.bucket())
