"""How much of what was decided somebody looked at one by one, in a campaign that is reviewed by sample."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from server.models import BulkAct, DecisionRow, Record, Stream
from server.services.records.projection import is_activity
from server.services.review.bulk import SAMPLE


@dataclass(frozen=True, slots=True)
class ReviewedShare:
    """Records with a decision in force: all, those approved many at once, and those of them by the rule of a sample."""

    decided: int
    together: int
    by_rule: int

    @property
    def looked_at(self) -> int:
        """Decided one by one."""
        return self.decided - self.together


def is_by_sample(session: Session, campaign_id: str) -> bool:
    """True if records were approved by a rule of a sample in this campaign."""
    return (
        session.scalar(
            select(select(BulkAct.id).where(BulkAct.campaign_id == campaign_id, BulkAct.which == SAMPLE).exists())
        )
        or False
    )


def of(session: Session, campaign_id: str, unit_ids: Collection[str]) -> ReviewedShare:
    """Count them in these units."""
    by_rule = func.count(case((BulkAct.which == SAMPLE, 1)))
    counted = select(func.count(), func.count(BulkAct.id), by_rule).select_from(Record)
    counted = counted.join(Stream, Stream.id == Record.stream_id).join(
        DecisionRow, DecisionRow.id == Record.decision_id
    )
    counted = counted.outerjoin(BulkAct, BulkAct.id == DecisionRow.bulk_id)
    counted = counted.where(Stream.campaign_id == campaign_id, Stream.unit_id.in_(unit_ids), is_activity())
    decided, together, sampled = session.execute(counted).one()
    return ReviewedShare(int(decided), int(together), int(sampled))
