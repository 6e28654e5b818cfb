"""What is published of confidential cases, over random histories: all of it together tells no day."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from server.services.cases.counting import HalfYear
from server.services.cases.public import may_follow, sign

DAYS = st.dates(date(2021, 1, 1), date(2026, 6, 30))
HISTORIES = st.lists(st.one_of(st.tuples(st.just("case"), DAYS), st.tuples(st.just("publish"), DAYS)), max_size=60)
Figures = dict[HalfYear, str]


def published(history: list[tuple[str, date]], before: list[tuple[date, date]]) -> Figures:
    """What a reader has in the end. `before`: days that an earlier Loa published, of campaigns."""
    cases: list[date] = []
    found: Figures = {}
    for what, day in history:
        half = HalfYear.of(day)
        if what == "case":
            cases.append(day)
        elif half not in found and may_follow([*before, *found], *half):
            found[half] = sign(sum(half.first <= each <= half.last for each in cases))
    return found


def _within(half: HalfYear, luck: Random) -> date:
    return half.first + timedelta(days=luck.randrange((half.last - half.first).days + 1))


@given(HISTORIES, st.lists(st.tuples(DAYS, st.integers(0, 40)), max_size=3), st.randoms())
def test_cases_moved_within_their_half_year_give_the_same_figures(
    history: list[tuple[str, date]], spans: list[tuple[date, int]], luck: Random
) -> None:
    """So nothing of a day is in them, whatever is subtracted from whatever."""
    before = [(day, day + timedelta(days=length)) for day, length in spans]
    moved = [(what, _within(HalfYear.of(day), luck) if what == "case" else day) for what, day in history]
    assert published(history, before) == published(moved, before)


@given(HISTORIES, st.lists(st.tuples(DAYS, st.integers(0, 40)), max_size=3))
def test_no_day_is_in_two_publications(history: list[tuple[str, date]], spans: list[tuple[date, int]]) -> None:
    before = [(day, day + timedelta(days=length)) for day, length in spans]
    every = sorted(published(history, before))
    assert all(half == HalfYear.of(half.first) == HalfYear.of(half.last) for half in every)
    assert all(one.last < other.first for one, other in pairwise(every))
    assert all(last < half.first or half.last < first for half in every for first, last in before)
