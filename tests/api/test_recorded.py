"""What phones of earlier releases said to their hub, said to today's: each is still served as it was (SPEC V-4)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.clients.recorded import Bound, replay
from support.clients.recorded_stories import STORIES
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

RECORDED = sorted((Path(__file__).parent / "recorded").glob("*/*.json"))


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_an_old_phone_is_served_as_it_was(world: World, file: Path) -> None:
    """V-4."""
    replay(world, json.loads(file.read_text("utf-8")))


def test_something_is_recorded() -> None:
    assert {file.parent.name for file in RECORDED} == {"app-3"}
    assert {file.stem for file in RECORDED} == STORIES.keys() | {"lost_answer", "put_back"}, "two were no stories"


@pytest.mark.parametrize(
    ("then", "now"),
    [
        ({"more": False}, {}),
        ({"number": "BR-1"}, {"number": "BR-2"}),
        ({"position": 1}, {"position": True}),
        ({"changes": [{}]}, {"changes": []}),
        ({"c": [{"tag": "a"}, {"tag": "a"}]}, {"c": [{"tag": "x"}, {"tag": "y"}]}),
    ],
)
def test_the_comparison_sees_what_is_missing_or_else(then: Any, now: Any) -> None:
    with pytest.raises(AssertionError):
        Bound().compare(then, now, "")
