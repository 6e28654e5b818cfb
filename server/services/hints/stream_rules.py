"""What the records of one stream say of each other: their places, times and numbers, and who made them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import chain
from math import asin, cos, radians, sin, sqrt
from statistics import median
from typing import Final

from server.services.hints.facts import Facts, StreamFacts
from server.services.hints.found import FoundHint, others
from sync.text import fold

POOR_M: Final = 200
"""A fix that is no better is of a mast, not of the sky."""
OTHERS: Final = 4
"""Least number of other places to compare with."""
FAR_M: Final = 5_000
FAR_TIMES: Final = 6
"""Far is both: this much, and so many times the usual distance from the middle of the unit's places."""
AHEAD_MS: Final = 10 * 60_000
"""A clock this much ahead is wrong; one behind looks like a record that waited for a signal."""
BEFORE_MS: Final = 24 * 3600_000
"""A write from before the campaign was opened, by more than this, was made with a wrong clock."""
DAY_MINUTES: Final = 24 * 60
LONGEST_DAYS: Final = 366
ENOUGH: Final = 6
"""Least numbers of a unit to call all of them round."""
LARGE: Final = 1_000
"""Numbers of a field that may be this large: people and leaflets, not banners."""


def look(stream: StreamFacts) -> Iterator[FoundHint]:
    """Yield the hints of all records of a stream."""
    return chain(_places(stream), _times(stream), _stated(stream), _people(stream))


def _places(stream: StreamFacts) -> Iterator[FoundHint]:
    """A poor fix, or far from where the unit's other records are."""
    places = {record.id: record.place for record in stream.records if record.place is not None}
    for record in stream.records:
        if record.place is not None and record.place["accuracy_m"] >= POOR_M:
            yield FoundHint(record.id, "place_poor", 1, {"metres": record.place["accuracy_m"]})
    if len(places) <= OTHERS:
        return
    middle = {name: round(median(place[name] for place in places.values())) for name in ("lat_e6", "lon_e6")}
    away = {id_: metres(place, middle) for id_, place in places.items()}
    far = max(FAR_M, FAR_TIMES * median(away.values()))
    for id_, distance in away.items():
        if distance > far:
            yield FoundHint(id_, "place_far", len(places) - 1, {"metres": round(distance)})


def metres(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    """Return the distance of two places on a sphere."""
    north, south = (radians(place["lat_e6"] / 1e6) for place in (one, other))
    east = radians((one["lon_e6"] - other["lon_e6"]) / 1e6)
    half = sin((north - south) / 2) ** 2 + cos(north) * cos(south) * sin(east / 2) ** 2
    return 2 * 6_371_000 * asin(sqrt(min(1.0, half)))


def _times(stream: StreamFacts) -> Iterator[FoundHint]:
    """A phone whose clock is wrong."""
    for record in stream.records:
        ahead = max((at - received for at, received in record.times), default=0)
        behind = max((stream.opened_at - at for at, _ in record.times), default=0)
        if ahead > AHEAD_MS:
            yield FoundHint(record.id, "time_clock", 1, {"minutes": ahead // 60_000})
        elif behind > BEFORE_MS:
            yield FoundHint(record.id, "time_clock", 1, {"minutes": behind // 60_000})


def _stated(stream: StreamFacts) -> Iterator[FoundHint]:
    """Numbers beyond what is possible, or all of them round."""
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


def _people(stream: StreamFacts) -> Iterator[FoundHint]:
    """A phone that enrolled with a code which somebody who decides had made (SPEC D-6)."""
    for record in stream.records:
        makers = record.makers - record.writers
        if makers:
            yield FoundHint(record.id, "code_maker", len(makers), {"officer": min(makers)})
