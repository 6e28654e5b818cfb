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
from server.services.exports.words import LANG, say
from sync.amount import Amount
from sync.registry import Field, Kind
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
    files = [_DOCUMENTS] if any(kind and kind.documents for kind in kinds) else []
    return _told_apart([*_HEAD, *found.values(), *files, *_TAIL])


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
    ExportColumn("id", say("id"), lambda row: row.record_id, 19),
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
