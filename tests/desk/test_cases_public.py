"""What of confidential cases is published: half-years, and never a few communes' numbers or people published before."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from server.core.clock import now_ms, today
from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.models import PublicFigures, SealedTotals, Unit, UnitSplit
from server.models.installation import lock_catalog
from server.services.campaigns.lifecycle import NewCampaign, open_campaign
from server.services.cases import public, taking_over
from server.services.cases.counting import HalfYear
from support.clients.desk import MakeDesk
from support.world.cases import entered, entitle, made
from support.world.changes import merge
from support.world.confidential import vault
from support.world.world import World

pytestmark = pytest.mark.databases("both")


@pytest.fixture(autouse=True)
def _holders(world: World) -> None:
    entitle(world)


def opened(world: World, code: str, first: date, last: date) -> str:
    with world.app.app_context(), writing() as session:
        new = NewCampaign(
            name="Đợt khác", starts_on=first, ends_on=last, due_before=date(2024, 1, 1), hotline="111", slogans=["x"]
        )
        return open_campaign(session, world.units[code], new).id


LATER = HalfYear(date(2021, 7, 1), date(2021, 12, 31))
"""The half-year of the campaign."""


def refusal(world: World, half: HalfYear = LATER) -> str:
    """Why the province's officer may not publish it; empty if it was published."""
    with world.app.app_context(), writing() as session:
        try:
            public.publish(session, vault(world), world.officers["mat_tinh"], world.units["33"], half)
        except Problem as refused:
            return refused.code
    return ""


def rows(world: World) -> list[PublicFigures]:
    with world.app.app_context(), reading() as session:
        found = list(session.scalars(select(PublicFigures).order_by(PublicFigures.first)))
        session.expunge_all()
        return found


