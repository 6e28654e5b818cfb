"""The buckets behind one number of the table of figures: amounts counted, waiting and returned (SPEC D-5)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core.db import remembered
from server.models import Campaign, Stream, Tally, TallyKey
from server.services.figures.sums import INCLUDED
from server.services.records.projection import BUCKETS
from server.services.review.queue import ALL, QueueFilter, units_of
from server.services.units.scope import Scope
from server.services.units.tree import among
from sync.registry import Figure
from sync.unit_figures import every_figure


def amounts(session: Session, scope: Scope, campaign: Campaign, asked: QueueFilter) -> dict[str, int]:
    """Non-empty amounts by bucket; empty if the list has other filters than a number has."""
    figure = _figure(asked)
    if figure is None:
        return {}
    key = ("amounts", scope, campaign.id, figure.code, asked.unit, asked.only)
    return remembered(session, key, lambda: _amounts(session, scope, campaign, asked, figure))


def _amounts(session: Session, scope: Scope, campaign: Campaign, asked: QueueFilter, figure: Figure) -> dict[str, int]:
    streams = _streams(session, scope, campaign, asked)
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
            found[bucket] = figure.amount(int(amount))
    return {bucket: found[bucket] for bucket in BUCKETS if found.get(bucket)}


def amount(session: Session, scope: Scope, campaign: Campaign, asked: QueueFilter) -> int | None:
    """The figure over the filter's buckets together, from the totals; None if they do not know its other filters."""
    figure = _figure(asked)
    if figure is None:
        return None
    buckets = {INCLUDED: BUCKETS[:2], "": BUCKETS}.get(asked.bucket, (asked.bucket,))
    if not figure.units_of and not figure.distinct:
        return sum(added for bucket, added in amounts(session, scope, campaign, asked).items() if bucket in buckets)
    table = TallyKey if figure.distinct else Tally
    here = [*_streams(session, scope, campaign, asked), table.bucket.in_(buckets)]
    if figure.units_of:
        return len({scope.today(unit) for unit in session.scalars(_of(figure, Stream.unit_id).where(*here).distinct())})
    return int(session.scalar(_of(figure, func.count(TallyKey.key.distinct())).where(*here)) or 0)


def _figure(asked: QueueFilter) -> Figure | None:
    """The figure of a list that has no other filters than a number of the table."""
    if asked.state != ALL or asked.kind or asked.hint:
        return None
    return next((each for each in every_figure() if each.code == asked.figure), None)


def _streams(session: Session, scope: Scope, campaign: Campaign, asked: QueueFilter) -> list[Any]:
    tops = [asked.unit] if asked.unit else scope.highest()
    return [Stream.campaign_id == campaign.id, among(Stream.unit_id, units_of(session, scope, asked), tops)]


def _of(figure: Figure, *columns: Any) -> Any:
    table = TallyKey if figure.distinct else Tally
    found = select(*columns).select_from(table).join(Stream, Stream.id == table.stream_id)
    return found.where(table.figure == (figure.units_of or figure.code), table.records > 0)
