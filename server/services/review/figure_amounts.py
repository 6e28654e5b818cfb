"""The buckets behind one number of the table of figures: amounts counted, waiting and returned (SPEC D-5)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core.db import read_once
from server.models import Campaign, Stream, Tally
from server.services.figures import sums
from server.services.figures.sums import INCLUDED
from server.services.records.projection import BUCKETS
from server.services.review.queue import ALL, QueueFilter, units_of
from server.services.units.scope import Scope
from server.services.units.tree import among
from sync.figures import every_figure
from sync.registry import Figure


def amounts(session: Session, scope: Scope, campaign: Campaign, asked: QueueFilter) -> dict[str, int]:
    """Non-empty amounts by bucket, each what it adds to those before it (SPEC F-32).

    Empty if the list has other filters than a number has.
    """
    figure = _figure(asked)
    if figure is None:
        return {}
    key = ("amounts", scope, campaign.id, figure.code, asked.unit, asked.only)
    return read_once(session, key, lambda: _amounts(session, scope, campaign, asked, figure))


def _amounts(session: Session, scope: Scope, campaign: Campaign, asked: QueueFilter, figure: Figure) -> dict[str, int]:
    where = streams_of(session, scope, campaign, asked)
    tally = select(Tally.bucket).join(Stream, Stream.id == Tally.stream_id)
    tally = tally.where(*where, Tally.figure == (figure.units_of or figure.code), Tally.records > 0)
    found: dict[str, int] = {}
    if figure.units_of:
        units: dict[str, set[str]] = {}
        for bucket, unit in session.execute(tally.add_columns(Stream.unit_id).distinct()):
            units.setdefault(bucket, set()).add(scope.today(unit))
        found = sums.firsts(units)
    elif figure.distinct:
        those = sums.different(select(Stream.id).where(*where).subquery(), together=True)
        found = {bucket: count for _, code, bucket, count in session.execute(those) if code == figure.code}
    else:
        summed = tally.add_columns(func.sum(Tally.amount)).group_by(Tally.bucket)
        found = {bucket: figure.amount(int(amount)) for bucket, amount in session.execute(summed)}
    return {bucket: found[bucket] for bucket in BUCKETS if found.get(bucket)}


def amount(session: Session, scope: Scope, campaign: Campaign, asked: QueueFilter) -> int | None:
    """The figure over the filter's buckets together, from the totals; None if they do not know its other filters."""
    figure = _figure(asked)
    if figure is None:
        return None
    buckets = {INCLUDED: BUCKETS[:2], "": BUCKETS}.get(asked.bucket, (asked.bucket,))
    return sum(added for bucket, added in amounts(session, scope, campaign, asked).items() if bucket in buckets)


def _figure(asked: QueueFilter) -> Figure | None:
    """The figure of a list that has no other filters than a number of the table."""
    if asked.state != ALL or asked.kind or asked.hint:
        return None
    return next((each for each in every_figure() if each.code == asked.figure), None)


def streams_of(session: Session, scope: Scope, campaign: Campaign, asked: QueueFilter) -> list[Any]:
    """Conditions: the streams of the list's unit, or of all units that the reader sees."""
    tops = [asked.unit] if asked.unit else scope.highest()
    return [Stream.campaign_id == campaign.id, among(session, Stream.unit_id, units_of(session, scope, asked), tops)]
