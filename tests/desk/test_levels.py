"""A table of all levels holds what a table of each level does, and goes to JSON and back, on random provinces."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from desk.test_documents_recounted import made

from server.core.canonical import canonical
from server.core.db import reading, writing
from server.models import Campaign, Unit
from server.services.figures.loading import load
from server.services.figures.table import FigureRow, from_plain, to_plain
from server.services.organisation import unit_changes
from server.services.units.scope import Scope
from support.clients.phone import MakePhone, Phone
from support.world import changes, totals
from support.world.world import World

pytestmark = pytest.mark.slow

NOTHING = ("nil/banners", "nil/airings", "nil/rallies", "nil/scripts")


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.costly(soak=True)) for seed in (2, 3))])
@pytest.mark.costly
def test_read_at_once_they_are_as_read_one_by_one(world: World, phone: MakePhone, seed: int) -> None:
    """Every cell, total, state of confirming and order of rows; whole, and of each level alone."""
    chance = random.Random(seed)  # no secret
    lowest = grown(world, chance)
    changes.come(world, "quantri", "33", "reviewer")  # decides on what the other one wrote
    for code in (*lowest, "331", "333", "33"):
        if chance.random() < 0.25:
            continue  # silent
        filled(world, phone("tinh", code), chance)
        if chance.random() < 0.3:
            stated(world, code, chance)
        if chance.random() < 0.4:
            changes.seal(world, "tinh", code)
    merged(world, lowest, chance)
    for code in ("33", "331", "333", *chance.sample(lowest, 2)):
        compared(world, code)


def grown(world: World, chance: random.Random) -> list[str]:
    """More communes, and units below one of them. Returns the codes of the lowest units."""
    lowest = ["12286", "12289", "12397"]
    above = ["331", "333", "331", "12397", "12397"]
    chance.shuffle(above)
    with world.app.app_context(), writing() as session:
        for number, parent in enumerate(above):
            code = f"9{number:04d}"
            row = unit_changes.UnitRow(code, f"Xã Ưng {number}", f"Ưng {number}", "commune", parent)
            made = unit_changes.add_unit(session, row, session.get_one(Unit, world.units[parent]), date(2021, 1, 1))
            world.units[code] = made.id
            lowest.append(code)
    lowest.remove("12397")
    return lowest


def filled(world: World, officer: Phone, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 3)):
        made(officer, chance)
    if chance.random() < 0.4:
        said: dict[str, Any] = dict.fromkeys(chance.sample(NOTHING, 2), True)
        officer.create("plan", **said)
    records = [write["record"] for write in officer.outbox if write.get("kind") != "plan"]
    officer.sync()
    for record in records:
        verdict = chance.choices(("counted", "returned", "not_counted", ""), (8, 1, 1, 3))[0]
        if verdict:
            totals.decided(world, record, verdict, "" if verdict == "counted" else "thử", who="quantri")


def stated(world: World, code: str, chance: random.Random) -> None:
    """The level above says it, or the unit itself; sometimes the unit then confirms."""
    own = chance.random() < 0.5
    if own:
        changes.come(world, "nhanla", code)
    amounts: dict[str, Any] = {"banners": 70, "leaflets": 30_000, "handbooks": chance.choice((0, 3)), "contests": 0}
    totals.state(world, "nhanla" if own else "quantri", code, **amounts)
    if own and chance.random() < 0.5:
        totals.confirm(world, "nhanla", code)


def merged(world: World, lowest: list[str], chance: random.Random) -> None:
    """Two of the lowest units into another, and that one, sometimes, into a third."""
    one, two, into, last = chance.sample(lowest, 4)
    changes.merge(world, one, two, into=into)
    if chance.random() < 0.5:
        changes.merge(world, into, into=last)


def compared(world: World, code: str) -> None:
    with world.app.app_context(), reading() as session:
        scope, campaign = Scope(session, world.officers["tinh"]), session.get_one(Campaign, world.campaign)
        every = load(session, scope, campaign, world.units[code])
        for unit in (world.units[code], *(row.unit.id for row in every.owns())):
            alone = load(session, scope, campaign, unit, deep=False)
            assert plain(every.page(unit)) == plain(alone.rows), unit
            part = every.part(unit)
            assert part is not None
            assert plain(part.page(unit)) == plain(alone.rows), unit
        again = from_plain(json.loads(canonical(to_plain(every))))
        assert again.sha256 == every.sha256
        assert [row.cells for row in again.rows] == [row.cells for row in every.rows]
        assert [row.silent for row in again.rows] == [row.silent for row in every.rows]


def plain(rows: Sequence[FigureRow]) -> list[Any]:
    return [row_of(row) for row in rows]


def row_of(row: FigureRow) -> list[Any]:
    standing = row.standing
    seals = [each and each.id for each in (standing.seal, standing.taken_back)]
    progress = [standing.units, standing.sealed, standing.late, standing.by, standing.taken_back_by, *seals]
    return [row.unit, row.own, row.leaf, row.records, row.silent, progress, dict(row.cells)]
