"""The totals behind the figures of a freeze: which statement of whom, and what records had replaced of it.

Notes stay out: a freeze holds no text that might have to be erased. They are in `total_step`, by the step's id.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import Stream
from server.services.totals.parts import parts


def lines(session: Session, campaign_id: str, unit_ids: list[str]) -> list[dict[str, Any]]:
    """Return them as data for JSON, in the order of streams and figures."""
    here = Stream.campaign_id == campaign_id, Stream.unit_id.in_(unit_ids)
    columns = Stream.unit_id.label("top"), Stream.unit_id.label("child"), Stream.unit_id.label("living"), Stream.id
    return [
        {
            "step": each.step.id,
            "unit": each.top,
            "stream": each.stream,
            "figure": each.step.figure,
            "number": each.step.number,
            "act": each.step.act,
            "amount": each.step.amount,
            "reach": each.step.reach,
            "base": each.step.base,
            "source": each.step.source,
            "by": each.step.officer_id,
            "at": each.step.at,
            "awaits": each.awaits,
            "declared": each.declared,
            "records": each.records,
            "unsupported": each.amount,
        }
        for each in parts(session, select(*columns).where(*here).subquery())
    ]
