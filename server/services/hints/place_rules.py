"""Places: a poor fix, or far from where the unit's other records are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import asin, cos, radians, sin, sqrt
from statistics import median
from typing import Final

from sqlalchemy.orm import Session

from server.services.hints.facts import StreamFacts
from server.services.hints.found import FoundHint

POOR_M: Final = 200
"""A fix that is no better is of a mast, not of the sky."""
OTHERS: Final = 4
"""Least number of other places to compare with."""
FAR_M: Final = 5_000
FAR_TIMES: Final = 6
"""Far is both: this much, and so many times the usual distance from the middle of the unit's places."""


def look(_session: Session, stream: StreamFacts) -> Iterator[FoundHint]:
    """Yield the hints of all records of a stream."""
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
