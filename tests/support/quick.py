"""A slice of the tests for while one works: `pytest --quick`, or `make quick`.

It takes one case of each test, on SQLite, without a browser or a server of its own, and none that is marked `slow`.
`make test` runs all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

LEFT_OUT = ("browser", "served", "slow")
"""Markers of tests that take long by nature."""


def chosen(items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
    """The first case of each test that can be run quickly."""
    seen: set[str] = set()
    for item in items:
        name = item.nodeid.partition("[")[0]
        if name not in seen and _is_quick(item):
            seen.add(name)
            yield item


def _is_quick(item: pytest.Item) -> bool:
    if any(item.get_closest_marker(marker) for marker in LEFT_OUT):
        return False
    case = getattr(item, "callspec", None)
    return case is None or "postgresql" not in case.params.values()
