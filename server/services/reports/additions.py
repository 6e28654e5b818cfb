"""What other capabilities add to a report: data that is read with the figures, and how it is written.

    ADDITIONS.add("statements", Addition(read, write))
    EARLIER.add("same_period", amounts)     # (session, campaign, unit) -> {figure: amount}

A freeze keeps the report as it was written and the data besides, so nothing of it is read again later.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from server.core.points import Point
from server.models import Campaign
from server.services.figures.table import FigureTable
from server.services.reports.accounts import Source
from server.services.reports.content import Annex, Report, Section, numbered
from server.services.reports.words import dotted, text
from server.services.review import sampling
from server.services.units.tree import subtree

Added = Mapping[str, Any]
"""Data for JSON."""


@dataclass(frozen=True, slots=True)
class Addition:
    """`read`: its data for a unit with all below it, or None. `write`: the report with what the data adds."""

    read: Callable[[Session, Campaign, FigureTable], Added | None]
    write: Callable[[Report, Added, Source], Report]


ADDITIONS: Final[Point[Addition]] = Point()
"""Capabilities add theirs, in the order of their annexes."""


def read_additions(session: Session, campaign: Campaign, table: FigureTable) -> dict[str, Added]:
    """Return the data of each addition that has some."""
    each = {name: addition.read(session, campaign, table) for name, addition in ADDITIONS.named()}
    return {name: data for name, data in each.items() if data is not None}


def with_additions(report: Report, added: Mapping[str, Added], source: Source) -> Report:
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


def own_words(file: Path) -> Callable[..., str]:
    """Return a function that gives the text of a key with its values filled in. A missing key is a programming error.

    `file`: a flat JSON object of texts, the words of a capability that adds to a report.
    """

    @cache
    def table() -> dict[str, str]:
        found: dict[str, str] = json.loads(file.read_text("utf-8"))
        return found

    def text(key: str, **values: object) -> str:
        return table()[key].format(**values)

    return text


Amounts = Callable[[Session, Campaign, str], Mapping[str, int]]
"""(session, campaign, unit id) -> by figure, an amount of the unit and all below it; figures may be missing."""
EARLIER: Final[Point[Amounts]] = Point()
"""The previous period (cùng kỳ)."""


def earlier_amounts(session: Session, campaign: Campaign, unit_id: str) -> dict[str, int]:
    """Return the amounts of the previous period; empty if nobody gives them."""
    return {code: n for _, amounts in EARLIER.named() for code, n in amounts(session, campaign, unit_id).items()}


def _read_share(session: Session, campaign: Campaign, table: FigureTable) -> Added | None:
    """Return the share and the rule; None if nothing was approved by a rule and there is none."""
    rule = sampling.rule_of(session, campaign.id)
    if rule is None and not sampling.is_by_sample(session, campaign.id):
        return None
    share = sampling.reviewed(session, campaign.id, subtree(session, [table.unit.id]))
    if not share.by_rule and (rule is None or not share.decided):
        return None
    said = {"percent": rule.percent, "least": rule.least} if rule else {}
    return {"decided": share.decided, "looked_at": share.looked_at, **said}


def _note_share(report: Report, added: Added, _source: Source) -> Report:
    """Add the note to the annex of figures."""
    looked_at = added["looked_at"]
    said = text(
        "looked_at",
        looked_at=dotted(looked_at),
        decided=dotted(added["decided"]),
        percent=dotted(round(100 * looked_at / added["decided"])),
    )
    if "percent" in added:
        said = f"{said} {text('sample_rule', percent=added['percent'], least=added['least'])}"
    first, *others = report.annexes
    return replace(report, annexes=(replace(first, notes=(*first.notes, said)), *others))


REVIEWED_SHARE: Final = Addition(_read_share, _note_share)
"""The share of records that somebody looked at one by one: a note under the figures, where some were not."""
