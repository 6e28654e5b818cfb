"""Rescue files at a hub that was put back from a backup: what it lost may come into being again (SPEC B-7, B-9)."""

from __future__ import annotations

import pytest

from server.core.clock import new_id, now_ms
from server.core.db import writing
from server.models import Restoration
from server.services.continuity import revocations
from server.services.recovery import purges
from server.serving.installation import installed
from support.clients.desk import MakeDesk
from support.world.lost import MakeLost, hand_in, revoke, sums
from support.world.world import World


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


@pytest.mark.usefixtures("put_back")
def test_what_was_purged_is_not_shown_though_all_of_it_was_lost(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    """L-11, B-15: its campaign is younger than the backup too, so that not even an empty record stands for it."""
    one, reviewer = lost("xa1"), desk("huyen")
    one.phone.campaign = new_id()
    gone, other = one.banner(note="mặt nạn nhân"), one.banner(note="Cổng chợ")
    place = {"unit": world.units["12286"], "campaign": one.phone.campaign, "kind": "banner", "number": 7}
    line = {"at": now_ms(), "what": "purge", "id": gone, "ended": True, "by": world.officers["quantri"], "why": "x"}
    revocations.append(installed(world.app).settings.revocations_file, [line | place])
    with world.app.app_context(), writing() as session:
        assert purges.reapply(session, installed(world.app).blobs) == 0
    revoke(world, one.device)
    assert hand_in(reviewer, one.file()) == 303
    assert "mặt nạn nhân" not in reviewer.text
    assert "Cổng chợ" in reviewer.text
    assert f'id="{other}"' in reviewer.html
