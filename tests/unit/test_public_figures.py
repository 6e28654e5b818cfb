"""Public figures under attack: whoever knows the rules and all that was published cannot tell a small number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.services.cases import public
from server.services.cases.public import SMALL, SPREAD, sign
from server.services.confidential.totals import VictimTotals

REGIMES = "abc"
Cell = tuple[str, str]


def worlds(most: int, count: int) -> Iterator[VictimTotals]:
    """Everything that may be true: nobody is supported who was not received, or without a benefit."""
    for received in range(most + 1):
        for supported in range(received + 1):
            for regimes in product(range(supported + 1), repeat=count):
                if sum(regimes) >= supported:
                    yield VictimTotals(
                        received, supported, {id_: n for id_, n in zip(REGIMES, regimes, strict=False) if n}
                    )


def cells(exact: VictimTotals, shown: dict[str, object]) -> dict[str, tuple[str, int]]:
    """The published cells with what is shown and what is true."""
    found = {name: (str(shown[name]), getattr(exact, name)) for name in ("received", "supported")}
    regimes = shown["regimes"]
    if isinstance(regimes, dict):
        found |= {id_: (text, exact.regimes[id_]) for id_, text in regimes.items()}
    return found


@pytest.mark.parametrize(("most", "count"), [(22, 2), (12, 3)])
def test_every_small_cell_keeps_three_possible_values(most: int, count: int) -> None:
    """The attacker tries every world and keeps those of which exactly this would have been published."""
    possible: dict[tuple[str, str], set[int]] = defaultdict(set)
    with_regimes = 0
    for exact in worlds(most, count):
        shown = public.shown(exact)
        with_regimes += shown["regimes"] is not None
        for cell, (text, true) in cells(exact, shown).items():
            assert text == sign(true)
            if text == SMALL:
                possible[repr(shown), cell].add(true)
    assert with_regimes > 100
    assert len(possible) > 20
    assert [key for key, values in possible.items() if len(values) < SPREAD] == []


def test_a_table_that_would_tell_is_withheld() -> None:
    assert public.shown(VictimTotals(13, 13, {"a": 7, "b": 6}))["regimes"] is None, "15 of 13 to 17: both are 6 or 7"
    assert public.shown(VictimTotals(13, 10, {"a": 7, "b": 6}))["regimes"] == {"a": SMALL, "b": SMALL}
    assert public.shown(VictimTotals(7, 7, {"a": 7})) == {"received": SMALL, "supported": SMALL, "regimes": None}
    assert public.shown(VictimTotals(0, 0, {})) == {"received": "0", "supported": "0", "regimes": None}


@cache
def attacked(most: int) -> dict[tuple[str, str], frozenset[int]]:
    """By what was published and cell: every true value of which exactly this would have been published."""
    possible: dict[tuple[str, str], set[int]] = defaultdict(set)
    for exact in worlds(most, 2):
        shown = public.shown(exact)
        for cell, (_, true) in cells(exact, shown).items():
            possible[repr(shown), cell].add(true)
    return {key: frozenset(values) for key, values in possible.items()}


def told(people: list[tuple[int, frozenset[str]]], first: int, last: int) -> VictimTotals:
    """The exact totals of who was received on these days. Each person: the day, the benefits."""
    here = [benefits for day, benefits in people if first <= day <= last]
    given = {id_: sum(id_ in each for each in here) for id_ in REGIMES[:2]}
    return VictimTotals(len(here), sum(map(bool, here)), {id_: count for id_, count in given.items() if count})


PEOPLE = st.lists(st.tuples(st.integers(0, 30), st.frozensets(st.sampled_from(REGIMES[:2]))), max_size=20)
REPORTS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 12), PEOPLE.map(lambda each: each[:2])), max_size=6)


@given(PEOPLE, REPORTS)
def test_everything_that_was_ever_published_together_tells_no_small_number(
    people: list[tuple[int, frozenset[str]]], reports: list[tuple[int, int, list[tuple[int, frozenset[str]]]]]
) -> None:
    """Reports of campaigns that may overlap, and between them people who are found later, as corrections are.

    Published reports have no person in common, so the worlds that are possible after all of them are those of each:
    what is left is that each alone keeps its values, and that publishing again gives what was published.
    """
    day = date(2021, 1, 1)
    out: dict[tuple[int, int], dict[str, object]] = {}
    for first, length, later in reports:
        span = (first, first + length)
        spans = [(day + timedelta(begun), day + timedelta(ended)) for begun, ended in out]
        if public.may_follow(spans, day + timedelta(span[0]), day + timedelta(span[1])):
            exact = told(people, *span)
            shown = out[span] = public.shown(exact)
            for cell, (text, true) in cells(exact, shown).items():
                if text == SMALL:
                    values = attacked(22)[repr(shown), cell]
                    assert true in values
                    assert len(values) >= SPREAD
        people = [*people, *later][:22]
    counted = [day for day, _ in people for first, last in out if first <= day <= last]
    assert len(counted) <= len(people), "nobody is in two reports"


SPANS = st.tuples(st.integers(0, 60), st.integers(0, 20)).map(
    lambda each: (date(2021, 1, 1) + timedelta(each[0]), date(2021, 1, 1) + timedelta(sum(each)))
)


@given(st.lists(SPANS, max_size=12))
def test_no_person_is_in_two_published_reports(wanted: list[tuple[date, date]]) -> None:
    """So no sum or difference of reports says more than each of them."""
    out: list[tuple[date, date]] = []
    for span in wanted:
        if public.may_follow(out, *span):
            out.append(span)
    days = [first + timedelta(n) for first, last in out for n in range((last - first).days + 1)]
    assert len(days) == len(set(days))
    assert not wanted or out, "the first one is published"
