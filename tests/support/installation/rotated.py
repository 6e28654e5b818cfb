"""The same installation with a new key, as `loa keys add` and the next start of the server leave it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from flask.testing import FlaskClient

from server.core.db import writing
from server.core.keyring import FIRST
from server.services.installation import own_secret
from server.serving.installation import installed
from server.settings import Settings
from support.installation.machine import Machine
from support.world.world import World


def machine_of(world: World) -> Machine:
    settings: Settings = installed(world.app).settings
    return Machine(settings.database_url, settings.data_dir)


def start(app: Flask) -> None:
    """What `loa serve` does with the keys when it starts."""
    with app.app_context(), writing() as session:
        assert own_secret.recognise(session, installed(app).keyring)


@contextmanager
def rotated(world: World) -> Iterator[World]:
    """The province under a newer key."""
    machine = machine_of(world)
    start(world.app)
    machine.done("keys", "add")
    with machine.holding(world) as made:
        start(made.app)
        yield made


@contextmanager
def without_first(world: World) -> Iterator[World]:
    """The province under a newer key, the first secret retired."""
    with rotated(world) as made:
        machine = machine_of(made)
    machine.done("keys", "retire", FIRST, "--yes")
    with machine.holding(world) as made:
        yield made


def same_browser(before: FlaskClient, world: World) -> FlaskClient:
    """The browser with its cookies, at the server as it is now."""
    after = world.app.test_client()
    for name in ("session", "browser"):
        cookie = before.get_cookie(name)
        if cookie is not None:
            after.set_cookie(name, cookie.value)
    return after
