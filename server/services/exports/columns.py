"""Columns of a table of records: how each is headed, and a record's cell in it.

A schedule and a position have a column for each of their parts, so that a spreadsheet can add, sort and map them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from server.core.clock import local
from server.core.spreadsheet import cell_value
from server.models import Campaign
from server.services.exports.rows import ExportRow
from server.services.exports.words import LANG, hint, say, state
from server.services.figures.unconfirmed import progress_now
from sync.airings import Progress
from sync.amount import Amount
from sync.figures import UNIT_FIGURES
from sync.registry import Field, Figure, Kind
from sync.values import Value, is_date

Cell = str | int | float | date | datetime | None
_PARTS: Final[Mapping[str, Sequence[tuple[str, str]]]] = {
    "schedule": (("from", "from"), ("to", "to"), ("times_a_day", "times")),
    "place": (("lat_e6", "lat"), ("lon_e6", "lon"), ("accuracy_m", "accuracy")),
}
"""The parts of a value, each with the word for its column."""


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column. `key`: equal for columns of several kinds that hold the same thing."""

    key: str
    title: str
    cell: Callable[[ExportRow], Cell]
    width: int = 16


def columns(kinds: Collection[Kind | None], campaign: Campaign) -> list[ExportColumn]:
    """Return the columns of a table of these kinds; fields of one name and label share one."""
    found: dict[str, ExportColumn] = {}
    for kind in kinds:
        for field in kind.fields if kind else ():
            for column in _of_field(field, campaign):
                found.setdefault(column.key, column)
        for name, register in kind.registers.items() if kind else ():
            if register.type == "times":
                title = say("confirmed", label=register.label[LANG])
                found.setdefault(f"{name}/", ExportColumn(f"{name}/", title, _days(name), 30))
    counts = [_counts(figure) for figure in figures(kinds)]
    files = [_DOCUMENTS] if any(kind and kind.documents for kind in kinds) else []
    return _told_apart([*_HEAD, *found.values(), *counts, *files, *_TAIL])


def figures(kinds: Iterable[Kind | None]) -> list[Figure]:
    """Return the figures that these kinds feed, each once."""
    return list({figure.code: figure for kind in kinds if kind for figure in reversed(kind.figures)}.values())


def _counts(figure: Figure) -> ExportColumn:
    """A column of what counts: its amounts add up; of different values, it has the value itself, to count those."""
    code, label = figure.code, figure.label[LANG]
    if figure.distinct:
        return ExportColumn(
            f"counts/{code}",
            say("counts_values", label=label),
            lambda row: next(iter(row.adds.values.get(code, ())), None),
            30,
        )
    title = say("counts", label=label, unit=figure.unit[LANG])
    return ExportColumn(f"counts/{code}", title, lambda row: _amount(figure, row), 14)


def _amount(figure: Figure, row: ExportRow) -> Cell:
    digits = row.adds.amounts.get(figure.code)
    return digits if digits is None or not figure.scale else float(figure.amount(digits).decimal)


def how_to_count(kinds: Collection[Kind | None]) -> list[str]:
    """Return how a reader counts each figure from these columns, as the page of figures does."""
    fed = {figure.code: figure for figure in figures(kinds)}
    said = [say("how_decided")]
    for figure in (*fed.values(), *(each for each in UNIT_FIGURES if each.units_of in fed)):
        column = _counts(fed[figure.units_of or figure.code]).title
        form = "how_units" if figure.units_of else "how_values" if figure.distinct else "how_sum"
        values = {"label": figure.label[LANG], "column": column, "rule": figure.rule[LANG], "unit": say("unit_today")}
        said.append(say(form, **values))
    return said


def _days(register: str) -> Callable[[ExportRow], Cell]:
    """Return the cell of what was said for single days: 21/07/2021: 2; 22/07/2021: 0."""

    def cell(row: ExportRow) -> Cell:
        said = []
        for name in sorted(name for name in row.values if name.startswith(f"{register}/")):
            day, times = name.partition("/")[2], [side for side in row.values[name] if side is not None]
            if times:
                said.append(f"{day[6:]}/{day[4:6]}/{day[:4]}: {' / '.join(map(str, times))}")
        return "; ".join(said) or None

    return cell


