"""Review by sample: of each unit's records a share is looked at one by one, and so is every one with a warning.

The draw is no secret and nothing of it is stored: the seed of the campaign's rule orders the records of a unit at
random, and the first ones are the sample. So it can be drawn again by anybody who has the seed. A record that comes
later may join the sample. Its officer knows neither the seed nor the order.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import Final

from sqlalchemy import ColumnElement, case, false, func, select
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.core.clock import now_ms
from server.core.problem_details import refuse_if
from server.models import BulkAct, Campaign, DecisionRow, Record, SampleRule, Stream
from server.services.audit import log
from server.services.audit.acts import Act, Values
from server.services.records.projection import is_activity
from server.services.units.scope import Scope

SAMPLE: Final = "sample"
"""What an act on many records was, if it was by the rule of a sample."""
PERCENT_MOST: Final = 99
LEAST_MOST: Final = 100
_SEED_BYTES: Final = 16


class Sampling:
    """The samples of the streams that meet a condition, under the campaign's rule; empty if it has none."""

    def __init__(self, session: Session, campaign_id: str, streams: ColumnElement[bool]) -> None:
        self._session, self._campaign_id, self._streams = session, campaign_id, streams

    @cached_property
    def rule(self) -> SampleRule | None:
        """The campaign's rule."""
        return rule_of(self._session, self._campaign_id)

    @cached_property
    def drawn(self) -> ColumnElement[bool]:
        """Condition on Record that waits for a decision: in the sample of its unit."""
        ids = [id_ for undecided in self._undecided.values() for id_ in undecided]
        return one_of(Record.id, ids) if ids else false()

    @property
    def unfinished(self) -> dict[str, int]:
        """By stream: number of drawn records that nobody has decided on yet; streams with none are left out."""
        return {stream: len(undecided) for stream, undecided in self._undecided.items()}

    @cached_property
    def _undecided(self) -> dict[str, list[str]]:
        """By stream: ids of drawn records that nobody has decided on yet. The draw is among all submitted records."""
        rule, submitted, waiting = self.rule, dict[str, list[str]](), set[str]()
        if rule is None:
            return {}
        query = select(Record.stream_id, Record.id, Record.state).join(Stream, Stream.id == Record.stream_id)
        query = query.where(self._streams, is_activity(), Record.state.not_in(["draft", "deleted"]))
        for stream, id_, state in self._session.execute(query):
            submitted.setdefault(stream, []).append(id_)
            if state in ("waiting", "amended"):
                waiting.add(id_)
        drawn = {stream: sample(rule, ids) & waiting for stream, ids in submitted.items()}
        return {stream: sorted(ids) for stream, ids in drawn.items() if ids}


def rule_of(session: Session, campaign_id: str) -> SampleRule | None:
    """Return a campaign's rule; None if its records are reviewed one by one."""
    row = session.get(SampleRule, campaign_id)
    return row if row is not None and row.percent else None


def sample(rule: SampleRule, ids: Iterable[str]) -> set[str]:
    """Return which of a unit's records are drawn: the rule's share of them, rounded up, and at least its least."""
    ordered = sorted(ids, key=lambda id_: (hashlib.sha256(f"{rule.seed}:{id_}".encode()).digest(), id_))
    return set(ordered[: max(rule.least, ceil(len(ordered) * rule.percent / 100))])


def set_rule(session: Session, scope: Scope, campaign: Campaign, percent: int, least: int) -> SampleRule | None:
    """Have a campaign reviewed by sample; `percent` 0: one by one again. The seed is drawn once and stays.

    Raises Problem `forbidden`, or `bad_request` for numbers out of range.
    """
    refuse_if(not scope.may_run(campaign), "forbidden")
    refuse_if(
        not 0 <= percent <= PERCENT_MOST or not 0 <= least <= LEAST_MOST,
        "bad_request",
        "percent" if not 0 <= percent <= PERCENT_MOST else "least",
    )
    row = session.get(SampleRule, campaign.id, with_for_update=True)
    old = {"amount": row.percent} if row and row.percent else None
    if row is not None or percent:
        row = row or SampleRule(campaign_id=campaign.id, seed=secrets.token_hex(_SEED_BYTES))
        row.percent, row.least, row.by_id, row.at = percent, least, scope.officer_id, now_ms()
        session.add(row)
    session.flush()
    new: Values = {"amount": percent, "unit": campaign.unit_id}
    log.append(session, Act.SAMPLE_RULE_SET, ("campaign", campaign.id), old=old, new=new)
    return row if percent else None


# How much of what was decided somebody looked at one by one, in a campaign that is reviewed by sample.
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


def reviewed(session: Session, campaign_id: str, unit_ids: Collection[str]) -> ReviewedShare:
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
