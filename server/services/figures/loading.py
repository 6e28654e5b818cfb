"""Load a table of figures: the one way to one, from the streams' running totals.

A row is read for each group of streams: each unit of the tree by itself, or, where only the rows right below are asked
for, each of those with everything below it. Rows are added up from the lowest ones. What does not add up is counted
anew (SPEC F-5, F-6, F-8). The number of statements is the same for one level and for all.

Also the figures that a letter asks for, and how many units have reported.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import CompoundSelect, case, func, select, union
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.core.problem_details import Problem
from server.models import Campaign, Census, Stream, Unit
from server.models.units import by_name
from server.services.campaigns.lifecycle import kinds_of
from server.services.figures import seals, sums
from server.services.figures.seals import SealProgress
from server.services.figures.table import Cell, FigureRow, FigureTable, FigureUnit
from server.services.records import projection
from server.services.records.projection import BUCKETS, records_in
from server.services.totals.in_force import declares
from server.services.totals.parts import parts
from server.services.units.scope import Scope
from server.services.units.tree import since, subtree
from sync.figures import every_figure
from sync.registry import KINDS, Figure

_TOTALS = ("declared", "stated", "unsupported", "unconfirmed", "nil_above")
"""Fields of a cell that totals without evidence fill."""
_Sets = dict[tuple[str, str], set[str]]
"""By figure and bucket: units, as they are after mergers."""


def load(  # whose figures, and which rows
    session: Session, scope: Scope, campaign: Campaign, unit_id: str, *, deep: bool = True, merged: bool = False
) -> FigureTable:
    """Return the figures of a unit that the officer may see; else Problem `not_found`.

    `deep`: with a row for each unit of the tree; else for the units right below. `merged`: also for units that were
    merged into one that has none below it.
    """
    if unit_id not in scope.visible():
        raise Problem("not_found")
    unit = session.get_one(Unit, unit_id)
    loader = _Loader(session, campaign, unit, possible(campaign), deep=deep)
    return FigureTable(tuple(loader.figures), tuple(loader.rows(merged=merged)))


def taken(session: Session, campaign: Campaign, unit: Unit) -> FigureTable:
    """Return what a unit confirms of itself and of those merged into it: all as its total, and a row for each.

    Nothing of a unit that stands below them, which confirms for itself.
    """
    loader = _Loader(session, campaign, unit, possible(campaign), deep=True, taken=True)
    return FigureTable(tuple(loader.figures), tuple(loader.rows(merged=True)))


def path(session: Session, scope: Scope, unit_id: str) -> list[Unit]:
    """Return the units from the highest one that the officer may see down to this one."""
    return [session.get_one(Unit, above) for above in reversed(scope.chain(unit_id)) if scope.may_see(above)]


@dataclass(slots=True)
class _Sum:
    """A row while it is added up. `has`: units that have any of a figure; `nil`: units that say they have none of it.

    `units`: the units of the group as they are after mergers; `ends`: those that have none below them.
    """

    numbers: dict[str, dict[str, int]] = field(default_factory=dict)
    """By figure, fields of its cell that add up."""
    has: _Sets = field(default_factory=dict)
    nil: dict[str, set[str]] = field(default_factory=dict)
    units: set[str] = field(default_factory=set)
    ends: set[str] = field(default_factory=set)
    records: int = 0
    standing: SealProgress = field(default_factory=SealProgress)

    def of(self, code: str) -> dict[str, int]:
        return self.numbers.setdefault(code, {})

    def add(self, other: _Sum) -> None:
        self.records += other.records
        self.standing.add(other.standing)
        self.units |= other.units
        self.ends |= other.ends
        for code, theirs in other.numbers.items():
            mine = self.of(code)
            for name, value in theirs.items():
                mine[name] = mine[name] + value if name in mine else value
        for key, units in other.has.items():
            self.has.setdefault(key, set()).update(units)


class _Loader:
    def __init__(  # whose figures, and which rows
        self,
        session: Session,
        campaign: Campaign,
        unit: Unit,
        figures: Collection[Figure],
        *,
        deep: bool,
        taken: bool = False,
    ) -> None:
        self._session, self._campaign, self._top, self._deep, self._taken = session, campaign, unit, deep, taken
        self.figures = figures
        self._fed: dict[str, list[str]] = {}
        """By figure: those that count the units which have any of it (SPEC F-8)."""
        for figure in figures:
            if figure.units_of:
                self._fed.setdefault(figure.units_of, []).append(figure.code)
        every = sums.below(unit, campaign.id, deep=deep)
        self._streams = sums.taken(unit.id, campaign.id) if taken else every
        self._units, self._below, self._leaves = self._places()
        self._stands_for = self._successions() if deep else {}
        self._own = self._read()
        self._whole: dict[str, _Sum] = {}
        self._nothing: dict[str, set[str]] = {}
        """By figure: units that say so with all that they took over, which is not what each part says (F-35)."""
        for _, code, said in self._saying_nothing(self._streams, together=True):
            self._nothing.setdefault(code, set()).add(said)

    def rows(self, *, merged: bool) -> Iterator[FigureRow]:
        """Yield all rows from the top down."""
        self._add_up(self._top.id)
        above = sums.lineage(self._top.id, self._campaign.id, taken=self._taken) if self._deep else None
        self._distinct(self._whole, above)
        yield self._row(self._top.id, self._whole[self._top.id], own=False)
        yield from self._under(self._top.id, merged=merged)

    def _under(self, unit_id: str, *, merged: bool) -> Iterator[FigureRow]:
        """The rows below a unit's. Usually one that was merged has one row, which says that it was."""
        below = [self._row(child, self._whole[child], own=False) for child in self._below.get(unit_id, ())]
        if not below:
            return
        yield self._row(unit_id, self._own[unit_id], own=True)
        for row in sorted(below, key=lambda each: (by_name(each.unit.short_name), each.unit.id)):
            yield row
            if merged or not (row.leaf or row.unit.merged):
                yield from self._under(row.unit.id, merged=merged)

    # --- the tree -------------------------------------------------------------------------------------------------

    def _places(self) -> tuple[dict[str, Unit], dict[str, list[str]], set[str]]:
        """Units of the rows by id, those right below each, and those that have none below them today.

        All that take part, and the units between them and the top.
        """
        tops = self._session.scalars(select(self._streams.c.top).distinct()).all()
        here = sums.places(self._top.id)
        found = select(Unit) if self._deep else select(Unit).where(one_of(Unit.id, {*tops, self._top.id}))
        every = {unit.id: unit for unit in self._session.scalars(found.join(here, here.c.id == Unit.id))}
        units, below = {self._top.id: every.get(self._top.id, self._top)}, dict[str, list[str]]()
        for id_ in tops:
            unit = every[id_]
            while unit.id not in units:
                units[unit.id] = unit
                above = unit.parent_id if self._deep and unit.parent_id else self._top.id
                below.setdefault(above, []).append(unit.id)
                unit = every.get(above, self._top)
        over = select(Unit.parent_id).where(one_of(Unit.parent_id, units), Unit.merged_at.is_(None)).distinct()
        return (
            units,
            below,
            {id_ for id_, unit in units.items() if unit.merged_at is None}
            - {str(id_) for id_ in self._session.scalars(over)},
        )

    def _successions(self) -> dict[str, tuple[tuple[str, date | None], ...]]:
        """By unit that stands: those that take part and were merged into it, directly or through another, by name."""
        found: dict[str, list[list[Unit]]] = {}
        for unit in self._units.values():
            line = [unit]
            while line[-1].merged_at is not None and line[-1].parent_id in self._units:
                line.append(self._units[str(line[-1].parent_id)])
            if line[-1].merged_at is None and len(line) > 1 and not unit.was_never:
                found.setdefault(line[-1].id, []).append(line)
        ordered = {
            id_: sorted(lines, key=lambda line: (by_name(line[0].short_name), line[0].id))
            for id_, lines in found.items()
        }
        return {id_: tuple((line[0].name, since(line)) for line in lines) for id_, lines in ordered.items()}

    def _add_up(self, unit_id: str) -> None:
        """Sum up a unit with all below it. A void one is left out of the tree: who has no other stands alone."""
        own, below = self._own[unit_id], list[str]()
        whole = self._whole[unit_id] = _Sum()
        whole.standing = replace(own.standing, units=0, sealed=0, late=SealProgress().late)
        whole.add(own)
        for child in self._below.pop(unit_id, ()):
            self._add_up(child)
            may_be_void = self._units[child].was_never
            if not (may_be_void and self._row(child, self._whole[child], own=False).is_void):
                below.append(child)
                whole.add(self._whole[child])
        self._below[unit_id] = below
        whole.nil = {code: units & whole.units for code, units in self._nothing.items()} if below else own.nil

    def _row(self, unit_id: str, found: _Sum, *, own: bool) -> FigureRow:
        unit = self._units[unit_id]
        bare = Cell(units=len(found.ends) or 1)
        cells = {figure.code: bare for figure in self.figures}
        for code in {*found.numbers, *found.nil, *(each for each, _ in found.has)} & cells.keys():
            numbers = dict(found.numbers.get(code, ()))
            said = found.nil.get(code, set())
            numbers["nil"] = len(said & found.ends if found.ends else said)
            counted = {bucket: found.has[code, bucket] for bucket in BUCKETS if (code, bucket) in found.has}
            if counted:
                numbers |= sums.firsts(counted)
                numbers |= {f"{bucket}_records": len(units) for bucket, units in counted.items()}
            cells[code] = bare._replace(**numbers)
        place = FigureUnit(
            *(unit.id, unit.name, unit.short_name, unit.level, unit.parent_id or ""),
            merged=unit.merged_at is not None,
            merged_on=unit.merged_on,
            was_never=unit.was_never,
            stands_for=self._stands_for.get(unit_id, ()),
        )
        return FigureRow(place, own, cells, found.records, unit_id in self._leaves, found.standing)

    # --- the groups -----------------------------------------------------------------------------------------------

    def _read(self) -> dict[str, _Sum]:
        """Read each group of streams."""
        session, streams = self._session, self._streams
        rows = {id_: _Sum() for id_ in self._units}
        known = {figure.code for figure in self.figures}
        for top, figure, bucket, amount, records in session.execute(sums.sums(streams)):
            if figure in known:
                mine = rows[top].of(figure)
                mine[bucket], mine[f"{bucket}_records"] = KINDS.amount(figure, int(amount)), int(records)
        self._totals(rows)
        self._distinct(rows, streams)
        for top, base, bucket, unit in session.execute(sums.units_with(streams, self._fed)):
            for code in self._fed[base]:
                rows[top].has.setdefault((code, bucket), set()).add(unit)
        self._reporting(rows)
        live = projection.records_in(streams.c.top).join(streams, streams.c.id == Stream.id)
        for top, count in session.execute(live.where(projection.IN_A_FIGURE)):
            rows[top].records = count
        for top, standing in seals.standings(session, rows, streams).items():
            rows[top].standing = standing
        return rows

    def _reporting(self, rows: Mapping[str, _Sum]) -> None:
        """Fill in which units there are, which report, and which say that they have nothing to report."""
        for top, unit, lowest in self._session.execute(sums.members(self._streams)):
            rows[top].units.add(unit)
            rows[top].ends |= {lowest} if lowest else set()
        for top, code, unit in self._saying_nothing(self._streams):
            rows[top].nil.setdefault(code, set()).add(unit)
        for top, figure, count in self._session.execute(sums.reporting(self._streams)):
            for code in (figure, *self._fed.get(figure, ())):
                rows[top].of(code)["reporting"] = count

    def _saying_nothing(self, streams: Any, *, together: bool = False) -> Iterator[tuple[str, str, str]]:
        """Yield (top, figure, unit): units, after mergers, that say they have nothing to report of it."""
        for top, figure, unit in self._session.execute(sums.saying_nothing(streams, together=together)):
            for code in (figure, *self._fed.get(figure, ())):
                yield top, code, unit

    def _totals(self, rows: Mapping[str, _Sum]) -> None:
        """Fill in the totals without evidence."""
        for part in parts(self._session, self._streams):
            unconfirmed = part.amount * part.awaits
            said = part.declared, part.declared and not part.nil, part.amount, unconfirmed, part.is_nil_above
            mine = rows[part.top].of(part.step.figure)
            for name, value in zip(_TOTALS, said, strict=True):
                mine[name] = mine.get(name, 0) + value

    def _distinct(self, rows: Mapping[str, _Sum], streams: Any) -> None:
        """Fill in distinct values of each group (SPEC F-5). Without `streams`: of the top with all below it."""
        together = streams is None
        query = sums.different(self._streams if together else streams, together=together)
        found: dict[tuple[str, str], dict[str, int]] = {}
        for top, figure, bucket, amount in self._session.execute(query):
            found.setdefault((self._top.id if together else top, figure), {})[bucket] = amount
        for (top, figure), amounts in found.items():
            rows[top].of(figure).update(dict.fromkeys(BUCKETS, 0) | amounts)


