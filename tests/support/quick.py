"""Slices of the tests.

`make quick` (`pytest --quick`) is for while one works: one case of each test, on SQLite, without a browser or a server
of its own, and none marked `slow`. `make test` runs all but those marked `long`, which prove again, at length or on the
other database, what a shorter one proves: `make soak`, `make chaos` and `make fuzz` run them too (`--long`).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

import pytest
from _pytest.mark.structures import ParameterSet

LEFT_OUT = ("browser", "served", "slow")
"""Markers of tests that take long by nature."""
SQLITE_FIRST = ("sqlite", pytest.param("postgresql", marks=pytest.mark.long))
"""The databases of a test where no SQL is in question (a parser, a header, a page's words) or that is large."""


def on_both(values: Sequence[object]) -> list[ParameterSet]:
    """Parameters ("database", value): SQLite with each value, PostgreSQL with the last; with the others it is `long`.

    For a page that is asked for in several ways, of which the last asks for the most.
    """
    postgresql = [pytest.param("postgresql", value, marks=pytest.mark.long) for value in values[:-1]]
    return [pytest.param("sqlite", each) for each in values] + postgresql + [pytest.param("postgresql", values[-1])]


DATABASES = ("engine", "database_url")
"""The fixtures that have a parameter for each database."""


LONGEST = (
    *("tests/e2e/test_legible.py", "tests/e2e/test_app_itself.py", "tests/e2e/test_signed.py"),
    *("tests/e2e/test_tree_2025.py", "tests/chaos/", "tests/jobs/test_killed_workers.py", "tests/unit/test_demo.py"),
)
"""What takes longest goes first, so that it is not the last that one process has to do while the others wait."""


def in_order(items: Sequence[pytest.Item], workers: int) -> list[pytest.Item]:
    """The longest first at each worker, the others as they were.

    xdist's `worksteal` begins with as many neighbours for each worker; all the longest in front would be one's alone.
    """
    long = [item for item in items if item.nodeid.startswith(LONGEST)]
    others = iter([item for item in items if not item.nodeid.startswith(LONGEST)])
    ordered: list[pytest.Item] = []
    for nth in range(workers):
        share = (len(items) - len(ordered)) // (workers - nth)
        mine = long[nth::workers]
        ordered += [*mine, *itertools.islice(others, max(0, share - len(mine)))]
    return [*ordered, *others]


def names_in(parametrize: pytest.Mark) -> list[str]:
    """The arguments that a parametrize mark gives values to."""
    names: str | Sequence[str] = parametrize.args[0] if parametrize.args else parametrize.kwargs["argnames"]
    return [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)


def without_long(items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
    """What `make test` runs."""
    return (item for item in items if not item.get_closest_marker("long"))


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
