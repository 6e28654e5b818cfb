"""Statements that sum up a unit's figures from the streams' running totals, one row per group.

A group is a direct child of the unit with everything below it, or (`deep`) each unit alone. A merged unit is below the
unit that took it over (SPEC L-6).

A page asks for the same place many times: the statements of the last places are kept, and not built anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import CompoundSelect, Select, and_, case, exists, func, literal, or_, select, union
from sqlalchemy.orm import aliased

from server.core.bulk import one_of_few
from server.models import Census, Stream, Tally, TallyKey, TotalStep, Unit
from server.services.records.projection import BUCKETS, IN_A_FIGURE, SAYS_NIL
from server.services.totals.in_force import TotalAct, declares

INCLUDED = "with_waiting"
"""Counted and waiting as one number."""
_cached = lru_cache(maxsize=32)


@_cached
def streams(unit_id: str, campaign_id: str, *, deep: bool = False, few: bool = False) -> Any:
    """(top, child, living, id): the campaign's streams in the unit's subtree, each with the group it belongs to.

    `child` is the direct child above it, `living` the unit that its unit has become today. `few`: look their rows up
    one by one; else PostgreSQL reads the tables whole (`below`).
    """
    below = places(unit_id)
    top = below.c.id if deep else below.c.child
    here = select(top.label("top"), below.c.child, below.c.living, Stream.id)
    here = here.join(Stream, Stream.unit_id == below.c.id)
    here = here.where(one_of_few(Stream.unit_id, select(below.c.id))) if few else here
    return here.where(Stream.campaign_id == campaign_id).subquery()


def below(unit: Unit, campaign_id: str, *, deep: bool = False) -> Any:
    """As `streams`. A unit with another above it is a part of the tree, and has few of all streams."""
    return streams(unit.id, campaign_id, deep=deep, few=unit.parent_id is not None)


def today(unit: Unit, campaign_id: str) -> Any:
    """(top, child, living, id) of the subtree's streams; `top`: the unit that theirs is today."""
    return _today(below(unit, campaign_id, deep=True))


@_cached
def _today(each: Any) -> Any:
    return select(each.c.living.label("top"), each.c.child, each.c.living, each.c.id).subquery()


def part_of(streams: Any, unit_id: str) -> Any:
    """The unit right below `unit_id` that has the stream, as an expression; itself for what it took over."""
    return case((streams.c.living == unit_id, literal(unit_id)), else_=streams.c.child)


@_cached
def not_lowest(campaign_id: str) -> Select[Any]:
    """(unit): those that have a unit below them which takes part in the campaign, or has itself some below it."""
    child = aliased(Unit)
    joins = Unit.id.in_(select(Stream.unit_id).where(Stream.campaign_id == campaign_id))
    leads = Unit.id.in_(select(child.parent_id).where(child.parent_id.is_not(None), child.merged_at.is_(None)))
    return select(Unit.parent_id).where(Unit.parent_id.is_not(None), Unit.merged_at.is_(None), or_(joins, leads))


@_cached
def taken(unit_id: str, campaign_id: str) -> Any:
    """Like `streams` with `deep`: the unit's own stream and those of units that were merged into it, which it confirms.

    None of a unit that stands below it or below one of those.
    """
    every = streams(unit_id, campaign_id, deep=True, few=True)
    return select(every).where(every.c.living == unit_id).subquery()


@_cached
def places(unit_id: str) -> Any:
    """(child, living, id): each unit of the subtree, the direct child above it, and the unit it has become today."""
    child, below = aliased(Unit), aliased(Unit)
    living = case((child.merged_at.is_(None), child.id), else_=literal(unit_id))
    start = select(child.id.label("child"), living.label("living"), child.id.label("id"))
    down = start.where(child.parent_id == unit_id).cte(recursive=True)
    still = case((below.merged_at.is_(None), below.id), else_=down.c.living)
    down = down.union_all(select(down.c.child, still, below.id).join(down, below.parent_id == down.c.id))
    itself = select(literal(unit_id).label("child"), literal(unit_id).label("living"), literal(unit_id).label("id"))
    return select(down.c.child, down.c.living, down.c.id).union_all(itself).subquery()