# Which figures a campaign's letter asks for: the first page of figures, and what a report begins with.
USUAL = frozenset(
    (
        *("banners", "banner_metres", "airings", "minutes", "panels", "posters", "leaflets", "folded_leaflets"),
        *("mobile_sessions", "hotline_units"),
    )
)
"""The figures that letters on the day against human trafficking name; used if a campaign names none."""


def possible(campaign: Campaign) -> list[Figure]:
    """The figures that the campaign's kinds feed, then those that count units."""
    fed = {figure.code for kind in kinds_of(campaign) for figure in kind.figures}
    return [figure for figure in every_figure() if (figure.units_of or figure.code) in fed]


def asked(campaign: Campaign) -> list[Figure]:
    """The figures that the letter names; if it names none, the usual ones and those in its plan.

    All possible figures if none of these can be fed.
    """
    wanted = set(campaign.figures) or USUAL | {each["figure"] for each in campaign.expected}
    found = [figure for figure in possible(campaign) if figure.code in wanted]
    return found or possible(campaign)


# Coverage of a part of the tree: how many of its lowest units have figures, and how many sent them.
#
# A unit that was merged counts as its successor (SPEC L-6).
@dataclass(frozen=True, slots=True)
class Coverage:
    """Counts of units at the end of the tree, of one level or (`level` empty) of several."""

    level: str
    units: int
    reporting: int
    """Units that submitted something, stated or confirmed a total, or said that there is nothing to report."""
    sealed: int

    @property
    def silent(self) -> int:
        """The others."""
        return self.units - self.reporting


