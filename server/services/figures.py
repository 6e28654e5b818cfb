"""Figures per unit: the counted sums with what waits and what was returned beside them, from the streams' totals.

Every number here opens to its records: `queue.Asked(figure=, bucket=, unit=)` lists exactly those it is the sum of.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import case, func, literal, select
from sqlalchemy.orm import Session, aliased

from server.models import Campaign, Census, Stream, Tally, TallyKey, Unit
from server.problems import Problem
from server.services import census, seals
from server.services.campaigns import kinds_of
from server.services.materialise import BUCKETS, NIL
from server.services.scope import Scope
from server.services.seals import Sheet, Standing
from sync.registry import KINDS, Figure
from sync.text import sort_key


@dataclass(slots=True)
class Cell:
    """One figure of one row: the sums and how many records stand behind each, by bucket."""

    amounts: dict[str, int] = field(default_factory=dict)
    records: dict[str, int] = field(default_factory=dict)
    nil: int = 0
    """How many units have said that there is nothing to report: said, it is no silence (SPEC F-6)."""
    reporting: int = 0
    """How many units have submitted a record of a kind that feeds the figure."""

    @property
    def is_unreported(self) -> bool:
        """No unit submitted anything or said that there is nothing: shown as a dash, never as 0."""
        return not self.reporting and not self.nil

    @property
    def is_nil(self) -> bool:
        """Somebody said so, and nothing is counted or waits."""
        return self.nil > 0 and self.is_empty

    @property
    def is_empty(self) -> bool:
        """Nothing is counted or waits."""
        return not any(self.records.get(bucket) for bucket in BUCKETS[:2])

    def add(self, other: Cell) -> None:
        """Sum up; different values are counted anew instead (SPEC F-5)."""
        self.nil += other.nil
        self.reporting += other.reporting
        for mine, theirs in ((self.amounts, other.amounts), (self.records, other.records)):
            for bucket, value in theirs.items():
                mine[bucket] = mine.get(bucket, 0) + value


@dataclass(slots=True)
class Row:
    """A unit with everything below it; `own`: the unit's own records alone."""

    unit: Unit
    own: bool
    cells: dict[str, Cell]
    records: int = 0
    parent: bool = False
    standing: Standing = field(default_factory=Standing)

    @property
    def silent(self) -> bool:
        """No record and no word: never a zero."""
        return not self.records and not any(cell.nil for cell in self.cells.values())


@dataclass(frozen=True, slots=True)
class Table:
    """First the total, then the unit's own row, then its children in Vietnamese order."""

    unit: Unit
    path: list[Unit]
    figures: list[Figure]
    total: Row
    rows: list[Row]
    sheet: Sheet | None
    """What the officer may seal here."""


def table(session: Session, scope: Scope, campaign: Campaign, unit_id: str) -> Table:
    """The figures of a unit the officer may see; else Problem `not_found`."""
    if unit_id not in scope.visible():
        raise Problem("not_found")
    unit = session.get_one(Unit, unit_id)
    codes = {figure.code for kind in kinds_of(campaign) for figure in kind.figures}
    figures = [figure for figure in KINDS.figures() if figure.code in codes]
    rows = _rows(session, campaign.id, unit, figures)
    total = Row(unit, own=False, cells={figure.code: Cell() for figure in figures})
    for row in rows:
        total.records += row.records
        total.standing.add(row.standing)
        for code, cell in row.cells.items():
            total.cells[code].add(cell)
    for _, code, bucket, amount in session.execute(_different(_streams(unit.id, campaign.id), together=True)):
        if code in total.cells:
            total.cells[code].amounts[bucket] = amount
    path = [session.get_one(Unit, above) for above in reversed(scope.chain(unit_id)) if scope.may_see(above)]
    return Table(unit, path, figures, total, rows, seals.sheet(session, scope, unit, campaign))


