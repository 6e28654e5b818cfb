"""Lists of records for the desk: those that need the person first, and every other filter, in pages grouped by unit."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import Final

from sqlalchemy.orm import Session

from server.models import Campaign, Record, Unit
from server.services.records.readiness import Readiness
from server.services.review.queue_filter import (
    ALL,
    BELOW,
    FILTERS,
    FLAGGED,
    PAGE,
    REPLIED,
    SAMPLE,
    TODO,
    UNREADY,
    QueueFilter,
    QueuePage,
)
from server.services.review.queue_query import query_of, units_of
from server.services.units.scope import Scope
from sync.registry import KINDS

__all__ = [
    "ALL",
    "BELOW",
    "FILTERS",
    "FLAGGED",
    "PAGE",
    "REPLIED",
    "SAMPLE",
    "TODO",
    "UNREADY",
    "QueueFilter",
    "QueuePage",
    "amount",
    "count",
    "count_in",
    "ends_with",
    "following",
    "left_out",
    "next_one",
    "page",
    "rank",
    "to_go",
    "units_of",
]


_TO_DECIDE: Final = (TODO, SAMPLE, "waiting", "amended", REPLIED, UNREADY, FLAGGED)
"""States of records that may be decided on one after the other."""


def page(session: Session, scope: Scope, campaign: Campaign, asked: QueueFilter) -> QueuePage:
    """The requested page; a number past the end gives the last. Raises `not_found` for units outside the scope."""
    cut = query_of(session, scope, campaign, asked)
    counts, more = cut.counts()
    total = cut.length()
    pages = max(1, ceil(total / PAGE))
    asked = replace(asked, campaign=campaign.id, page=min(max(1, asked.page), pages))
    groups = cut.groups((asked.page - 1) * PAGE)
    scope.read_chains(group.unit.id for group in groups)
    return QueuePage(asked, counts, groups, total, pages, cut.holders, more, cut.ends_with)


def to_go(session: Session, scope: Scope, campaign: Campaign, page: QueuePage) -> int:
    """How many records of a page's list its reader may decide on one after the other; what is not ready is left out."""
    cut = query_of(session, scope, campaign, page.asked)
    if page.asked.state not in _TO_DECIDE or not cut.decides([group.unit.id for group in page.groups]):
        return 0
    return page.total if page.asked.state == UNREADY else page.total - sum(cut.left_out().values())


def count(session: Session, scope: Scope, campaign: Campaign, asked: QueueFilter) -> int:
    """The length of that list. Raises `not_found` for units outside the scope."""
    return query_of(session, scope, campaign, asked).length()


def count_in(session: Session, scope: Scope, campaign: Campaign, asked: QueueFilter, state: str) -> int:
    """The length of the list of another state under the same filter. Raises `not_found` as above."""
    return query_of(session, scope, campaign, asked).count(state)


def next_one(session: Session, scope: Scope, campaign: Campaign, asked: QueueFilter, after: str) -> Record | None:
    """The record after this one in the list; after the last, the first. None if there is no other.

    If it has left the list since it was acted on, the search starts at its former place.
    """
    cut = query_of(session, scope, campaign, asked)
    record = session.get(Record, after)
    return cut.after(record) if record else None


def following(
    session: Session, scope: Scope, campaign: Campaign, asked: QueueFilter, after: str, count: int
) -> list[Record]:
    """At most `count` records behind this one in the list, in order; none behind the last. Empty `after`: the first."""
    cut = query_of(session, scope, campaign, asked)
    record = session.get(Record, after) if after else None
    if after and record is None:
        return []
    found: list[Record] = []
    while len(found) < count and (record := cut.behind(record)) is not None:
        found.append(record)
    return found


def rank(session: Session, scope: Scope, campaign: Campaign, asked: QueueFilter, record: Record) -> tuple[int, int]:
    """The record's number in the list, from 1, and the list's length; number 0 if it is not in the list."""
    cut = query_of(session, scope, campaign, asked)
    return cut.rank(record), sum(cut.by_unit().values())


def ends_with(session: Session, scope: Scope, campaign: Campaign, asked: QueueFilter) -> Unit | None:
    """The last unit of a list that ends early (queue_bound.py); None for any other list."""
    return query_of(session, scope, campaign, asked).ends_with


def left_out(session: Session, scope: Scope, campaign: Campaign, asked: QueueFilter) -> dict[Readiness, int]:
    """How many records of a list are to be approved and are not ready, by what they wait for."""
    return query_of(session, scope, campaign, asked).left_out()


def amount(session: Session, scope: Scope, campaign: Campaign, asked: QueueFilter) -> int:
    """The sum of the figure over the whole list, whatever the page: the number that was clicked on."""
    return KINDS.amount(asked.figure, query_of(session, scope, campaign, asked).amount())
