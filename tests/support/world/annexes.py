"""The confidential annex as its officers use it: totals entered and frozen."""

from __future__ import annotations

from typing import Any

from support.world.world import World

TOTALS, FREEZE = "/desk/annex/totals", "/desk/annex/freeze"


def page(one: Any, world: World, unit: str) -> Any:
    one.get(f"/desk/annex?unit={world.units[unit]}&campaign={world.campaign}")
    return one


def enter(one: Any, world: World, unit: str, **counts: Any) -> Any:
    return one.post(page(one, world, unit).form(TOTALS), **counts)


def freeze(one: Any, world: World, unit: str) -> str:
    answer = one.post(page(one, world, unit).form(FREEZE), yes="1")
    assert answer.status_code == 303, one.text
    return str(one.location.rpartition("=")[2])


def freeze_of(world: World, one: Any, unit: str = "12286") -> str:
    enter(one, world, unit, received="7", supported="5")
    return freeze(one, world, unit)
