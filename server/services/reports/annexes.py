"""The annexes of a report: their numbers, and which of them go with it.

A letter that is signed has few pages. What is left is another file, *tài liệu kèm theo (số liệu chi tiết)*.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Final

from server.services.reports.content import Annex, Report, ReportPhoto
from server.services.reports.numbers import roman
from server.services.reports.words import text

FIGURES, DETAIL, ACTIVITIES, PHOTOS, RULES, SILENT = "figures", "detail", "activities", "photos", "rules", "silent"
CHOICES: Final = (FIGURES, SILENT, DETAIL, ACTIVITIES, PHOTOS, RULES)
"""What may be chosen: figures, the units that said nothing, figures of each lowest unit, lists, photos, rules."""
USUAL: Final = (FIGURES, SILENT, PHOTOS)
"""With these the report of a province has about seven pages."""
USUAL_PHOTOS: Final = 6
"""A page of photos."""


def numbered(annexes: Iterable[Annex]) -> tuple[Annex, ...]:
    """Return the annexes numbered in their order. One alone has no number (Decree 30/2020, Annex I, III.1)."""
    found = list(annexes)
    if len(found) == 1:
        return (replace(found[0], number=text("annex_alone")),)
    return tuple(replace(annex, number=text("annex", number=roman(place))) for place, annex in enumerate(found, 1))


def with_chosen(report: Report, names: Collection[str], photos: int | None = None) -> Report:
    """Return the report with the annexes of these names. `photos`: most of them, spread evenly over those there are.

    A sheet without photos says so only where everything is wanted.
    """
    kept, not_all = [], not set(CHOICES) <= set(names)
    for annex in report.annexes:
        made = annex if annex.code != PHOTOS or photos is None else replace(annex, photos=_spread(annex, photos))
        if annex.code == FIGURES and RULES not in names:
            made = replace(made, rules=())
        if annex.code and annex.code not in names:
            continue
        if annex.code == PHOTOS and not made.photos and (photos == 0 or not_all):
            continue
        kept.append(made)
    return replace(report, annexes=numbered(kept))


def rest(report: Report, names: Collection[str]) -> Report:
    """Return the report with what those names leave out: the file beside it. Rules stand below the figures there."""
    left = [annex for annex in report.annexes if annex.code and (annex.code not in names or annex.rules)]
    return replace(report, annexes=numbered(left))


def _spread(annex: Annex, most: int) -> tuple[ReportPhoto, ...]:
    every = annex.photos
    if most >= len(every) or not most:
        return every if most else ()
    return tuple(every[place * len(every) // most] for place in range(most))