def test_campaigns_of_a_day_publish_no_day(world: World, desk: MakeDesk) -> None:
    """Four campaigns of one day gave 0, 1-7, 1-7, 1-7, so days of cases. The half-year is all there is."""
    one = entered(world, desk(), "mat_xa")
    for day in (7, 8, 9):
        made(one, received=f"2022-03-{day:02}")
    campaigns = [opened(world, "33", day, day) for day in (date(2022, 3, each) for each in (6, 7, 8, 9))]
    above = entered(world, desk(), "mat_tinh")
    for campaign in campaigns:
        above.get(f"/desk/cases/figures?unit={world.units['33']}&campaign={campaign}&half=2022-06-30")
        if above.has_form("/desk/cases/publish"):
            above.post(above.form("/desk/cases/publish"), yes="1", campaign=campaign)
    assert [(row.first, row.last) for row in rows(world)] == [(date(2022, 1, 1), date(2022, 6, 30))]
    (row,) = rows(world)
    assert (row.shown["received"], row.shown["regimes"]) == ("1-7", None)
    above.get(f"/desk/cases/figures?unit={world.units['33']}&campaign={campaigns[0]}&half=2022-06-30")
    assert "Số người tiếp nhận từ 1 đến 7" in above.text[above.text.index("Bản công khai") :]
    above.get(f"/desk/cases/figures?unit={world.units['33']}&campaign={campaigns[0]}")
    form = above.form("/desk/cases/publish")
    for span in ("2022-03-06", "2022-03-31", "2100-06-30", ""):
        assert above.post(form, yes="1", half=span).status_code == 404, "no other days, none to come"
    assert len(rows(world)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_all_that_was_ever_published_is_of_half_years_apart(world: World, desk: MakeDesk, seed: int) -> None:
    """A random history of cases, campaigns and publications: each row is a half-year's number, as a sign."""
    luck = random.Random(seed)
    one, above = entered(world, desk(), "mat_xa"), entered(world, desk(), "mat_tinh")
    opened(world, "33", date(2022, 1, 1), date(2022, 1, 1))
    received: list[date] = []
    told: dict[date, str] = {}
    for _ in range(40):
        day = date(2022, 1, 1) + timedelta(days=luck.randrange(900))
        if luck.random() < 0.6:
            made(one, received=day.isoformat())
            received.append(day)
        elif luck.random() < 0.4:
            opened(world, "33", day, day + timedelta(days=luck.randrange(3)))
        elif refusal(world, half := HalfYear.of(day)) == "" and half.last not in told:
            told[half.last] = public.sign(sum(HalfYear.of(each) == half for each in received))
    above.get("/desk/cases")
    assert {row.last: row.shown["received"] for row in rows(world)} == told
    assert all(HalfYear.of(row.first) == (row.first, row.last) for row in rows(world))
    assert len(told) > 2


def test_a_half_year_that_goes_on_is_not_published(world: World) -> None:
    with world.app.app_context(), reading() as session:
        offered = public.half_years(session)
    assert offered[-1] == LATER, "back to the first campaign"
    assert all(half.last < today() for half in offered)
    assert refusal(world, HalfYear.of(today())) == "case_public"


def test_a_province_of_two_communes_publishes_nothing(world: World, desk: MakeDesk) -> None:
    """A merged commune is not one more."""
    merge(world, "12289", into="12286")
    assert refusal(world) == "case_public_few"
    above = entered(world, desk(), "mat_tinh")
    above.get(f"/desk/cases/figures?unit={world.units['33']}&campaign={world.campaign}&half=2021-12-31")
    assert "có dưới 3 xã" in above.text
    assert not above.has_form("/desk/cases/publish"), "no button that would be refused"


@pytest.mark.slow
def test_nothing_is_published_while_totals_entered_by_hand_cannot_be_read(world: World, desk: MakeDesk) -> None:
    """A case beside them does not hide them."""
    one = entered(world, desk(), "mat_xa")
    one.get(f"/desk/annex?unit={world.units['12286']}&campaign={world.campaign}")
    one.post(one.form("/desk/annex/totals"), received="30", supported="20")
    made(one)
    with world.app.app_context(), writing() as session:
        session.execute(update(SealedTotals).values(key_id="lost"))
    assert refusal(world) == "case_unreadable"
    with world.app.app_context(), writing() as session:
        me, unit = world.officers["mat_xa"], world.units["12286"]
        taking_over.drop(session, vault(world), me, world.campaign, unit)
    assert refusal(world) == "", "they count no more"


def test_what_was_entered_by_hand_counts_once_for_campaigns_with_days_in_common(world: World, desk: MakeDesk) -> None:
    """In the half-year of the campaign's last day; campaigns apart add up."""
    one = entered(world, desk(), "mat_xa")
    within = opened(world, "33", date(2021, 7, 10), date(2021, 7, 12))
    apart = opened(world, "33", date(2021, 11, 1), date(2021, 11, 30))
    for campaign, people in ((world.campaign, 20), (within, 12), (apart, 10)):
        one.get(f"/desk/annex?unit={world.units['12286']}&campaign={campaign}")
        one.post(one.form("/desk/annex/totals"), received=str(people), supported="0")
    assert refusal(world) == ""
    assert [row.shown["received"] for row in rows(world)] == ["30"]


def test_totals_by_hand_across_two_half_years_are_in_no_version(world: World, desk: MakeDesk) -> None:
    """Somebody of 20 June with a case, and in the typed totals too, was in both: by case and by hand."""
    one = entered(world, desk(), "mat_xa")
    across = opened(world, "33", date(2022, 6, 15), date(2022, 7, 15))
    one.get(f"/desk/annex?unit={world.units['12286']}&campaign={across}")
    one.post(one.form("/desk/annex/totals"), received="1", supported="0")
    made(one, received="2022-06-20")
    assert refusal(world, HalfYear.of(date(2022, 1, 1))) == ""
    assert refusal(world, HalfYear.of(date(2022, 7, 1))) == ""
    assert [row.shown["received"] for row in rows(world)] == ["1-7", "0"]


def test_days_that_were_published_of_a_campaign_are_not_published_again(world: World) -> None:
    """An earlier Loa did."""
    with world.app.app_context(), writing() as session:
        session.add(
            PublicFigures(
                id="p" * 16, unit_id=world.units["33"], officer_id=world.officers["mat_tinh"], at=now_ms(),
                first=date(2021, 7, 10), last=date(2021, 7, 20), shown={},
            )
        )  # fmt: skip
    assert refusal(world) == "case_public"
    assert refusal(world, HalfYear.of(date(2022, 1, 1))) == ""
    assert refusal(world, HalfYear.of(date(2022, 1, 1))) == "", "what stands is given back"
    assert len(rows(world)) == 2


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
        lock_catalog(session)
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
    assert refusal(world) == "case_public"
    with world.app.app_context(), writing() as session:
        session.delete(session.get_one(PublicFigures, "p" * 16))
    assert refusal(world) == ""
