"""A report as data for JSON and back: what a freeze keeps of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass, replace
from typing import Any, get_args, get_origin, get_type_hints

from server.services.reports.annexes import numbered
from server.services.reports.content import Annex, Report, ReportPhoto


def without_photos(report: Report) -> Report:
    """Copy a report without its photos; their notes stay."""
    return replace(report, annexes=tuple(replace(annex, photos=()) for annex in report.annexes))


def with_photos(report: Report, photos: Iterable[ReportPhoto], note: str = "") -> Report:
    """Copy a report with these photos on its sheet, its last annex; `note` stands above them."""
    *others, sheet = report.annexes
    notes = (*sheet.notes, note) if note else sheet.notes
    return replace(report, annexes=(*others, replace(sheet, photos=tuple(photos), notes=notes)))


def with_lists(report: Report, annexes: Sequence[Annex]) -> Report:
    """Copy a report with these annexes before its photo sheet, all numbered anew."""
    if not annexes:
        return report
    *others, sheet = report.annexes
    return replace(report, annexes=numbered((*others, *annexes, sheet)))


def with_annexes(report: Report, annexes: Sequence[Annex]) -> Report:
    """Copy a report with these annexes alone, numbered as they are."""
    return replace(report, annexes=tuple(annexes))


def to_plain(report: Report) -> dict[str, Any]:
    """Return it as data for JSON."""
    return asdict(report)


def from_plain(data: Mapping[str, Any]) -> Report:
    """Return the report that `to_plain` made this of, also after a way through JSON."""
    made: Report = _made(Report, data)
    return made


def _made(hint: Any, value: Any) -> Any:
    if is_dataclass(hint):
        hints = get_type_hints(hint)
        given = {each.name: _made(hints[each.name], value[each.name]) for each in fields(hint) if each.name in value}
        return hint(**given)  # type: ignore[operator]
    if get_origin(hint) is tuple:
        parts = get_args(hint)
        if parts[-1] is Ellipsis:
            return tuple(_made(parts[0], each) for each in value)
        return tuple(_made(part, each) for part, each in zip(parts, value, strict=True))
    return value
