"""What charts show of figures: amounts over days, planned and done by unit, how many units have reported.

All but the days are in a table of figures that has each unit (loading.load with `deep`). The days of a figure are sums
over the records behind it, by the day on which lists show them; so they add up to the figure, and one that does not
add up (SPEC F-5, F-8) has none. What was said without evidence has no day.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core import cldr
from server.core.charts import COUNTED, PLAN, REPORTED, SENT, SILENT, UNSUPPORTED, WAITING, Chart, ChartSeries
from server.models import Record, RecordListing, Stream
from server.services.campaigns import expected
from server.services.figures.table import FigureRow, FigureTable
from server.services.records.projection import BUCKETS
from server.services.units.tree import subtree
from sync.registry import KINDS, Figure

Days = Mapping[str, Mapping[str, Sequence[int]]]
"""By figure and ISO day: what was counted, and what waits."""
SAID: Final = (
    *(COUNTED, WAITING, UNSUPPORTED, PLAN, SENT, REPORTED, SILENT),
    *("day", "week", "unit", "of_units", "directly", "days", "weeks", "units", "planned_units", "rates"),
    *("days_says", "weeks_says", "units_says", "planned_says", "rate_says", "rate_end"),
)
"""Keys of `ChartWords.say`."""
MOST_DAYS: Final = 62
"""Above so many, a bar is a week."""
_SHOWN: Final = BUCKETS[:2]


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


def days(session: Session, campaign_id: str, unit_id: str, figures: Iterable[Figure]) -> Days:
    """Return the days of these figures, of a unit with all below it: a statement for each kind that feeds them."""
    codes = {each.code for each in figures if each.adds_up}
    found: dict[str, dict[str, list[int]]] = {code: {} for code in codes}
    units = subtree(session, [unit_id])
    for kind in KINDS.values():
        fed = sorted({each.code for each in kind.figures} & codes)
        if not fed:
            continue
        amounts = [func.sum(Record.amounts[code].as_numeric(60, 0)) for code in fed]
        query = select(RecordListing.day, Record.bucket, *amounts).join(Record, Record.id == RecordListing.record_id)
        query = query.join(Stream, Stream.id == RecordListing.stream_id).where(
            RecordListing.campaign_id == campaign_id,
            RecordListing.kind == kind.name,
            Stream.unit_id.in_(units),
            Record.bucket.in_(_SHOWN),
        )
        for day, bucket, *sums in session.execute(query.group_by(RecordListing.day, Record.bucket)):
            add_day(found, day, bucket, dict(zip(fed, sums, strict=True)))
    return found


def add_day(days: dict[str, dict[str, list[int]]], day: str, bucket: str, amounts: Mapping[str, Any]) -> None:
    """Add amounts of one day and bucket to those of its figures that are there."""
    if bucket not in _SHOWN:
        return
    for code, amount in amounts.items():
        if amount and code in days:
            days[code].setdefault(day, [0, 0])[_SHOWN.index(bucket)] += int(amount)


def of_figures(
    table: FigureTable, rows: expected.Rows, days: Days, figures: Iterable[Figure], words: ChartWords
) -> list[Chart]:
    """Return the reporting rate, then of each figure what the units did, and what was done day by day."""
    each = [chart for one in figures for chart in (by_unit(table, rows, one, words), over_days(one, days, words))]
    return [chart for chart in (rates(table, words), *each) if chart is not None]


def over_days(figure: Figure, days: Days, words: ChartWords) -> Chart | None:
    """Return what was counted and what waits, day by day from the first to the last; None if there is nothing."""
    theirs = days.get(figure.code, {})
    if not theirs:
        return None
    first, last = (date.fromisoformat(end(theirs)) for end in (min, max))
    step = 1 if (last - first).days < MOST_DAYS else 7
    first -= timedelta(days=first.weekday() if step > 1 else 0)
    begins = [first + timedelta(days=place * step) for place in range((last - first).days // step + 1)]
    sums = {begin: [0, 0] for begin in begins}
    for day, amounts in theirs.items():
        at = sums[begins[(date.fromisoformat(day) - first).days // step]]
        at[0], at[1] = at[0] + amounts[0], at[1] + amounts[1]
    series = tuple(
        ChartSeries(words.say(look), look, tuple(each[place] for each in sums.values()))
        for place, look in enumerate((COUNTED, WAITING))
    )
    unit, whole = words.label(figure.unit), figure.amount(sum(map(sum, theirs.values())))
    most = max(begins, key=lambda begin: sum(sums[begin]))
    says = words.say(
        "days_says" if step == 1 else "weeks_says",
        figure=words.label(figure.label),
        first=words.day(min(date.fromisoformat(day) for day in theirs)),
        last=words.day(last),
        amount=words.number(whole),
        unit=unit,
        most=words.number(figure.amount(sum(sums[most]))),
        day=words.day(most),
    )
    title = words.say("days" if step == 1 else "weeks", figure=words.label(figure.label))
    head, names = words.say("day" if step == 1 else "week"), tuple(map(words.day, begins))
    return Chart("days", title, unit, head, names, _filled(series), says=says, scale=figure.scale)


def by_unit(table: FigureTable, rows: expected.Rows, figure: Figure, words: ChartWords) -> Chart | None:
    """Return what each unit right below has done of its plan; None for a unit that stands alone, or without amounts."""
    asked = [each for each in rows if each["figure"] == figure.code]
    parts = [(row, _plan(table, row, asked, figure)) for row in ([] if table.alone else (table.own, *table.children))]
    cells = [(row, row.cells[figure.code], plan) for row, plan in parts]
    told = [each for each in cells if not each[0].own or each[1].is_said]
    if not any(cell.included or cell.unsupported or plan for _, cell, plan in told):
        return None
    sums = {
        COUNTED: [int(cell.counted) for _, cell, _ in told],
        WAITING: [int(cell.waiting) for _, cell, _ in told],
        UNSUPPORTED: [int(cell.unsupported) for _, cell, _ in told],
        PLAN: [plan for _, _, plan in told],
    }
    series = tuple(ChartSeries(words.say(look), look, tuple(amounts)) for look, amounts in sums.items())
    done = [figure.amount(cell.included + cell.unsupported) for _, cell, _ in told]
    ends = tuple(
        _of(words, None if cell.is_unreported and not each else each, figure.amount(plan))
        for each, (_, cell, plan) in zip(done, told, strict=True)
    )
    unit, has_plan = words.label(figure.unit), any(sums[PLAN])
    names = tuple(words.own(row.unit.level) if row.own else row.unit.name for row, _, _ in told)
    label = words.label(figure.label)
    says = words.say(
        "planned_says" if has_plan else "units_says",
        figure=label,
        unit=unit,
        each="; ".join(f"{name} {end}" for name, end in zip(names, ends, strict=True)),
    )
    return Chart(
        "units",
        words.say("planned_units" if has_plan else "units", figure=label),
        unit,
        words.say("unit"),
        names,
        _filled(series),
        lying=True,
        ends=ends,
        says=says,
        scale=figure.scale,
    )


def _of(words: ChartWords, done: int | None, plan: int) -> str:
    said = "–" if done is None else words.number(done)
    return f"{said}/{words.number(plan)}" if plan else said


def _plan(table: FigureTable, row: FigureRow, rows: Sequence[Mapping[str, Any]], figure: Figure) -> int:
    """What the plan asks of the lowest units below a row; a row of a unit's own records has none."""
    if row.own or not rows:
        return 0
    lowest = _lowest(table, row)
    return sum(int(expected.of_unit(rows, each.unit.id, each.unit.name).get(figure.code, 0)) for each in lowest)