def waiting(session: Session, campaign_id: str, unit_id: str) -> int:
    """Number of records of the unit and those below that wait for a decision: no counted figure includes them yet."""
    places = Stream.campaign_id == campaign_id, Stream.unit_id.in_(subtree(session, [unit_id]))
    found = session.execute(records_in(Census.bucket).where(*places, Census.bucket == BUCKETS[1])).first()
    return int(found[1]) if found else 0


def reported(unit: Unit, campaign_id: str) -> CompoundSelect[Any]:
    """(unit): those of the subtree, as they are today, that submitted or stated something, or say there is nothing."""
    today = sums.today(unit, campaign_id)
    its = today.c.living.label("unit")
    submitted = select(its).join(Census, Census.stream_id == today.c.id)
    nothing = sums.saying_nothing(today).subquery()
    return union(
        submitted.where(projection.IN_A_FIGURE, Census.records > 0),
        select(its).where(declares(today.c.id)),
        select(nothing.c.living),
    )


def coverage(session: Session, unit_id: str, campaign_id: str) -> Coverage:
    """Coverage of the units in this one's subtree that have none below them; of itself, if it has none."""
    unit = session.get_one(Unit, unit_id)
    streams = sums.below(unit, campaign_id)
    is_sealed = func.min(case((Stream.sealed.is_(None), 0), else_=1)).label("sealed")
    every = select(streams.c.living.label("unit"), is_sealed).join(Stream, Stream.id == streams.c.id)
    each = every.group_by(streams.c.living).subquery()
    said = reported(unit, campaign_id).subquery()
    lowest = (
        select(Unit.level, func.count(), func.count(said.c.unit), func.sum(each.c.sealed))
        .join(each, each.c.unit == Unit.id)
        .outerjoin(said, said.c.unit == Unit.id)
        .where(Unit.id.not_in(sums.not_lowest(campaign_id)))
        .group_by(Unit.level)
    )
    rows = [(level, int(units), int(has), int(sealed)) for level, units, has, sealed in session.execute(lowest)]
    units, reporting, sealed = (sum(row[at] for row in rows) for at in (1, 2, 3))
    return Coverage(rows[0][0] if len(rows) == 1 else "", units, reporting, sealed)
