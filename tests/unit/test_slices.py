"""The order of the tests: what takes longest begins at every worker, and none is lost or done twice."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from support.quick import LONGEST, in_order

LONG = [f"{place}::{nth}" for place in LONGEST for nth in range(2)]
SHORT = [f"tests/api/test_codes.py::{nth}" for nth in range(100)]


def ordered(names: list[str], workers: int) -> list[str]:
    items: list[Any] = [SimpleNamespace(nodeid=name) for name in names]
    return [item.nodeid for item in in_order(items, workers)]


@pytest.mark.parametrize("workers", [1, 2, 3, 5])
@pytest.mark.parametrize("names", [[], LONG[:2], LONG, SHORT, SHORT[:4] + LONG, SHORT + LONG])
def test_each_is_there_once(names: list[str], workers: int) -> None:
    assert sorted(ordered(names, workers)) == sorted(names)


def test_each_worker_begins_with_its_part_of_the_longest() -> None:
    names = ordered(SHORT + LONG, 3)
    share, parts = len(names) // 3, []
    for begin in (0, share, 2 * share):  # as worksteal deals them out
        mine = names[begin : begin + share]
        parts.append([name for name in mine if name in LONG])
        assert mine[: len(parts[-1])] == parts[-1]
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    assert ordered(SHORT, 3) == SHORT
