"""Load a table of figures: the one way to one, from the streams' running totals.

A row is read for each group of streams: each unit of the tree by itself, or, where only the rows right below are asked
for, each of those with everything below it. Rows are added up from the lowest ones. What does not add up is counted
anew (SPEC F-5, F-6, F-8). The number of statements is the same for one level and for all.

Also the figures that a letter asks for, and how many units have reported.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.core.db import read_once
from server.core.problem_details import Problem
from server.models import Campaign, Census, Stream, Unit
from server.models.units import by_name
from server.services.campaigns.lifecycle import kinds_of
from server.services.figures import groups, kept, seals, sums
from server.services.figures.groups import GroupSum
from server.services.figures.kept import Sums
from server.services.figures.seals import SealProgress
from server.services.figures.table import Cell, FigureRow, FigureTable, FigureUnit
from server.services.records.projection import BUCKETS, records_in
from server.services.units.scope import Scope
from server.services.units.tree import since, subtree
from sync.figures import every_figure
from sync.late import LATE_MARKS
from sync.registry import Figure


def load(  # whose figures, and which rows
    session: Session, scope: Scope, campaign: Campaign, unit_id: str, *, deep: bool = True, merged: bool = False
) -> FigureTable:
    """Return the figures of a unit that the officer may see; else Problem `not_found`.

    `deep`: with a row for each unit of the tree; else for the units right below. `merged`: also for units that were
    merged into one that has none below it.
    """
    if unit_id not in scope.visible():
        raise Problem("not_found")
    unit, figures = session.get_one(Unit, unit_id), possible(campaign)
    near = None if deep or merged else kept.parts(session, campaign, unit, figures)
    if near is not None and {*near} - {unit_id}:
        return _summed(session, campaign, unit, figures, near)
    loader = _Loader(session, campaign, unit, figures, deep=deep)
    return FigureTable(tuple(loader.figures), tuple(loader.rows(merged=merged)))


def _summed(
    session: Session, campaign: Campaign, unit: Unit, figures: Sequence[Figure], near: Mapping[str, Sums]
) -> FigureTable:
    """Return the table of what is kept of the units right below and of the unit itself."""
    streams = kept.by_part(campaign.id) if unit.id == campaign.unit_id else sums.below(unit, campaign.id)
    has_distinct = any(figure.distinct for figure in figures)
    distinct: dict[str, dict[str, dict[str, int]]] = {}
    for together in (False, True) if has_distinct else ():
        for (top, code), amounts in groups.distinct(session, streams, together=together).items():
            distinct.setdefault(top, {})[code] = amounts
    units = {each.id: each for each in session.scalars(select(Unit).where(one_of(Unit.id, near)))}
    over = select(Unit.parent_id).where(one_of(Unit.parent_id, units), Unit.merged_at.is_(None)).distinct()
    above = {*session.scalars(over), unit.id}
    standings = seals.standings(session, units, kept.alone(campaign.id, units))

    def row(of: Unit, found: Sums, key: str, *, own: bool) -> FigureRow:
        late = {mark: found[f"@late {mark}"] for mark in LATE_MARKS}
        standing = standings.get(of.id, SealProgress())
        standing = replace(standing, units=found["@units"], sealed=found["@sealed"], late=late)
        cells = kept.cells(figures, found, distinct.get(key, {}))
        return FigureRow(figure_unit(of), own, cells, found["@records"], of.id not in above, standing)

    own = near.get(unit.id, Sums())
    below = [row(each, near[id_], id_, own=False) for id_, each in units.items() if id_ != unit.id]
    below.sort(key=lambda each: (by_name(each.unit.short_name), each.unit.id))
    whole = row(unit, kept.total(near.values()), "", own=False)
    return FigureTable(tuple(figures), (whole, row(unit, own, unit.id, own=True), *below))


def board_counts(session: Session, campaign: Campaign, unit: Unit) -> Sequence[Any]:
    """Return (top, in_a_figure, waiting, amended, returned) of each unit of the subtree, after mergers."""
    found = kept.board_counts(session, campaign, unit, possible(campaign))
    return session.execute(sums.board_counts(sums.today(unit, campaign.id))).all() if found is None else found


def kept_late(session: Session, campaign: Campaign, unit: Unit, mark: str) -> int | None:
    """Return how many records of a whole campaign have this mark (sync/late.py); None if it is not kept."""
    found = partial(kept.late_records, session, campaign, unit, possible(campaign), mark)
    return read_once(session, ("kept late", campaign.id, unit.id, mark), found)


def kept_parts(session: Session, campaign: Campaign, unit: Unit) -> list[tuple[Unit, Sums]] | None:
    """Return the sums of its parts, in Vietnamese order; None if they are not kept, or one has no unit below it."""
    near = kept.parts(session, campaign, unit, possible(campaign))
    below = {id_: said for id_, said in (near or {}).items() if id_ != unit.id}
    over = select(Unit.parent_id).where(one_of(Unit.parent_id, below), Unit.merged_at.is_(None)).distinct()
    if not below or {*session.scalars(over)} != {*below}:
        return None
    units = session.scalars(select(Unit).where(one_of(Unit.id, below)).order_by(Unit.sort_key, Unit.id))
    return [(each, below[each.id]) for each in units]


def taken(session: Session, campaign: Campaign, unit: Unit) -> FigureTable:
    """Return what a unit confirms of itself and of those merged into it: all as its total, and a row for each.

    Nothing of a unit that stands below them, which confirms for itself.
    """
    loader = _Loader(session, campaign, unit, possible(campaign), deep=True, taken=True)
    return FigureTable(tuple(loader.figures), tuple(loader.rows(merged=True)))


def path(session: Session, scope: Scope, unit_id: str) -> list[Unit]:
    """Return the units from the highest one that the officer may see down to this one."""
    return [session.get_one(Unit, above) for above in reversed(scope.chain(unit_id)) if scope.may_see(above)]


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
        every = sums.below(unit, campaign.id, deep=deep)
        self._streams = sums.taken(unit.id, campaign.id) if taken else every
        self._units, self._below, self._leaves = self._places()
        self._stands_for = self._successions() if deep else {}
        self._own = groups.read(session, figures, self._streams, self._units)
        self._distinct(self._own, self._streams)
        self._whole: dict[str, GroupSum] = {}
        self._nothing: dict[str, set[str]] = {}
        """By figure: units that say so with all that they took over, which is not what each part says (F-35)."""
        for _, code, said in groups.saying_nothing(session, groups.fed_by(figures), self._streams, together=True):
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
        whole = self._whole[unit_id] = GroupSum()
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

    def _row(self, unit_id: str, found: GroupSum, *, own: bool) -> FigureRow:
        bare = Cell(units=len(found.ends) or 1)
        cells = {figure.code: bare for figure in self.figures}
        for code, numbers in found.said():
            if code in cells:
                said = found.nil.get(code, set())
                cells[code] = bare._replace(**numbers, nil=len(said & found.ends if found.ends else said))
        place = replace(figure_unit(self._units[unit_id]), stands_for=self._stands_for.get(unit_id, ()))
        return FigureRow(place, own, cells, found.records, unit_id in self._leaves, found.standing)

    def _distinct(self, rows: Mapping[str, GroupSum], streams: Any) -> None:
        """Fill in distinct values of each group (SPEC F-5). Without `streams`: of the top with all below it."""
        together = streams is None
        found = groups.distinct(self._session, self._streams if together else streams, together=together)
        for (top, figure), amounts in found.items():
            rows[self._top.id if together else top].of(figure).update(amounts)


def figure_unit(unit: Unit) -> FigureUnit:
    """Return a unit as it is now."""
    return FigureUnit(
        *(unit.id, unit.name, unit.short_name, unit.level, unit.parent_id or ""),
        merged=unit.merged_at is not None,
        merged_on=unit.merged_on,
        was_never=unit.was_never,
    )


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


def coverage(session: Session, unit_id: str, campaign_id: str) -> Coverage:
    """Coverage of the units in this one's subtree that have none below them; of itself, if it has none."""
    unit, campaign = session.get_one(Unit, unit_id), session.get_one(Campaign, campaign_id)
    kept_sums = kept.parts(session, campaign, unit, possible(campaign))
    if kept_sums is not None:
        rows = list(kept.levels(kept.total(kept_sums.values())))
    else:
        each = sums.covered(sums.today(unit, campaign_id), campaign_id).subquery()
        lowest = select(each.c.level, func.count(), func.sum(each.c.reports), func.sum(each.c.sealed))
        found = session.execute(lowest.group_by(each.c.level))
        rows = [(level, int(units), int(has), int(sealed)) for level, units, has, sealed in found]
    _, units, reporting, sealed = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Coverage(rows[0][0] if len(rows) == 1 else "", sum(units), sum(reporting), sum(sealed))
