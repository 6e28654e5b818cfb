"""What other capabilities add to a report: data that is read with the figures, and how it is written.

    ADDITIONS.add("statements", Addition(read, write))

A freeze keeps the report as it was written and the data besides, so nothing of it is read again later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy.orm import Session

from server.core.points import Point
from server.models import Campaign
from server.services.figures.table import FigureTable
from server.services.reports.accounts import Source
from server.services.reports.annexes import numbered
from server.services.reports.content import Annex, Report, Section

Added = Mapping[str, Any]
"""Data for JSON."""


@dataclass(frozen=True, slots=True)
class Addition:
    """`read`: its data for a unit with all below it, or None. `write`: the report with what the data adds."""

    read: Callable[[Session, Campaign, FigureTable], Added | None]
    write: Callable[[Report, Added, Source], Report]


ADDITIONS: Final[Point[Addition]] = Point()
"""Capabilities add theirs, in the order of their annexes."""


def read(session: Session, campaign: Campaign, table: FigureTable) -> dict[str, Added]:
    """Return the data of each addition that has some."""
    each = {name: addition.read(session, campaign, table) for name, addition in ADDITIONS.named()}
    return {name: data for name, data in each.items() if data is not None}


def written(report: Report, added: Mapping[str, Added], source: Source) -> Report:
    """Return the report with all additions."""
    for name, addition in ADDITIONS.named():
        if name in added:
            report = addition.write(report, added[name], source)
    return report


def with_annex(report: Report, annex: Annex) -> Report:
    """Return the report with one more annex before its sheet of photos, the last one; all are numbered anew."""
    return replace(report, annexes=numbered((*report.annexes[:-1], annex, *report.annexes[-1:])))


def with_section(report: Report, title: str, change: Callable[[Section], Section]) -> Report:
    """Return the report with its section of this title changed; as it was if its outline has none."""
    return replace(report, sections=_changed(report.sections, title, change))


def _changed(sections: Sequence[Section], title: str, change: Callable[[Section], Section]) -> tuple[Section, ...]:
    found = []
    for section in sections:
        inner = replace(section, sections=_changed(section.sections, title, change))
        found.append(change(inner) if section.title == title else inner)
    return tuple(found)