@_cached
def lineage(unit_id: str, campaign_id: str, *, taken: bool = False) -> Any:
    """(top, id): the campaign's streams in the subtree, once for each unit above them there that has units below.

    That unit's own streams are among them. `taken`: of the streams that `taken` has, and no others.
    """
    child, below = aliased(Unit), aliased(Unit)
    here = places(unit_id)
    start = select(here.c.id.label("top"), here.c.id.label("id")).where(exists().where(child.parent_id == here.c.id))
    start = start.where(here.c.living == unit_id) if taken else start
    down = start.cte(recursive=True)
    step = select(down.c.top, below.id).join(down, below.parent_id == down.c.id)
    down = down.union_all(step.where(below.merged_at.is_not(None)) if taken else step)
    found = select(down.c.top, Stream.id).join(Stream, Stream.unit_id == down.c.id)
    return found.where(Stream.campaign_id == campaign_id).subquery()


BOARD_COUNTS = ("in_a_figure", "waiting", "amended", "returned")
"""Numbers of a unit's records for the board: in a figure (without any it is silent), and waiting, by state."""


@_cached
def board_counts(streams: Any) -> Select[Any]:
    """(top, …): numbers of records, named as in `BOARD_COUNTS`."""
    conditions = (IN_A_FIGURE, *(Census.state == state for state in BOARD_COUNTS[1:]))
    counts = [
        func.sum(case((each, Census.records), else_=0)).label(name)
        for name, each in zip(BOARD_COUNTS, conditions, strict=True)
    ]
    found = select(streams.c.top, *counts).join(Census, Census.stream_id == streams.c.id)
    return found.where(Census.records != 0).group_by(streams.c.top)


@_cached
def sums(streams: Any) -> Select[Any]:
    """(top, figure, reporting, then amount and records of each of the buckets).

    `reporting`: streams with a submitted record that says something of the figure (SPEC F-33).
    """
    added = (
        func.sum(case((Tally.bucket == bucket, column), else_=0)).label(f"{bucket} {column.key}")
        for bucket in BUCKETS
        for column in (Tally.amount, Tally.records)
    )
    says = func.max(case((Tally.said > 0, 1), else_=0)).label("says")
    # The rows of a stream first: a running total is read once for its sums and for who reports.
    each = select(streams.c.top, Tally.figure, says, *added).join(Tally, Tally.stream_id == streams.c.id)
    each = each.where(Tally.bucket.in_(BUCKETS)).group_by(streams.c.top, streams.c.id, Tally.figure)
    top, figure, *numbers = each.subquery().c
    return select(top, figure, *map(func.sum, numbers)).group_by(top, figure)


@_cached
def different(streams: Any, *, together: bool = False) -> Select[Any]:
    """(top, figure, bucket, count) of distinct values: a value that two units share counts once (F-5).

    Each value is in the first bucket that has it, so the buckets of a figure add up (F-32).
    `together`: over all tops at once, with an empty top.
    """
    top = literal("") if together else streams.c.top
    first = func.min(case({bucket: place for place, bucket in enumerate(BUCKETS)}, value=TallyKey.bucket))
    each = (
        select(top.label("top"), TallyKey.figure, TallyKey.key, first.label("first"))
        .join_from(streams, TallyKey, TallyKey.stream_id == streams.c.id)
        .where(TallyKey.records > 0, TallyKey.bucket.in_(BUCKETS))
        .group_by(*(() if together else (streams.c.top,)), TallyKey.figure, TallyKey.key)
        .subquery()
    )
    bucket = case(dict(enumerate(BUCKETS)), value=each.c.first)
    return select(each.c.top, each.c.figure, bucket, func.count()).group_by(each.c.top, each.c.figure, each.c.first)


def units_with(streams: Any, figures: Collection[str]) -> Select[Any]:
    """(top, figure, bucket, unit): each unit, after mergers, that has a record of the figure.

    `firsts` says to which bucket it adds.
    """
    return (
        select(streams.c.top, Tally.figure, Tally.bucket, streams.c.living)
        .join(Tally, Tally.stream_id == streams.c.id)
        .where(Tally.figure.in_(figures), Tally.bucket.in_(BUCKETS), Tally.records > 0)
        .distinct()
    )


