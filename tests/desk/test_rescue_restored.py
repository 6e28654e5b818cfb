"""Rescue files at a hub that was put back from a backup: what it lost may come into being again (SPEC B-7, B-9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from server.clock import new_id, now_ms
from server.db import writing
from server.models import Restoration
from support.lost import Lost, hand_in, sums
from support.world import World

MakeDesk = Callable[..., Any]
MakeLost = Callable[[str], Lost]


@pytest.fixture
def put_back(world: World) -> None:
    """A moment ago."""
    with world.app.app_context(), writing() as session:
        session.add(Restoration(at=now_ms()))


@pytest.mark.usefixtures("put_back")
def test_what_names_a_campaign_that_was_lost_waits(desk: MakeDesk, lost: MakeLost) -> None:
    """R-8, B-7: by this road as by the other."""
    one, reviewer = lost("xa1"), desk("huyen")
    one.phone.campaign = new_id()
    one.banner()
    assert hand_in(reviewer, one.file()) == 303
    assert sums(reviewer)[0] == [0, 0, 1, 0]
    (answer,) = one.client.sync(*one.phone.outbox)["results"]
    assert (answer["result"], answer["code"]) == ("later", "unknown_campaign")
