"""The table of figures as shown: page, files and quick report use the same one, so that they agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from server.desk import list_filter
from server.desk.figures.groups import FigureGroup, groups
from server.desk.figures.switches import View
from server.desk.formats import near_day
from server.desk.units import UnitLinks
from server.desk.words import label, t, word
from server.models import Campaign
from server.services.campaigns import expected
from server.services.figures.sums import INCLUDED
from server.services.figures.table import Answer, Counting, FigureRow, FigureTable
from server.services.review.queue import ALL, QueueFilter
from sync.registry import KINDS, Figure


@dataclass(frozen=True, slots=True)
class Column:
    """One figure. `expected`: the amount asked of each lowest unit, 0 if none is. `own`: some are asked for another."""

    figure: Figure
    expected: int
    own: bool
    on: bool
    """True for the one column that a narrow screen shows."""
    first: bool
    """True for the first column under its heading."""


@dataclass(frozen=True, slots=True)
class CellContent:
    """The content of one cell: a number, or a word in its place.

    `number` is the counted amount; where both are asked for as one, it includes what waits (`mixed`: something waits).
    """

    column: Column
    number: int | None
    waiting: int | None
    """The waiting amount, shown apart; None if nothing waits, or if `number` includes it."""
    nil: str
    """"2/18" if only so many of these units report nothing and nobody an amount, "" otherwise; it has no number."""
    is_nil: bool
    mixed: bool
    plan: int
    opens: str
    opens_waiting: str
    unsupported: int | None = None
    """What is without evidence, in a column of its own; None if nothing is."""
    sign: str = ""
    """Whose it is: the unit's own, or of the level above and not confirmed. Alone: the latter says "nothing"."""
    opens_unsupported: str = ""
    returned: int | None = None
    """What was returned, never part of `number`; None if nothing was."""


@dataclass(slots=True)
class GridLine:
    """One row. `role`: `total`, `own`, `part` (a unit with all below it) or `unit`."""

    row: FigureRow
    role: str
    name: str
    opens: str
    """URL of the unit's page; empty for this page's unit."""
    standing: str
    cells: list[CellContent]
    parts: list[int] = field(default_factory=list)
    """Numbers of the lines that it sums up; empty if it sums none."""
    depth: int = 0
    """1 below a unit that has a line of its own."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Columns under their kinds' headings, lines from the total down."""

    columns: list[Column]
    groups: list[FigureGroup]
    lines: list[GridLine]
    level: str
    """What the lowest units are called."""

    @property
    def nil_notes(self) -> list[str]:
        """Return a note for each line in which only some units report nothing: which figures, and how many units."""
        found = []
        for line in self.lines:
            said = [f"{label(cell.column.figure.label)} {cell.nil} {self.level}" for cell in line.cells if cell.nil]
            if said:
                found.append(t("figures.nil_note", name=line.name, figures="; ".join(said)))
        return found

    @property
    def has_plan(self) -> bool:
        """Return True if a cell shows a plan."""
        return any(cell.plan for line in self.lines for cell in line.cells)

    @property
    def double(self) -> set[str]:
        """Return the codes of figures that have a second column, for what is without evidence."""
        return {cell.column.figure.code for line in self.lines for cell in line.cells if cell.sign}


def grid(campaign: Campaign, table: FigureTable, figures: Sequence[Figure], view: View, level: str) -> Grid:
    """Return the grid of these figures, in the order of their kinds. `level`: what the lowest units are called."""
    heads = groups(figures)
    ordered = [figure for group in heads for figure in group.figures]
    planned = {each["figure"]: KINDS.amount(each["figure"], int(each["amount"])) for each in campaign.expected}
    own = {each["figure"] for each in campaign.expected if each.get("classes") or each.get("units")}
    on = view.figure if view.figure in {figure.code for figure in ordered} else ordered[0].code
    begins = {group.figures[0].code for group in heads}
    columns = [
        Column(each, planned.get(each.code, 0), each.code in own, on=each.code == on, first=each.code in begins)
        for each in ordered
    ]
    return Grid(columns, heads, list(_Lines(campaign, table, columns, view).all()), level)


