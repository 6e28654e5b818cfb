"""What charts show of figures: amounts over days, planned and done by unit, how many units have reported.

All but the days are in a table of figures that has each unit (loading.load with `deep`). The days of a figure are sums
over the records behind it, by the day on which lists show them; so they add up to the figure, and one that does not
add up (SPEC F-5, F-8) has none. What was said without evidence has no day. Days more than `MARGIN` outside the
campaign, a mistyped year among them, are one bar before and one after, however far away they are.

The number at a bar is the amount that the report or the table beside it counts (`Counting`); what is left out is named
below.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from server.core import cldr
from server.models import Record, RecordListing, Stream
from server.services.campaigns import expected
from server.services.figures.charts import (
    COUNTED,
    PLAN,
    REPORTED,
    SENT,
    SILENT,
    UNSUPPORTED,
    WAITING,
    Chart,
    ChartSeries,
)
from server.services.figures.table import Cell, Counting, FigureRow, FigureTable
from server.services.records.projection import BUCKETS
from server.services.units.tree import subtree
from sync.registry import KINDS, Figure, Kind

Days = Mapping[str, Mapping[str, Sequence[int]]]
"""By figure and ISO day: what was counted, and what waits."""
WORD_KEYS: Final = (
    *(COUNTED, WAITING, UNSUPPORTED, PLAN, SENT, REPORTED, SILENT),
    *("day", "week", "unit", "of_units", "directly", "days", "weeks", "units", "planned_units", "rates"),
    *("days_says", "weeks_says", "units_says", "planned_says", "rate_says", "rate_end"),
    *("before", "after", "outside", "apart"),
)
"""Keys of `ChartWords.say`."""
MOST_DAYS: Final = 62
"""Most bars of time; by default, above so many days a bar is a week."""
MARGIN: Final = timedelta(days=14)
"""Before a campaign and after it: days that stand for themselves."""
_SHOWN: Final = BUCKETS[:2]
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ChartWords:
    """How a chart is worded. `say`: a text by its key; `own`: what a level did itself; `day`: a day."""

    lang: str
    say: Callable[..., str]
    own: Callable[[str], str]
    day: Callable[[date], str]

    def label(self, words: Mapping[str, str]) -> str:
        """A figure's label or unit."""
        return words[self.lang]

    def number(self, value: int) -> str:
        """An amount as text."""
        return cldr.number(value, self.lang)


@dataclass(frozen=True, slots=True)
class ChartOptions:
    """How charts are drawn. `window`: the first and the last day that may have a bar. `counts`: what amounts count.

    `beside`: what they do not count is drawn as well, as a series of its own. `most_days`: above so many, a bar is a
    week. `most_bars`: of a chart by units; one with more is parted. 0: it never is.
    """

    words: ChartWords
    window: tuple[date, date]
    counts: Counting = field(default_factory=Counting)
    beside: bool = False
    most_days: int = MOST_DAYS
    most_bars: int = 0

    @property
    def looks(self) -> tuple[str, ...]:
        """The series of amounts that are drawn."""
        shown = {WAITING: self.counts.included, UNSUPPORTED: self.counts.stands_in}
        return (COUNTED, *(look for look, is_counted in shown.items() if is_counted or self.beside))

    def apart(self, figure: Figure, cells: Iterable[Cell], *, by_day: bool = False) -> str:
        """The sentence that names what the amounts leave out of these cells; empty if that is nothing.

        `by_day`: the amounts are of days, and what was said without evidence has none.
        """
        every, words = list(cells), self.words
        looks = [] if self.counts.included else [WAITING]
        looks += [UNSUPPORTED] if by_day or not self.counts.stands_in else []
        left = {look: sum(_amount(cell, look) for cell in every) for look in looks}
        named = [f"{words.say(look)} {words.number(figure.amount(each))}" for look, each in left.items() if each]
        return words.say("apart", each="; ".join(named)) if named else ""


