"""The numbers of a report's annexes: Phụ lục I, II, III."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from server.services.reports.content import Annex
from server.services.reports.numbers import roman
from server.services.reports.words import text


def numbered(annexes: Iterable[Annex]) -> tuple[Annex, ...]:
    """Return the annexes numbered in their order."""
    return tuple(replace(annex, number=text("annex", number=roman(place))) for place, annex in enumerate(annexes, 1))
