"""Copies in which parts are covered: every pixel of a part, of the upright picture, and no other data of the photo."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from server.core.problem_details import Problem
from server.services.faces import marks, masking
from server.services.faces.marks import ASKED, MARKED, NONE, PhotoAnswer

SIDEWAYS = 6
"""EXIF: the camera was held on its side."""
ORIENTATION, COMMENT = 0x0112, b"taken by somebody"


def photo(size: tuple[int, int] = (1200, 800), **more: Any) -> io.BytesIO:
    """A white picture: whatever is dark was covered."""
    file = io.BytesIO()
    Image.new("RGB", size, (255, 255, 255)).save(file, "JPEG", quality=95, **more)
    return file


def dark(data: bytes) -> Any:
    """Where the copy is covered."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("L")) < 128


@pytest.mark.parametrize("stamped", [False, True])
def test_a_part_is_covered_whole_and_upright_and_nothing_else_is_kept(stamped: bool) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = SIDEWAYS
    file = photo(exif=exif, comment=COMMENT)
    parts = [(1000, 2000, 3000, 1500)]
    made = masking.stamped_copy(file, parts, ("Xã", "BR-1")) if stamped else masking.small_copy(file, parts, 800)
    image, covered = Image.open(io.BytesIO(made)), dark(made)
    wide, high = image.size
    assert wide < high, "upright"
    top, bottom, left, right = (round(each) for each in (0.2 * high, 0.35 * high, 0.1 * wide, 0.4 * wide))
    assert covered[top:bottom, left:right].all()
    covered[top - 3 : bottom + 3, left - 3 : right + 3] = False
    assert not covered[: int(high * 0.85)].any(), "nothing else, but for the stamp at the foot"
    assert not image.getexif()
    assert COMMENT not in made


def test_the_smallest_part_and_one_at_the_edge_are_seen_in_the_smallest_copy() -> None:
    made = dark(masking.small_copy(photo(), [(0, 0, marks.LEAST, marks.LEAST), (9_000, 9_000, 1_000, 1_000)], 320))
    assert made[0, 0]
    assert made[-1, -1]
    assert not made[100, 160]


def test_what_goes_by_each_rule() -> None:
    bare, covered = PhotoAnswer(True), PhotoAnswer(True, parts=((0, 0, 100, 100),))
    unanswered, none = PhotoAnswer(), PhotoAnswer(False)
    table = {rule: [marks.going(rule, each) for each in (bare, covered, unanswered, none)] for rule in marks.RULES}
    assert table == {
        ASKED: [False, True, True, True],
        MARKED: [False, True, True, True],
        NONE: [False, False, False, True],
    }
    assert not any(marks.going(rule, PhotoAnswer(False, unused=True)) for rule in marks.RULES)
    assert [marks.is_open(rule, unanswered) for rule in marks.RULES] == [True, False, True]
    assert not marks.is_open(ASKED, PhotoAnswer(unused=True))


@pytest.mark.parametrize("text", ["1,2,3", "0,0,100", "9999,0,100,100", "0,0,49,100", "a,0,100,100", "0,0,100,100,5"])
def test_parts_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(Problem, match="bad_request"):
        marks.read_parts(text)


def test_parts_are_read() -> None:
    assert marks.read_parts("") == ()
    assert marks.read_parts("0,0,10000,10000 1,2,50,60") == ((0, 0, 10_000, 10_000), (1, 2, 50, 60))
