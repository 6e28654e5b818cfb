"""What several do to one campaign at the same moment: one waits for the other, none for one that waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.models import AuditLine, Campaign, Unit
from server.models.installation import lock_catalog
from server.services.audit.acts import Act
from server.services.campaigns import amending, lifecycle
from server.services.letters import publishing
from server.services.letters.facts import LetterFacts
from server.services.organisation import unit_splits
from server.services.organisation.split_faults import SplitPlan
from server.services.units.scope import Scope
from support.world.meanwhile import A_MOMENT_S, PATIENCE_S, meanwhile
from support.world.world import World, campaign

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
            lock_catalog(session)
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


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_campaign_that_is_opened_again_while_its_unit_is_split(world: World) -> None:
    """L-56: it waits for the split, and stays archived."""
    with world.app.app_context(), writing() as session:
        own = lifecycle.open_campaign(session, world.units["331"], campaign()).id
        lifecycle.set_status(session, own, "archived")

    def splits(session: Session) -> None:
        old, part = (session.get_one(Unit, world.units[code]) for code in ("331", "333"))
        unit_splits.split(session, SplitPlan(old, [part], date(2021, 7, 20), below={world.units["12289"]: "333"}))

    with meanwhile(world, splits), pytest.raises(Problem) as told, world.app.app_context(), writing() as session:
        lifecycle.set_status(session, own, "open")
    assert told.value.code == "campaign_split"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_campaign_that_two_delete_is_deleted_once(world: World) -> None:
    with world.app.app_context(), writing() as session:
        own = lifecycle.open_campaign(session, world.units["331"], campaign()).id

    with (
        meanwhile(world, lambda session: lifecycle.delete_empty(session, own)),
        world.app.app_context(),
        writing() as session,
    ):
        assert session.get(Campaign, own), "it is there when the command looks it up"
        assert lifecycle.delete_empty(session, own)
    with world.app.app_context(), reading() as session:
        acts = select(AuditLine.number).where(AuditLine.act == Act.CAMPAIGN_DELETED, AuditLine.about_id == own)
        assert len(session.scalars(acts).all()) == 1