def window(starts_on: date, *ends: date) -> tuple[date, date]:
    """Return the days that may have a bar, of a campaign with this first day and these last ones."""
    return starts_on - MARGIN, max(ends) + MARGIN


def days(session: Session, campaign_id: str, unit_id: str, figures: Iterable[Figure]) -> Days:
    """Return the days of these figures, of a unit with all below it, in one statement."""
    codes = sorted({each.code for each in figures if each.adds_up})
    found: dict[str, dict[str, list[int]]] = {code: {} for code in codes}
    fed = {code: [kind.name for kind in KINDS.values() if _feeds(kind, code)] for code in codes}
    if not codes:
        return found
    amounts = [
        func.sum(case((RecordListing.kind.in_(kinds), Record.amounts[code].as_numeric(60, 0))))
        for code, kinds in fed.items()
    ]
    query = select(RecordListing.day, Record.bucket, *amounts).join(Record, Record.id == RecordListing.record_id)
    query = query.join(Stream, Stream.id == RecordListing.stream_id).where(
        RecordListing.campaign_id == campaign_id,
        RecordListing.kind.in_({kind for kinds in fed.values() for kind in kinds}),
        Stream.unit_id.in_(subtree(session, [unit_id])),
        Record.bucket.in_(_SHOWN),
    )
    for day, bucket, *sums in session.execute(query.group_by(RecordListing.day, Record.bucket)):
        add_day(found, day, bucket, dict(zip(codes, sums, strict=True)))
    return found


def _feeds(kind: Kind, code: str) -> bool:
    return any(figure.code == code for figure in kind.figures)


def add_day(days: dict[str, dict[str, list[int]]], day: str, bucket: str, amounts: Mapping[str, Any]) -> None:
    """Add amounts of one day and bucket to those of its figures that are there."""
    if bucket not in _SHOWN:
        return
    for code, amount in amounts.items():
        if amount and code in days:
            days[code].setdefault(day, [0, 0])[_SHOWN.index(bucket)] += int(amount)


def of_figures(
    table: FigureTable, rows: expected.Rows, days: Days, figures: Iterable[Figure], options: ChartOptions
) -> list[Chart]:
    """Return the reporting rate, then of each figure what the units did, and what was done day by day."""
    made = rates(table, options)
    for figure in figures:
        made += by_unit(table, rows, figure, options)
        over = over_days(figure, days, table.total.cells[figure.code], options)
        made += [over] if over else []
    return made


def over_days(figure: Figure, days: Days, total: Cell, options: ChartOptions) -> Chart | None:
    """Return the amounts day by day, and in one bar each what lies before and after; None if there is nothing.

    `total`: the cell that the days are of. Days on which nothing counts have bars, but are in none of the words.
    """
    words, looks = options.words, [look for look in options.looks if look in (COUNTED, WAITING)]
    said = {date.fromisoformat(day): list(amounts) for day, amounts in days.get(figure.code, {}).items()}
    theirs = {day: amounts for day, amounts in said.items() if any(amounts[: len(looks)])}
    if not theirs:
        return None
    begins, step = _begins(theirs, options)
    first, end = (
        (begins[0], begins[-1] + timedelta(days=step)) if begins else (options.window[0], options.window[1] + _DAY)
    )
    before, after = (words.say(key, day=words.day(day)) for key, day in (("before", first), ("after", end - _DAY)))
    names = [before, *map(words.day, begins), after]
    sums = [[0] * len(looks) for _ in names]
    for day, amounts in theirs.items():
        place = 0 if day < first else len(names) - 1 if day >= end else 1 + (day - first).days // step
        sums[place] = [one + more for one, more in zip(sums[place], amounts, strict=False)]
    outside = [place for place in (0, len(names) - 1) if any(sums[place])]
    kept = [place for place in range(len(names)) if 0 < place < len(names) - 1 or place in outside]
    series = tuple(
        ChartSeries(words.say(look), look, tuple(sums[place][at] for place in kept)) for at, look in enumerate(looks)
    )
    label, unit = words.label(figure.label), words.label(figure.unit)
    counted = slice(0, 2 if options.counts.included else 1)
    inside = {day: sum(each[counted]) for day, each in theirs.items() if first <= day < end and any(each[counted])}
    says = ""
    if begins and inside:
        most = max(range(1, len(names) - 1), key=lambda place: sum(sums[place][counted]))
        says = words.say(
            "days_says" if step == 1 else "weeks_says",
            figure=label,
            first=words.day(min(inside)),
            last=words.day(max(inside)),
            amount=words.number(figure.amount(sum(inside.values()))),
            unit=unit,
            most=words.number(figure.amount(sum(sums[most][counted]))),
            day=names[most],
        )
    far = {names[at]: sum(sums[at][counted]) for at in outside}
    beyond = "; ".join(f"{name}: {words.number(figure.amount(each))}" for name, each in far.items() if each)
    note = words.say("outside", each=beyond) if beyond else ""
    apart = options.apart(figure, [total], by_day=True)
    return Chart(
        "days",
        words.say("days" if step == 1 else "weeks", figure=label),
        unit,
        words.say("day" if step == 1 else "week"),
        tuple(names[place] for place in kept),
        _without_empty(series),
        says=says,
        scale=figure.scale,
        note=" ".join(filter(None, (note, apart))),
    )


