"""Hints that were made bit by bit are those that all streams made anew would have (services/hints).

A mark that comes or leaves makes only those streams anew that it can tell something. What people wrote in any order, in
units above, below and beside each other, this year and last, must come out the same.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest
from desk.test_hints import EVENT, HERE, LEAFLET, TEXT, refreshed
from sqlalchemy import delete, select

from server.core.db import reading, writing
from server.models import Campaign, Hint, HintedStream, HintMark
from server.models.installation import lock_catalog
from server.services.campaigns.lifecycle import NewCampaign, open_campaign
from server.services.hints import alike_rules
from server.services.organisation.staff import give_role
from support.clients.phone import MakePhone
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

ROUNDS, ACTS, ELSEWHEN = 12, 3, 0.25
MOST = alike_rules.MOST
NUMBER = {"event": "attendances", "leaflet": "received"}
THERE = HERE | {"lat_e6": HERE["lat_e6"] + 90_000}
NUMBERS = 20, 143, 143, 1_437
LAST_YEAR = NewCampaign("2020", date(2020, 7, 1), date(2020, 7, 31), date(2020, 8, 3), hotline="111", slogans=["a"])


def anything(rng: random.Random) -> tuple[str, dict[str, Any]]:
    """Few values, so that units often say the same: of numbers a small, a telling and a sure one."""
    number = rng.choice(NUMBERS)
    if rng.random() < 0.7:
        return "event", EVENT | {"attendances": number, "place": HERE, "note": rng.choice((TEXT, "Đông"))}
    return "leaflet", LEAFLET | {"received": number, "distributed": rng.choice((5, number))}


def begin(world: World, campaign: str, day: date) -> None:
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        row = session.get_one(Campaign, campaign)
        row.starts_on, row.ends_on, row.due_before = day, day + timedelta(30), day + timedelta(33)


def stored(world: World) -> dict[str, Any]:
    with world.app.app_context(), reading() as session:
        hints = session.execute(select(Hint.record_id, Hint.rule, Hint.grade, Hint.hits, Hint.detail))
        marks = session.execute(select(HintMark.mark, HintMark.record_id))
        return {
            "hints": {(row.record_id, row.rule): (row.grade, row.hits, row.detail) for row in hints},
            "marks": {tuple(row) for row in marks},
        }


@pytest.mark.parametrize(("most", "seed"), [(MOST, 2001), (MOST, 2002), (4, 4), (4, 5)])
def test_bit_by_bit_is_as_all_anew(
    world: World, phone: MakePhone, most: int, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`most`: records with one mark at the most; the seeds are such that each planted fault of `touched` was found."""
    monkeypatch.setattr(alike_rules, "MOST", most)
    with world.app.app_context(), writing() as session:
        give_role(session, world.officers["phucu"], world.units["331"], "officer")
        before = open_campaign(session, world.units["33"], LAST_YEAR).id
    rng = random.Random(seed)
    phones = [phone("xa1"), phone("nhanla", "12289"), phone("dinhcao", "12397"), phone("phucu", "331")]
    made: list[list[tuple[str, str]]] = [[] for _ in phones]
    seen = set[str]()
    for _ in range(ROUNDS):
        for _ in range(ACTS):
            nth = rng.randrange(len(phones))
            writer, act = phones[nth], rng.choice(("create", "create", "edit", "move", "delete"))
            if act == "create" or not made[nth]:
                writer.campaign = rng.choice((world.campaign, world.campaign, before))
                kind, values = anything(rng)
                made[nth].append((kind, writer.create(kind, **values)))
            elif act == "edit":
                kind, record = rng.choice(made[nth])
                writer.edit(record, None, **{NUMBER[kind]: rng.choice(NUMBERS)})
            elif act == "move":
                writer.edit(rng.choice(made[nth])[1], place=rng.choice((HERE, THERE)))
            else:
                writer.delete(made[nth].pop(rng.randrange(len(made[nth])))[1])
            writer.sync()
        if rng.random() < ELSEWHEN:
            begin(world, before, date(rng.choice((2020, 2022)), 7, 1))
        refreshed(world)
        bit_by_bit = stored(world)
        seen |= {rule for _, rule in bit_by_bit["hints"]}
        with world.app.app_context(), writing() as session:
            session.execute(delete(HintedStream))
        refreshed(world)
        assert stored(world) == bit_by_bit
    assert seen & {"twice_level", "alike_figures"}


@pytest.mark.parametrize(("number", "who", "unit"), [(143, "xa1", "12286"), (1_437, "nhanla", "12289")])
def test_what_came_later_or_is_of_another_day_now_is_seen(
    world: World, phone: MakePhone, number: int, who: str, unit: str
) -> None:
    """A number of the unit's own last year, and a sure one of another's: it comes, is of no earlier year, is again."""
    with world.app.app_context(), writing() as session:
        before = open_campaign(session, world.units["33"], LAST_YEAR).id
    now, then = phone("xa1"), phone(who, unit)
    record = now.create("event", **EVENT | {"attendances": number, "place": HERE})
    now.sync()
    refreshed(world)
    found = []
    then.campaign = before
    then.create("event", **EVENT | {"attendances": number, "place": HERE, "held_on": "2020-07-10"})
    then.sync()
    for year in (2020, 2022, 2020):
        begin(world, before, date(year, 7, 1))
        refreshed(world)
        found.append((record, "alike_figures") in stored(world)["hints"])
    assert found == [True, False, True]