_HEAD: Final = (
    ExportColumn("unit", say("unit"), lambda row: row.unit, 24),
    ExportColumn("above", say("above"), lambda row: row.above, 20),
    ExportColumn("number", say("number"), lambda row: row.number, 10),
    ExportColumn("kind", say("kind"), lambda row: row.kind.label[LANG] if row.kind else row.kind_name, 20),
    ExportColumn("state", say("state"), lambda row: row.state, 20),
)
_DOCUMENTS: Final = ExportColumn("documents", say("documents"), lambda row: len(row.documents), 9)
_TAIL: Final = (
    ExportColumn("photos", say("photos"), lambda row: len(row.photos), 8),
    ExportColumn("by", say("by"), lambda row: row.by, 24),
    ExportColumn("created", say("created"), lambda row: _moment(row.created_at), 17),
    ExportColumn("changed", say("changed"), lambda row: _moment(row.changed_at), 17),
    ExportColumn("decision", say("decision"), lambda row: state(row.decision.verdict) if row.decision else None, 16),
    ExportColumn("decided_by", say("decided_by"), lambda row: row.decision.by if row.decision else None, 24),
    ExportColumn("decided_at", say("decided_at"), lambda row: _moment(row.decision.at) if row.decision else None, 17),
    ExportColumn("reason", say("reason"), lambda row: (row.decision.reason or None) if row.decision else None, 30),
    ExportColumn("hints", say("hints"), lambda row: "; ".join(map(hint, row.hints)) or None, 30),
    ExportColumn("unit_today", say("unit_today"), lambda row: row.unit_today, 19),
    ExportColumn("id", say("id"), lambda row: row.record_id, 19),
)


def _airings(row: ExportRow) -> Progress | None:
    """Return plan and done of a row's schedule (SPEC F-21)."""
    values = {name: sides[0] for name, sides in row.values.items() if len(sides) == 1}
    return progress_now(row.kind, values)


_AIRINGS: Final = (
    ExportColumn("airings/planned", say("planned"), lambda row: it.planned if (it := _airings(row)) else None, 12),
    ExportColumn("airings/done", say("done"), lambda row: it.done if (it := _airings(row)) else None, 12),
    ExportColumn("airings/open", say("open"), lambda row: it.unconfirmed if (it := _airings(row)) else None, 14),
)


def _told_apart(every: Sequence[ExportColumn]) -> list[ExportColumn]:
    """Number titles that stand more than once: a spreadsheet's table needs them to differ."""
    met: Counter[str] = Counter()
    found = []
    for column in every:
        met[column.title] += 1
        again = met[column.title] > 1
        found.append(replace(column, title=f"{column.title} ({met[column.title]})") if again else column)
    return found


def _of_field(field: Field, campaign: Campaign) -> Iterable[ExportColumn]:
    title = field.label[LANG]
    if field.type not in _PARTS:
        shown = f"{title} ({field.unit[LANG]})" if field.unit else title
        width = 40 if field.type in ("text", "slogan", "file") else 16
        yield ExportColumn(f"{field.name}/{title}", shown, lambda row: _cell(field, campaign, row), width)
        return
    for part, word in _PARTS[field.type]:
        yield ExportColumn(f"{field.name}/{part}/{title}", say(word, label=title), _part(field.name, part))
    if field.type == "schedule":
        yield from _AIRINGS


def _part(name: str, part: str) -> Callable[[ExportRow], Cell]:
    def cell(row: ExportRow) -> Cell:
        return _joined([_of_part(part, side) for side in row.values.get(name, ()) if isinstance(side, dict)])

    return cell


def _of_part(part: str, value: Mapping[str, Any]) -> Cell:
    found = value.get(part)
    if part.endswith("_e6") and isinstance(found, int):
        return found / 1e6
    return date.fromisoformat(str(found)) if is_date(found) else found


def _cell(field: Field, campaign: Campaign, row: ExportRow) -> Cell:
    return _joined([_shown(field, campaign, side) for side in row.values.get(field.name, ()) if side is not None])


def _joined(sides: Sequence[Cell]) -> Cell:
    """Return the one value, or the sides of a conflict as a text."""
    return sides[0] if len(sides) == 1 else " / ".join(str(side) for side in sides) or None


def _shown(field: Field, campaign: Campaign, value: Value) -> Cell:
    if isinstance(value, bool):
        return say("yes" if value else "no")
    if isinstance(value, dict):  # ticks, or what a newer version writes
        labels = {str(choice["value"]): str(choice["label"][LANG]) for choice in field.choices}
        return ", ".join(labels.get(name, name) for name in value)
    if not isinstance(value, str):
        return cell_value(Amount(value, field.scale)) if isinstance(value, int) else value
    if field.type == "date" and is_date(value):
        return date.fromisoformat(value)
    return _names(field, campaign).get(value, value)


def _names(field: Field, campaign: Campaign) -> Mapping[str, str]:
    if field.type == "choice":
        return {str(choice["value"]): str(choice["label"][LANG]) for choice in field.choices}
    if field.type == "slogan":
        return {str(row["id"]): str(row["text"]) for row in campaign.slogans}
    return {file.id: file.title for file in campaign.files} if field.type == "file" else {}


def _moment(at_ms: int) -> Cell:
    """Return the time in Việt Nam, to the minute; of a clock that no calendar has, its milliseconds."""
    try:
        return local(at_ms).replace(tzinfo=None, second=0, microsecond=0)
    except (ValueError, OverflowError, OSError):
        return str(at_ms)