def _begins(days: Collection[date], options: ChartOptions) -> tuple[list[date], int]:
    """The first day of each bar from the first to the last day within the window, and how many days a bar has."""
    inside = [day for day in days if options.window[0] <= day <= options.window[1]]
    if not inside:
        return [], 1
    first, last = min(inside), max(inside)
    step = 1 if (last - first).days < options.most_days else 7
    first -= timedelta(days=first.weekday() if step > 1 else 0)
    bars = (last - first).days // step + 1
    return [first + timedelta(days=place * step) for place in range(max(0, bars - MOST_DAYS), bars)], step


def by_unit(table: FigureTable, rows: expected.Rows, figure: Figure, options: ChartOptions) -> list[Chart]:
    """Return what each unit right below has done of its plan; none for a unit that stands alone, or without amounts."""
    words, asked = options.words, [each for each in rows if each["figure"] == figure.code]
    parts = [(row, _plan(table, row, asked, figure)) for row in ([] if table.alone else (table.own, *table.children))]
    cells = [(row, row.cells[figure.code], plan) for row, plan in parts]
    shown = [each for each in cells if not each[0].own or each[1].is_said]
    sums = {look: [_amount(cell, look) for _, cell, _ in shown] for look in options.looks}
    sums[PLAN] = [plan for _, _, plan in shown]
    if not any(map(any, sums.values())):
        return []
    ends = tuple(_of(words, figure, options.counts.shown(cell), plan) for _, cell, plan in shown)
    names = tuple(words.own(row.unit.level) if row.own else row.unit.name for row, _, _ in shown)
    unit, label, has_plan = words.label(figure.unit), words.label(figure.label), any(sums[PLAN])

    def said(at: slice) -> tuple[str, str]:
        each = "; ".join(f"{name} {end}" for name, end in zip(names[at], ends[at], strict=True))
        says = words.say("planned_says" if has_plan else "units_says", figure=label, unit=unit, each=each)
        return says, options.apart(figure, left_by(at))

    def left_by(at: slice) -> list[Cell]:
        """The cells behind these bars: of all bars the total; so also of the last ones, if parts do not add up."""
        if at == slice(None) or (not figure.adds_up and at.stop >= len(shown)):
            return [table.total.cells[figure.code]]
        return [cell for _, cell, _ in shown[at]] if figure.adds_up else []

    return _parted(
        Chart(
            "units",
            words.say("planned_units" if has_plan else "units", figure=label),
            unit,
            words.say("unit"),
            names,
            _without_empty(tuple(ChartSeries(words.say(look), look, tuple(each)) for look, each in sums.items())),
            horizontal=True,
            ends=ends,
            scale=figure.scale,
        ),
        said,
        options.most_bars,
    )