class _Lines:
    """Makes lines of a table's rows, each with the numbers of its parts."""

    def __init__(self, campaign: Campaign, table: FigureTable, columns: list[Column], view: View) -> None:
        self._campaign, self._table, self._columns, self._view = campaign, table, columns, view
        self._records = UnitLinks("queue.show", **list_filter.args(QueueFilter(campaign=campaign.id, state=ALL)))
        self._page = UnitLinks("figures.show", **view.args(deep=False))
        self._totals = UnitLinks("totals.show", campaign=campaign.id)

    def all(self) -> Iterator[GridLine]:
        table = self._table
        total = self._line(table.total, "total")
        yield total
        number = 0
        for row in [] if table.alone else [table.own, *table.children]:
            number += 1
            total.parts.append(number)
            inner = [] if row.own else table.apart(row.unit.id)
            line = self._line(row, "own" if row.own else "part" if inner else "unit")
            yield line
            for below in inner:
                number += 1
                line.parts.append(number)
                yield self._line(below, "own" if below.own else "unit", depth=1)

    def _line(self, row: FigureRow, role: str, depth: int = 0) -> GridLine:
        own = row.own or depth > 0 or self._table.alone
        opens = self._records(row.unit, only=1 if own else None)
        plans = expected.of_unit(self._campaign.expected, row.unit.id, row.unit.name) if row.leaf else {}
        alone = own or (role == "unit" and (row.leaf or row.unit.merged))
        totals = self._totals(row.unit) if alone else ""
        cells = [_with_totals(_shown(row, column, plans, opens, self._view), row, totals) for column in self._columns]
        return GridLine(
            row, role, self._name(row, role), self._opens(row), _standing(row, role, own=own), cells, depth=depth
        )

    def _name(self, row: FigureRow, role: str) -> str:
        if role == "total":
            return t("figures.total")
        return t("figures.own", level=word("levels", row.unit.level)) if role == "own" else row.unit.name

    def _opens(self, row: FigureRow) -> str:
        return "" if row.unit.id == self._table.unit.id else self._page(row.unit)


def _standing(row: FigureRow, role: str, *, own: bool) -> str:
    """Return how far a unit is with sending its figures, in three words.

    With `own`, only what the unit itself sent counts. A row that includes merged units counts as sent when all have
    sent, as above the table.
    """
    several = not own and (role in ("total", "part") or row.standing.units > 1)
    if several and (row.standing.sealed or not row.silent):
        return t("figures.sealed_of", sealed=row.standing.sealed, units=row.standing.units)
    whole = own or row.unit.merged or row.standing.sealed
    if row.standing.seal and not several and whole:
        return t("figures.sealed_on", day=near_day(row.standing.seal.at))
    return t("figures.none") if row.silent else t("figures.not_sealed")


def _shown(row: FigureRow, column: Column, plans: Mapping[str, int], opens: str, view: View) -> CellContent:
    code = column.figure.code
    cell = row.cells[code]
    plan = plans.get(code, 0)
    none: dict[str, Any] = {"number": None, "waiting": None, "mixed": False, "opens": "", "opens_waiting": ""}
    if cell.answer is not Answer.AMOUNT:
        nil = f"{cell.nil}/{cell.units}" if cell.is_nil_in_part else ""
        return CellContent(column, nil=nil, is_nil=cell.is_nil, plan=plan, **none)
    waits = cell.waiting_records > 0
    return CellContent(
        column,
        number=Counting(view.included).amount(cell),
        waiting=None if view.included else cell.waiting or None,
        nil="",
        is_nil=False,
        mixed=waits and view.included,
        plan=plan,
        returned=cell.returned or None,
        opens=f"{opens}&figure={code}&bucket={INCLUDED if view.included else 'counted'}",
        opens_waiting=f"{opens}&figure={code}&bucket=waiting",
    )


def _with_totals(cell: CellContent, row: FigureRow, opens: str) -> CellContent:
    it = row.cells[cell.column.figure.code]
    if not it.has_total:
        return cell
    return replace(cell, unsupported=it.unsupported or None, sign=it.signs, opens_unsupported=opens)
