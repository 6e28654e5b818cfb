"""What of confidential cases is never published: a few communes' numbers, and people who were published before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from server.core.clock import now_ms
from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.models import PublicFigures, SealedTotals, Stream, Unit, UnitSplit
from server.services.campaigns.lifecycle import NewCampaign, open_campaign
from server.services.cases import public, taking_over
from support.world.cases import entered, entitle, made
from support.world.changes import merge
from support.world.confidential import vault
from support.world.world import World

pytestmark = pytest.mark.sqlite_first

MakeDesk = Callable[..., Any]


@pytest.fixture(autouse=True)
def _holders(world: World) -> None:
    entitle(world)


def opened(world: World, code: str, first: date, last: date) -> str:
    with world.app.app_context(), writing() as session:
        new = NewCampaign(
            name="Đợt khác", starts_on=first, ends_on=last, due_before=date(2024, 1, 1), hotline="111", slogans=["x"]
        )
        return open_campaign(session, world.units[code], new).id


def refusal(world: World, campaign: str) -> str:
    """Why the province's officer may not publish it; empty if it was published."""
    with world.app.app_context(), writing() as session:
        try:
            public.publish(session, vault(world), world.officers["mat_tinh"], world.units["33"], campaign)
        except Problem as refused:
            return refused.code
    return ""


@pytest.mark.parametrize("code", ["12286", "331"])
def test_a_campaign_of_a_commune_or_a_district_is_not_the_province_s(world: World, desk: MakeDesk, code: str) -> None:
    campaign = opened(world, code, date(2022, 3, 1), date(2022, 3, 31))
    made(entered(world, desk(), "mat_xa"), received="2022-03-05")
    assert refusal(world, campaign) == "case_public_few"


def test_a_province_of_two_communes_publishes_nothing(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        for stream in session.scalars(select(Stream).where(Stream.unit_id == world.units["12289"])):
            session.delete(stream)
    assert refusal(world, world.campaign) == "case_public_few"
    above = entered(world, desk(), "mat_tinh")
    above.get(f"/desk/cases/figures?unit={world.units['33']}&campaign={world.campaign}")
    assert "có dưới 3 xã tham gia" in above.text
    assert not above.has_form("/desk/cases/publish"), "no button that would be refused"


@pytest.mark.both_databases
def test_a_merged_commune_is_not_one_more_that_takes_part(world: World) -> None:
    merge(world, "12289", into="12286")
    assert refusal(world, world.campaign) == "case_public_few", "two are left of three"


@pytest.mark.slow
def test_nothing_is_published_while_totals_entered_by_hand_cannot_be_read(world: World, desk: MakeDesk) -> None:
    """A case beside them does not hide them."""
    one = entered(world, desk(), "mat_xa")
    one.get(f"/desk/annex?unit={world.units['12286']}&campaign={world.campaign}")
    one.post(one.form("/desk/annex/totals"), received="30", supported="20")
    made(one)
    with world.app.app_context(), writing() as session:
        session.execute(update(SealedTotals).values(key_id="lost"))
    assert refusal(world, world.campaign) == "case_unreadable"
    with world.app.app_context(), writing() as session:
        me, unit = world.officers["mat_xa"], world.units["12286"]
        taking_over.drop(session, vault(world), me, world.campaign, unit)
    assert refusal(world, world.campaign) == "", "they count no more"


@pytest.mark.both_databases
def test_the_same_days_of_another_campaign_are_not_published_again(world: World) -> None:
    assert refusal(world, world.campaign) == ""
    beside = opened(world, "33", date(2021, 7, 15), date(2021, 8, 15))
    after = opened(world, "33", date(2021, 8, 1), date(2021, 8, 15))
    assert refusal(world, beside) == "case_public"
    assert refusal(world, after) == ""
    with world.app.app_context(), reading() as session:
        assert len(session.scalars(select(PublicFigures)).all()) == 2


def unit_of(id_: str, level: str, parent: str | None, **more: Any) -> Unit:
    return Unit(
        id=id_ * 16, code=id_, name=f"Đơn vị {id_}", short_name=id_, level=level, parent_id=parent,
        valid_from=date(2021, 1, 1), **more,
    )  # fmt: skip


@pytest.mark.parametrize("how", ["whole", "commune", "split"])
def test_nobody_is_published_again_by_the_province_that_took_another_one_or_its_commune_in(
    world: World, how: str
) -> None:
    """The difference of both reports would be a number of its own."""
    with world.app.app_context(), writing() as session:
        whole, gone = how == "whole", {"merged_at": now_ms(), "former_parent_id": None}
        session.add(unit_of("o", "province", world.units["33"] if whole else None, **(gone if whole else {})))
        session.flush()
        if how == "split":  # a province gave it a commune, as in a tree with a unit above provinces
            went = [world.units["33"], False, [[world.units["12286"], "o" * 16]]]
            session.add(
                UnitSplit(id="s" * 16, unit_id="o" * 16, first_day=date(2021, 7, 1), at=1, parts=[went], moves=[])
            )
        elif not whole:
            more = {"merged_at": now_ms(), "former_parent_id": "o" * 16}
            session.add(unit_of("x", "commune", world.units["12286"], **more))
        row = PublicFigures(
            id="p" * 16, unit_id="o" * 16, officer_id=world.officers["mat_tinh"], at=now_ms(),
            first=date(2021, 7, 10), last=date(2021, 7, 20), shown={},
        )  # fmt: skip
        session.add(row)
    assert refusal(world, world.campaign) == "case_public"
    with world.app.app_context(), writing() as session:
        session.delete(session.get_one(PublicFigures, "p" * 16))
    assert refusal(world, world.campaign) == ""