def firsts(parts: Mapping[str, Collection[str]]) -> dict[str, int]:
    """By bucket: how many of its values no bucket before it has. They add up to the values of all (F-32)."""
    known: set[str] = set()
    found = {}
    for bucket in BUCKETS:
        found[bucket] = len(set(parts.get(bucket, ())) - known)
        known.update(parts.get(bucket, ()))
    return found


def _lowest(streams: Any) -> Any:
    """The unit that a stream's unit is today if none is below it, else null."""
    below = aliased(Unit)
    above = select(below.parent_id).where(below.parent_id.is_not(None), below.merged_at.is_(None))
    return case((streams.c.living.in_(above), None), else_=streams.c.living)


@_cached
def members(streams: Any) -> Select[Any]:
    """(top, living, lowest): units of each group after mergers; `lowest`: the same, null if some are below it."""
    return select(streams.c.top, streams.c.living, _lowest(streams)).distinct()


@_cached
def nothing(streams: Any) -> Select[Any]:
    """(top, figure, lowest, units): units that say they have nothing to report, those with none below, and all."""
    said = saying_nothing(streams).subquery()
    found = select(said.c.top, said.c.figure, func.count(_lowest(said).distinct()), func.count())
    return found.group_by(said.c.top, said.c.figure)


@_cached
def saying_nothing(streams: Any, *, together: bool = False) -> Select[Any]:
    """(top, figure, living): each unit, after mergers, that says of a figure that it has nothing to report (F-35).

    Its own stream says so, in a record or as a total, or all those that it took over do: what one of them said is not
    said of the others.
    """
    top = literal("") if together else streams.c.top
    record = select(Tally.stream_id, Tally.figure).where(SAYS_NIL)
    stated = select(TotalStep.stream_id, TotalStep.figure).where(
        TotalStep.amount == 0, TotalStep.reported, TotalStep.act != TotalAct.WITHDRAW.value, TotalStep.is_last()
    )
    said = record.union(stated).subquery()  # each stream once
    held = select(top.label("top"), streams.c.living, func.count().label("streams"))
    every = held.group_by(*(() if together else (streams.c.top,)), streams.c.living).subquery()
    own = func.max(case((Stream.unit_id == streams.c.living, 1), else_=0))
    found = select(top.label("top"), said.c.figure, streams.c.living).select_from(streams)
    found = found.join(said, said.c.stream_id == streams.c.id).join(Stream, Stream.id == streams.c.id)
    found = found.join(every, and_(every.c.top == top, every.c.living == streams.c.living))
    found = found.group_by(*(() if together else (streams.c.top,)), said.c.figure, streams.c.living, every.c.streams)
    return found.having(or_(own == 1, func.count() == every.c.streams))


def reported(streams: Any) -> CompoundSelect[Any]:
    """(unit): those, after mergers, that submitted or stated something, or say there is nothing.

    `streams`: with the unit that theirs is today as top.
    """
    its = streams.c.living.label("unit")
    submitted = select(its).join(Census, Census.stream_id == streams.c.id)
    nothing = saying_nothing(streams).subquery()
    return union(
        submitted.where(IN_A_FIGURE, Census.records > 0),
        select(its).where(declares(streams.c.id)),
        select(nothing.c.living),
    )


def covered(streams: Any, campaign_id: str) -> Select[Any]:
    """(unit, name, level, reports, sealed): those of the units that have none below them; the last two are 0 or 1.

    `streams`: with the unit that theirs is today as top. `sealed`: all its streams are.
    """
    is_sealed = func.min(case((Stream.sealed.is_(None), 0), else_=1)).label("sealed")
    every = select(streams.c.living.label("unit"), is_sealed).join(Stream, Stream.id == streams.c.id)
    each = every.group_by(streams.c.living).subquery()
    said = reported(streams).subquery()
    reports = case((said.c.unit.is_(None), 0), else_=1).label("reports")
    return (
        select(Unit.id, Unit.name, Unit.level, reports, each.c.sealed)
        .join(each, each.c.unit == Unit.id)
        .outerjoin(said, said.c.unit == Unit.id)
        .where(Unit.id.not_in(not_lowest(campaign_id)))
    )
