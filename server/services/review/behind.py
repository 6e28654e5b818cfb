"""The buckets behind one number of the table of figures: amounts counted, waiting and returned (SPEC D-5)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.models import Campaign, Stream, Tally, TallyKey
from server.services.records.projection import BUCKETS
from server.services.review.queue import ALL, QueueFilter, units_of
from server.services.units.scope import Scope
from server.services.units.tree import among
from sync.registry import Figure
from sync.unit_figures import every_figure


def amounts(session: Session, scope: Scope, campaign: Campaign, asked: QueueFilter) -> dict[str, int]:
    """Non-empty amounts by bucket; empty if the list has other filters than a number has."""
    figure = next((each for each in every_figure() if each.code == asked.figure), None)
    if figure is None or asked.state != ALL or asked.kind:
        return {}
    tops = [asked.unit] if asked.unit else scope.highest()
    streams = [Stream.campaign_id == campaign.id, among(Stream.unit_id, units_of(session, scope, asked), tops)]
    found: dict[str, int] = {}
    if figure.units_of:
        units: dict[str, set[str]] = {}
        for bucket, unit in session.execute(_of(figure, Tally.bucket, Stream.unit_id).where(*streams).distinct()):
            units.setdefault(bucket, set()).add(scope.today(unit))
        found = {bucket: len(those) for bucket, those in units.items()}
    else:
        added = func.count(TallyKey.key.distinct()) if figure.distinct else func.sum(Tally.amount)
        table = TallyKey if figure.distinct else Tally
        for bucket, amount in session.execute(_of(figure, table.bucket, added).where(*streams).group_by(table.bucket)):
            found[bucket] = int(amount)
    return {bucket: found[bucket] for bucket in BUCKETS if found.get(bucket)}


def _of(figure: Figure, *columns: Any) -> Any:
    table = TallyKey if figure.distinct else Tally
    found = select(*columns).join(Stream, Stream.id == table.stream_id)
    return found.where(table.figure == (figure.units_of or figure.code), table.records > 0)
