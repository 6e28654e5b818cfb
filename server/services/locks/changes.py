"""How totals without evidence changed between two freezes: who did it, and why, for a supplementary report.

A freeze names the step of each total that it rests on (services/totals/basis.py); the steps between are never altered.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import Officer, Stream, TotalStep
from server.services import reports
from server.services.locks.freezes import FrozenFigures

Changes = Mapping[tuple[str, str], list[str]]
"""By (unit, figure): what was done, oldest first, in words."""


def totals_changed(session: Session, before: FrozenFigures, after: FrozenFigures) -> Changes:
    """Read the steps between the two."""
    old, new = ({(each["unit"], each["figure"]): each["number"] for each in found.totals} for found in (before, after))
    query = select(TotalStep, Stream.unit_id, Officer.name).join(Stream, Stream.id == TotalStep.stream_id)
    query = query.join(Officer, Officer.id == TotalStep.officer_id)
    here = Stream.campaign_id == after.row.campaign_id, Stream.unit_id.in_({*before.head["tree"], *after.head["tree"]})
    found: dict[tuple[str, str], list[str]] = {}
    for step, unit, name in session.execute(query.where(*here).order_by(TotalStep.number)):
        place = unit, step.figure
        is_later = step.number > old[place] if place in old else step.at > before.row.at
        is_in = step.number <= new[place] if place in new else step.at <= after.row.at
        if is_later and is_in:
            said = f"{name}: {step.reason}" if step.reason else name
            found.setdefault(place, []).append(reports.text(f"total_{step.act}", by=said))
    return found
