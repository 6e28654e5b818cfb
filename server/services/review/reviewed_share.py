"""How much of what was decided somebody looked at one by one, in a campaign that is reviewed by sample."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from server.models import BulkAct, DecisionRow, Record, Stream
from server.services.records.projection import is_activity
from server.services.review.bulk import SAMPLE


@dataclass(frozen=True, slots=True)
class ReviewedShare:
    """Records with a decision in force: all, and those approved by the rule without being looked at."""

    decided: int
    by_rule: int

    @property
    def looked_at(self) -> int:
        """The rest."""
        return self.decided - self.by_rule


def of(session: Session, campaign_id: str, unit_ids: Collection[str]) -> ReviewedShare:
    """Count them in these units."""
    by_rule = and_(BulkAct.id == DecisionRow.bulk_id, BulkAct.which == SAMPLE)
    counted = select(func.count(), func.count(BulkAct.id)).select_from(Record)
    counted = counted.join(Stream, Stream.id == Record.stream_id).join(
        DecisionRow, DecisionRow.id == Record.decision_id
    )
    counted = counted.outerjoin(BulkAct, by_rule)
    counted = counted.where(Stream.campaign_id == campaign_id, Stream.unit_id.in_(unit_ids), is_activity())
    decided, unseen = session.execute(counted).one()
    return ReviewedShare(int(decided), int(unseen))