def _lowest(table: FigureTable, row: FigureRow) -> list[FigureRow]:
    """The rows at the end of the tree below this one, or itself."""
    return [each for each in table.apart(row.unit.id) or [row] if each.leaf and not each.own and not each.unit.merged]


def rates(table: FigureTable, words: ChartWords) -> Chart | None:
    """Return how many of the lowest units have sent, have reported, have said nothing: of each part of the tree.

    Of units that have none below them, one bar of all. None for a unit that stands alone.
    """
    parts = [(row.unit.name, _lowest(table, row)) for row in table.children if table.has_below(row.unit.id)]
    within = {each.unit.id for _, rows in parts for each in rows}
    rest = [each for _, each in table.leaves() if each.leaf and not each.unit.merged and each.unit.id not in within]
    if table.alone:
        return None
    if rest:
        parts.append((table.unit.name if not parts else words.say("directly"), rest))
    return rate_of([(name, [_how_far(row) for row in rows]) for name, rows in parts if rows], words)


def rate_of(parts: Sequence[tuple[str, Collection[str]]], words: ChartWords) -> Chart | None:
    """Return the same of parts whose units are SENT, REPORTED or SILENT; None without any."""
    if not parts:
        return None
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
    says = words.say("rate_says", each="; ".join(f"{name} {end}" for name, end in zip(names, ends, strict=True)))
    series = tuple(ChartSeries(words.say(look), look, amounts) for look, amounts in sums.items())
    unit, head = words.say("of_units"), words.say("unit")
    return Chart("rates", words.say("rates"), unit, head, names, _filled(series), lying=True, ends=ends, says=says)


def _how_far(row: FigureRow) -> str:
    return SENT if row.standing.sealed else SILENT if row.silent else REPORTED


def _filled(series: tuple[ChartSeries, ...]) -> tuple[ChartSeries, ...]:
    """The series but those with nothing; the first stays."""
    return tuple(each for place, each in enumerate(series) if not place or any(each.amounts))
