"""Numbers: beyond what is possible, or all of them round."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from sqlalchemy.orm import Session

from server.services.hints.facts import Facts, StreamFacts
from server.services.hints.found import FoundHint, others
from sync.text import fold

DAY_MINUTES: Final = 24 * 60
LONGEST_DAYS: Final = 366
ENOUGH: Final = 6
"""Least numbers of a unit to call all of them round."""
LARGE: Final = 1_000
"""Numbers of a field that may be this large: people and leaflets, not banners."""


def look(_session: Session, stream: StreamFacts) -> Iterator[FoundHint]:
    """Yield the hints of all records of a stream."""
    for record in stream.records:
        attended = record.integers().get("attendances", 0)
        if stream.people is not None and attended > stream.people:
            yield FoundHint(record.id, "number_people", 1, {"value": attended, "people": stream.people})
    yield from _minutes(stream.records)
    for alike in stream.by_kind():
        yield from _round(alike)


def _minutes(records: Sequence[Facts]) -> Iterator[FoundHint]:
    """More minutes on the air of one station than a day has: of one record, or of several together."""
    by_day: dict[tuple[str, date], Counter[str]] = defaultdict(Counter)
    for record in records:
        schedule, minutes = record.values.get("schedule"), record.integers().get("minutes")
        if isinstance(schedule, Mapping) and minutes is not None:
            first, last = (date.fromisoformat(str(schedule[end])) for end in ("from", "to"))
            times = int(str(schedule["times_a_day"]))
            station = fold(str(record.values.get("station") or ""))
            for nth in range(min((last - first).days + 1, LONGEST_DAYS)):
                by_day[station, first + timedelta(days=nth)][record.id] += times * minutes
    by_record: dict[str, FoundHint] = {}
    for (_, day), shares in sorted(by_day.items()):
        total = sum(shares.values())
        if total > DAY_MINUTES:
            for id_ in shares:
                rest = others(each for each in shares if each != id_)
                by_record.setdefault(
                    id_, FoundHint(id_, "number_day", len(shares), {"day": day.isoformat(), "minutes": total} | rest)
                )
    yield from by_record.values()


def _round(records: Sequence[Facts]) -> Iterator[FoundHint]:
    """All large numbers of the unit end in 0: estimated, not counted."""
    for name in _numbers(records):
        values = {record.id: stated[name] for record in records if name in (stated := record.integers())}
        if len(values) >= ENOUGH and all(value >= 10 and value % 10 == 0 for value in values.values()):
            for id_ in values:
                yield FoundHint(id_, "number_round", len(values), {"field": name})
            return


def _numbers(records: Sequence[Facts]) -> list[str]:
    return [
        each.name
        for each in records[0].kind.fields
        if each.type == "integer" and (each.max or 0) >= LARGE * 10**each.scale
    ]
