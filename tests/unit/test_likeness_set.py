"""Copies of drawn photos are found, and other streets with the same banner are not: a small set with a known truth.

`make bench ONLY=likeness` does the same with 30,000 photos.
"""

from __future__ import annotations

import pytest

from support.likeness.measuring import measure
from support.likeness.scenes import COPIES


@pytest.mark.slow
@pytest.mark.costly
def test_copies_are_found_and_strangers_are_not() -> None:
    found = measure(1000, asked=100)
    assert found.photos == 1000
    assert set(found.missed) == set(COPIES), "every way to hand a photo in again was tried"
    assert {name: missed for name, missed in found.missed.items() if missed} == {}
    assert found.false == 0
