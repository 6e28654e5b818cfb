"""A disabled account is out at once, on every phone and for every program, and in again when that is undone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from server.core.db import writing
from server.models import Officer
from server.services.access import accounts
from support.clients.client import Client
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def test_who_was_disabled_is_out_at_once_on_every_phone(world: World, client: Callable[[str], Client]) -> None:
    phones, other = [client("xa1"), client("xa1")], client("xa2")
    for undo, expected in ((False, 401), (True, 200)):
        with world.app.app_context(), writing() as session:
            accounts.disable(session, session.get_one(Officer, world.officers["xa1"]), undo=undo)
        for one in phones:
            assert one.get("/catalog").status_code == expected
            assert one.post("/sync", json={}).status_code == expected
        assert other.get("/catalog").status_code == 200
