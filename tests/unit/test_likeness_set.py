"""Copies of drawn photos are found, and strangers of the same kind are not: a small set with a known truth.

`make bench ONLY=likeness` does the same with 30,000 photos.
"""

from __future__ import annotations

import numpy as np
import pytest

from server.services.likeness.pictures import UNIT, moved, onto
from server.services.likeness.registering import turned
from server.services.likeness.search import Index
from server.services.likeness.seen import PhotoViews
from server.services.likeness.windows import VARIANTS, bits, packed, variant
from support.likeness.measuring import Drawn, copies, greys, is_found, jpeg, measure
from support.likeness.reuse import REUSE
from support.likeness.scenes import COPIES

SORTS = {name: lambda one, _dice, make=make: make(one) for name, make in COPIES.items()}
PLAIN = ("letterboxed", "chat, dark", "framed", "turned by 270")


@pytest.mark.slow
@pytest.mark.parametrize("sort", PLAIN)
def test_a_copy_within_something_is_found_whichever_came_first(sort: str) -> None:
    drawn = Drawn()
    photos = {number: PhotoViews.of(drawn(number)) for number in (1, 2, 3)}
    index = Index.of([(str(number), seen.hashes, seen.parts) for number, seen in photos.items()])
    copy = greys(jpeg(REUSE[sort](drawn.picture(1), np.random.default_rng(1))))
    assert is_found(copy, 1, index, drawn), "the original was here before"
    assert not any(is_found(copy, each, index, drawn) for each in (2, 3))
    seen = PhotoViews.of(copy)
    kept = Index.of([("copy", seen.hashes, seen.parts)])
    assert [near.name for near in kept.ask(photos[1].bits)][:1] == ["copy"], "the copy was here before"


def test_the_bits_of_a_turned_picture_are_those_that_the_matrix_says() -> None:
    """Both say what a variant is: the search by bits, and the comparison by a matrix."""
    picture = Drawn()(1)
    upright = PhotoViews.of(picture).bits[0]
    for number in range(VARIANTS):
        by_matrix = bits(picture.laid(onto(UNIT) @ turned(number), (128, 128)))
        apart = np.bitwise_count(packed(variant(upright, number))[:1] ^ packed(by_matrix)[:1])
        assert apart[0] <= 2


def test_a_matrix_takes_the_corners_where_they_are_said_to_go() -> None:
    corners = np.array([[0.1, 0.2], [0.8, 0.15], [0.9, 0.7], [0.05, 0.9]])
    assert np.allclose(moved(onto(corners), UNIT), corners)


@pytest.mark.slow
@pytest.mark.costly
def test_copies_are_found_and_strangers_are_not() -> None:
    found = measure(300, each=3, asked=300, seed=31)
    assert set(found.tried) == set(REUSE), "every way to hand a photo in again was tried"
    assert found.missed.total() <= 2, "of 75; README says what is not there yet"
    assert found.false == 0


@pytest.mark.slow
@pytest.mark.costly
def test_what_was_found_before_is_still_found() -> None:
    found = measure(60, each=2, asked=1, seed=32, sorts=SORTS)
    assert {name: missed for name, missed in found.missed.items() if missed} == {}


def test_the_dice_of_a_set_are_its_seed() -> None:
    taken = [(number, sort) for number, sort, _ in copies(2, 100, 1)]
    assert len(taken) == 2 * len(REUSE)
    assert taken == [(number, sort) for number, sort, _ in copies(2, 100, 1)]