def _amount(cell: Cell, look: str) -> int:
    return int({COUNTED: cell.counted, WAITING: cell.waiting, UNSUPPORTED: cell.unsupported}[look])


def _parted(whole: Chart, said: Callable[[slice], tuple[str, str]], most_bars: int) -> list[Chart]:
    """The chart with its words, in parts if it has more bars than are drawn in one."""
    says, note = said(slice(None))
    return replace(whole, says=says, note=note).pages(most_bars or len(whole.names), said)


def _of(words: ChartWords, figure: Figure, done: int | None, plan: int) -> str:
    said = "–" if done is None else words.number(figure.amount(done))
    return f"{said}/{words.number(figure.amount(plan))}" if plan else said


def _plan(table: FigureTable, row: FigureRow, rows: Sequence[Mapping[str, Any]], figure: Figure) -> int:
    """What the plan asks of the lowest units below a row; a row of a unit's own records has none."""
    if row.own or not rows:
        return 0
    lowest = _lowest(table, row)
    return sum(int(expected.of_unit(rows, each.unit.id, each.unit.name).get(figure.code, 0)) for each in lowest)


def _lowest(table: FigureTable, row: FigureRow) -> list[FigureRow]:
    """The rows at the end of the tree below this one, or itself."""
    return [each for each in table.apart(row.unit.id) or [row] if each.leaf and not each.own and not each.unit.merged]


def rates(table: FigureTable, options: ChartOptions) -> list[Chart]:
    """Return how many of the lowest units have sent, have reported, have said nothing: of each part of the tree.

    Of units that have none below them, one bar of all. None for a unit that stands alone.
    """
    if table.alone:
        return []
    parts = [(row.unit.name, _lowest(table, row)) for row in table.children if table.has_below(row.unit.id)]
    within = {each.unit.id for _, rows in parts for each in rows}
    rest = [each for _, each in table.leaves() if each.leaf and not each.unit.merged and each.unit.id not in within]
    if rest:
        parts.append((table.unit.name if not parts else options.words.say("directly"), rest))
    return rate_of(
        [(name, [_how_far(row) for row in rows]) for name, rows in parts if rows], options.words, options.most_bars
    )


def rate_of(parts: Sequence[tuple[str, Collection[str]]], words: ChartWords, most_bars: int = 0) -> list[Chart]:
    """Return the same of parts whose units are SENT, REPORTED or SILENT; nothing without any."""
    if not parts:
        return []
    looks = (SENT, REPORTED, SILENT)
    sums = {look: tuple(list(units).count(look) for _, units in parts) for look in looks}
    ends = tuple(
        words.say(
            "rate_end",
            have=words.number(len(units) - list(units).count(SILENT)),
            units=words.number(len(units)),
            percent=str(100 * (len(units) - list(units).count(SILENT)) // len(units)),
        )
        for _, units in parts
    )
    names = tuple(name for name, _ in parts)

    def said(at: slice) -> tuple[str, str]:
        each = "; ".join(f"{name} {end}" for name, end in zip(names[at], ends[at], strict=True))
        return words.say("rate_says", each=each), ""

    series = _without_empty(tuple(ChartSeries(words.say(look), look, amounts) for look, amounts in sums.items()))
    made = Chart(
        "rates", words.say("rates"), words.say("of_units"), words.say("unit"), names, series, horizontal=True, ends=ends
    )
    return _parted(made, said, most_bars)


def _how_far(row: FigureRow) -> str:
    return SENT if row.standing.sealed else SILENT if row.silent else REPORTED


def _without_empty(series: tuple[ChartSeries, ...]) -> tuple[ChartSeries, ...]:
    """The series but those with nothing; the first stays."""
    return tuple(each for place, each in enumerate(series) if not place or any(each.amounts))
