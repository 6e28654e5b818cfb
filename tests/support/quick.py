"""Slices of the tests.

`make quick` (`pytest --quick`) is for while one works: one case of each test, on SQLite, none marked `slow`, as all
are that have a browser or a server of their own. `make test` leaves out what is marked `costly`. `make costly`
(`--costly -m costly`) is the other half of what a change must pass: `make ci` runs both. What is `costly(soak=True)`
proves again, at length or on the other database, what a shorter one proves: `make soak`, `make chaos`, `make fuzz` run
it (`--long`).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

import pytest
from _pytest.mark.structures import ParameterSet

SQLITE_FIRST = ("sqlite", pytest.param("postgresql", marks=pytest.mark.costly(soak=True)))
"""The databases of a test where no SQL is in question (a parser, a header, a page's words) or that is large."""
POSTGRESQL_IN_CI = ("sqlite", pytest.param("postgresql", marks=pytest.mark.costly))
"""The databases of other tests: `make test` has SQLite, `make ci` has both."""


def on_both(values: Sequence[object]) -> list[ParameterSet]:
    """Parameters ("database", value): SQLite with each value, PostgreSQL with the last; its others are for `make soak`.

    For a page that is asked for in several ways, of which the last asks for the most.
    """
    postgresql = [pytest.param("postgresql", value, marks=pytest.mark.costly(soak=True)) for value in values[:-1]]
    return [pytest.param("sqlite", each) for each in values] + postgresql + [pytest.param("postgresql", values[-1])]


DATABASES = ("engine", "database_url")
"""The fixtures that have a parameter for each database."""


LONGEST = {
    "tests/e2e/test_legible.py": 20,
    "tests/e2e/test_app_itself.py": 6,
    "tests/e2e/test_signed.py": 12,
    "tests/e2e/test_tree_2025.py": 10,
    "tests/chaos/": 4,
    "tests/jobs/test_killed_workers.py": 4,
    "tests/desk/test_odd_text.py::test_no_route_of_the_desk_fails_on_it": 7,
    "tests/desk/test_query_growth.py": 10,
}
"""Tests that take longest, by how their names begin, and about how many seconds each takes."""
TOGETHER = {
    "tests/unit/test_demo.py": 25,
    "tests/desk/test_decree30.py": 5,
    "tests/unit/test_wheel.py": 8,
    "tests/unit/test_s3.py": 5,
    "tests/api/test_bombs.py": 8,
    "tests/api/test_tus.py": 4,
    "tests/chaos/test_large_bodies.py": 10,
    "tests/release/test_release.py": 4,
    "tests/e2e/test_beside_a_release.py": 80,
}
"""Files that make something dear once for all their tests: in two processes it would be made twice. Seconds of each."""


def in_order(items: Sequence[pytest.Item], workers: int) -> list[pytest.Item]:
    """The longest first, dealt out so that each worker has as long with them; the others as they were.

    xdist's `worksteal` begins with as many neighbours for each worker, and steals from the end: what stands in front
    stays where it is dealt to.
    """
    lots, others = _lots(items)
    shares: list[list[pytest.Item]] = [[] for _ in range(workers)]
    seconds = [0.0] * workers
    for takes, lot in sorted(lots, key=lambda each: -each[0]):
        least = seconds.index(min(seconds))
        shares[least] += lot
        seconds[least] += takes
    ordered: list[pytest.Item] = []
    rest = iter(others)
    for nth, share in enumerate(shares):
        count = (len(items) - len(ordered)) // (workers - nth)
        ordered += [*share, *itertools.islice(rest, max(0, count - len(share)))]
    return [*ordered, *rest]


def _lots(items: Sequence[pytest.Item]) -> tuple[list[tuple[float, list[pytest.Item]]], list[pytest.Item]]:
    """What goes to one worker as a whole, with its seconds, and the others: a file of TOGETHER, or one of LONGEST."""
    files: dict[str, list[pytest.Item]] = {}
    lots: list[tuple[float, list[pytest.Item]]] = []
    others: list[pytest.Item] = []
    for item in items:
        file = item.nodeid.partition("::")[0]
        if file in TOGETHER:
            files.setdefault(file, []).append(item)
            continue
        takes = next((seconds for name, seconds in LONGEST.items() if item.nodeid.startswith(name)), None)
        if takes is None:
            others.append(item)
        else:
            lots.append((takes, [item]))
    return [*((TOGETHER[file], lot) for file, lot in files.items()), *lots], others


def names_in(parametrize: pytest.Mark) -> list[str]:
    """The arguments that a parametrize mark gives values to."""
    names: str | Sequence[str] = parametrize.args[0] if parametrize.args else parametrize.kwargs["argnames"]
    return [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)


def databases(test: pytest.Item, *, quickly: bool) -> Sequence[object]:
    """The databases of a test by its markers; empty for one that runs on both wherever it runs."""
    if quickly:
        return ("sqlite",)
    which = {mark.args[0] for mark in test.iter_markers("databases")}
    if "both" in which:
        return ()
    return SQLITE_FIRST if "sqlite" in which else POSTGRESQL_IN_CI


def without(items: Iterable[pytest.Item], *, soak: bool) -> Iterator[pytest.Item]:
    """The tests but those marked `costly`, or with `soak` those marked `costly(soak=True)`."""
    return (item for item in items if soak not in {_soaks(mark) for mark in item.iter_markers("costly")})


def _soaks(mark: pytest.Mark) -> bool:
    return bool(mark.kwargs.get("soak"))


def chosen(items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
    """The first case of each test that can be run quickly."""
    seen: set[str] = set()
    for item in items:
        name = item.nodeid.partition("[")[0]
        if name not in seen and _is_quick(item):
            seen.add(name)
            yield item


def _is_quick(item: pytest.Item) -> bool:
    if item.get_closest_marker("slow"):
        return False
    case = getattr(item, "callspec", None)
    return case is None or "postgresql" not in case.params.values()
