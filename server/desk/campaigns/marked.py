"""A letter's text with what was recognised in it marked: pieces to show one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from server.services.letters.recognition import found as f
from server.services.letters.recognition.found import Finding
from server.services.letters.recognition.reading import Reading

Piece = dict[str, Any]
"""A piece of the text. `field`: of the narrowest place around it, or empty. `anchor`: set where that place begins.

`in_task`: it is part of a sentence that asks for something.
"""


ReadFrom = dict[str, Any]
"""Where a proposal was read: the words of the letter, the anchor of their mark, and why it needs a second look."""


def anchor_of(found: Finding) -> str:
    """Return the id of a place in the shown text."""
    return f"at-{found.field}-{found.start}"


def pieces(reading: Reading) -> Iterator[Piece]:
    """Cut the text at every begin and end. A place of several fields is shown as the first of them."""
    places = [each for each in reading.found if each.field != f.FIGURE]
    tasks = [each for each in places if each.field == f.TASK]
    marks = [each for each in places if each.field != f.TASK]
    cuts = sorted({0, len(reading.text), *(each.start for each in places), *(each.end for each in places)})
    for start, end in pairwise(cuts):
        over = min(_around(marks, start, end), key=lambda each: each.end - each.start, default=None)
        task = next(iter(_around(tasks, start, end)), None)
        begins = over is not None and over.start == start
        anchor = anchor_of(over) if over and begins else anchor_of(task) if task and task.start == start else ""
        yield {
            "text": reading.text[start:end],
            "field": over.field if over else "",
            "anchor": anchor,
            "in_task": task is not None,
        }


def _around(places: Iterable[Finding], start: int, end: int) -> Iterator[Finding]:
    return (each for each in places if each.start <= start and end <= each.end)


def sources(reading: Reading, inputs: dict[str, str]) -> dict[str, list[ReadFrom]]:
    """Return the sources of each input. `inputs`: the input of each recognised field."""
    by_input: dict[str, list[ReadFrom]] = {}
    for each in reading.found:
        if each.field in inputs:
            words = " ".join(reading.text[each.start : each.end].split())
            by_input.setdefault(inputs[each.field], []).append(
                {"words": words, "anchor": anchor_of(each), "note": each.note}
            )
    return by_input
