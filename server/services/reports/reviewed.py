"""The share of records that somebody looked at one by one: a note under the figures, where some were not."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlalchemy.orm import Session

from server.models import Campaign
from server.services.figures.table import FigureTable
from server.services.reports.accounts import Source
from server.services.reports.additions import Added, Addition
from server.services.reports.content import Report
from server.services.reports.numbers import dotted
from server.services.reports.words import text
from server.services.review import reviewed_share, sampling
from server.services.units.tree import subtree


def read(session: Session, campaign: Campaign, table: FigureTable) -> Added | None:
    """Return the share and the rule; None if nothing was approved by a rule and there is none."""
    rule = sampling.rule_of(session, campaign.id)
    if rule is None and not reviewed_share.is_by_sample(session, campaign.id):
        return None
    share = reviewed_share.of(session, campaign.id, subtree(session, [table.unit.id]))
    if not share.by_rule and (rule is None or not share.decided):
        return None
    said = {"percent": rule.percent, "least": rule.least} if rule else {}
    return {"decided": share.decided, "looked_at": share.looked_at, **said}


def write(report: Report, added: Added, _source: Source) -> Report:
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


ADDITION: Final = Addition(read, write)
