"""Hints that were made bit by bit are those that all streams made anew would have (services/hints).

A mark that comes or leaves makes only those streams anew that it can tell something. What people wrote in any order, in
units above, below and beside each other, this year and last, must come out the same.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from desk.test_hints import EVENT, HERE, LEAFLET, TEXT, refreshed
from sqlalchemy import delete, select

from server.core.db import reading, writing
from server.models import Hint, HintedStream, HintMark
from server.services.campaigns.lifecycle import NewCampaign, open_campaign
from server.services.hints import alike_rules
from server.services.organisation.staff import give_role
from support.clients.phone import Phone
from support.world.world import World

pytestmark = pytest.mark.sqlite_first

MakePhone = Callable[..., Phone]
ROUNDS, ACTS = 12, 3
MOST = alike_rules.MOST
NUMBER = {"event": "attendances", "leaflet": "received"}
NUMBERS = 20, 143, 143, 1_437
LAST_YEAR = NewCampaign("2020", date(2020, 7, 1), date(2020, 7, 31), date(2020, 8, 3), hotline="111", slogans=["a"])


def anything(rng: random.Random) -> tuple[str, dict[str, Any]]:
    """Few values, so that units often say the same: of numbers a small, a telling and a sure one."""
    number = rng.choice(NUMBERS)
    if rng.random() < 0.7:
        return "event", EVENT | {"attendances": number, "place": HERE, "note": rng.choice((TEXT, "Đông"))}
    return "leaflet", LEAFLET | {"received": number, "distributed": rng.choice((5, number))}


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
            writer, act = phones[nth], rng.choice(("create", "create", "edit", "delete"))
            if act == "create" or not made[nth]:
                writer.campaign = rng.choice((world.campaign, world.campaign, before))
                kind, values = anything(rng)
                made[nth].append((kind, writer.create(kind, **values)))
            elif act == "edit":
                kind, record = rng.choice(made[nth])
                writer.edit(record, None, **{NUMBER[kind]: rng.choice(NUMBERS)})
            else:
                writer.delete(made[nth].pop(rng.randrange(len(made[nth])))[1])
            writer.sync()
        refreshed(world)
        bit_by_bit = stored(world)
        seen |= {rule for _, rule in bit_by_bit["hints"]}
        with world.app.app_context(), writing() as session:
            session.execute(delete(HintedStream))
        refreshed(world)
        assert stored(world) == bit_by_bit
    assert seen & {"twice_level", "alike_figures"}
