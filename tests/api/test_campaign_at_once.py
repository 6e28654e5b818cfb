"""A campaign is amended while somebody else ends or deletes it: one waits for the other, none for one that waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.orm import Session

from server.core.db import reading, writing
from server.models import Campaign
from server.services.campaigns import amending, lifecycle
from server.services.letters import publishing
from server.services.letters.facts import LetterFacts
from server.services.units.scope import Scope
from support.world.meanwhile import A_MOMENT_S, PATIENCE_S
from support.world.world import World

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("act", "status"),
    [
        (lambda session, campaign: lifecycle.set_status(session, campaign, "closed"), "closed"),
        (lifecycle.delete_empty, None),
    ],
    ids=["closed", "deleted"],
)
def test_who_amends_a_campaign_and_who_ends_it(
    world: World, act: Callable[[Session, str], object], status: str | None
) -> None:
    """Both have the campaign's row before they take what hangs on it, its letter, and before units and roles."""
    has_it = threading.Event()
    with world.app.app_context(), writing() as session:
        publishing.keep(session, world.campaign, LetterFacts("Công văn"))

    def amend() -> None:
        with world.app.app_context(), writing() as session:
            scope = Scope(session, world.officers["tinh"])
            campaign = amending.to_amend(session, scope, world.campaign, lock=True)
            has_it.set()
            threading.Event().wait(A_MOMENT_S)  # the other one comes to where it waits
            campaign.name = "Tên mới"
            session.flush()
            publishing.keep(session, world.campaign, LetterFacts("Công văn mới"))

    with ThreadPoolExecutor(1) as other:
        amended = other.submit(amend)
        assert has_it.wait(PATIENCE_S)
        with world.app.app_context(), writing() as session:
            act(session, world.campaign)
        amended.result(PATIENCE_S)
    with world.app.app_context(), reading() as session:
        campaign = session.get(Campaign, world.campaign)
        assert (campaign and (campaign.name, campaign.status)) == (status and ("Tên mới", status))