def _rows(session: Session, campaign_id: str, unit: Unit, figures: Sequence[Figure]) -> list[Row]:
    """One row for the unit itself and one for each child that takes part in the campaign."""
    streams = _streams(unit.id, campaign_id)
    tops = set(session.scalars(select(streams.c.top).distinct()))
    units = {row.id: row for row in session.scalars(select(Unit).where(Unit.id.in_({*tops, unit.id})))}
    parents = set(session.scalars(select(Unit.parent_id).where(Unit.parent_id.in_(tops)).distinct()))
    rows = {
        id_: Row(each, own=id_ == unit.id, cells={figure.code: Cell() for figure in figures}, parent=id_ in parents)
        for id_, each in units.items()
    }
    _fill(session, rows, streams, [figure.code for figure in figures])
    live = census.records_in(streams.c.top).join(streams, streams.c.id == Stream.id)
    for top, count in session.execute(live.where(census.IN_A_FIGURE)):
        rows[top].records = count
    for top, standing in seals.standings(session, rows, streams).items():
        rows[top].standing = standing
    return sorted(rows.values(), key=lambda row: (not row.own, sort_key(row.unit.short_name), row.unit.id))


def _fill(session: Session, rows: dict[str, Row], streams: Any, codes: Collection[str]) -> None:
    """Put the sums, the different values, what is nil and who reports into the cells of each top."""
    for top, figure, bucket, amount, records in session.execute(_sums(streams)):
        if figure in rows[top].cells:
            cell = rows[top].cells[figure]
            cell.amounts[bucket], cell.records[bucket] = int(amount), int(records)
    for top, figure, bucket, amount in session.execute(_different(streams)):
        if figure in rows[top].cells:
            rows[top].cells[figure].amounts[bucket] = amount
    for top, figure, units in session.execute(_nothing(streams)):
        if figure in rows[top].cells:
            rows[top].cells[figure].nil = units
    for top, *counts in session.execute(_reporting(streams, codes)):
        for code, units in zip(codes, counts, strict=True):
            rows[top].cells[code].reporting = units


def _streams(unit_id: str, campaign_id: str) -> Any:
    """(top, id): the streams of the campaign in the unit's subtree."""
    places = _places(unit_id)
    here = select(places.c.top, Stream.id).join(Stream, Stream.unit_id == places.c.id)
    return here.where(Stream.campaign_id == campaign_id).subquery()


def _places(unit_id: str) -> Any:
    """(top, id): each unit of the subtree under the child it belongs to; the unit itself under itself."""
    child, below = aliased(Unit), aliased(Unit)
    start = select(child.id.label("top"), child.id.label("id")).where(child.parent_id == unit_id)
    down = start.cte(recursive=True)
    down = down.union_all(select(down.c.top, below.id).join(down, below.parent_id == down.c.id))
    itself = select(literal(unit_id).label("top"), literal(unit_id).label("id"))
    return select(down.c.top, down.c.id).union_all(itself).subquery()


def _sums(streams: Any) -> Any:
    return (
        select(streams.c.top, Tally.figure, Tally.bucket, func.sum(Tally.amount), func.sum(Tally.records))
        .join(Tally, Tally.stream_id == streams.c.id)
        .where(Tally.bucket.in_(BUCKETS))
        .group_by(streams.c.top, Tally.figure, Tally.bucket)
    )


def _different(streams: Any, *, together: bool = False) -> Any:
    """How many different values there are under each top, or under all of them: what two share counts once (F-5)."""
    top = literal("") if together else streams.c.top
    return (
        select(top, TallyKey.figure, TallyKey.bucket, func.count(TallyKey.key.distinct()))
        .join_from(streams, TallyKey, TallyKey.stream_id == streams.c.id)
        .where(TallyKey.records > 0)
        .group_by(*(() if together else (streams.c.top,)), TallyKey.figure, TallyKey.bucket)
    )


def _nothing(streams: Any) -> Any:
    """How many streams say that they have nothing of a figure."""
    return (
        select(streams.c.top, Tally.figure, func.count())
        .join(Tally, Tally.stream_id == streams.c.id)
        .where(Tally.bucket == NIL, Tally.amount > 0)
        .group_by(streams.c.top, Tally.figure)
    )


def _reporting(streams: Any, codes: Collection[str]) -> Any:
    """One row a top: how many streams have a submitted record of a kind that feeds each of these figures."""
    kinds = {
        code: [kind.name for kind in KINDS.values() if code in {each.code for each in kind.figures}] for code in codes
    }
    counted = [
        func.count(case((Census.kind.in_(fed), streams.c.id)).distinct()).label(code) for code, fed in kinds.items()
    ]
    return (
        select(streams.c.top, *counted)
        .join(Census, Census.stream_id == streams.c.id)
        .where(census.IN_A_FIGURE, Census.records > 0)
        .group_by(streams.c.top)
    )
