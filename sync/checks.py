"""What a record shows to be looked at, by itself and beside its neighbours (SPEC F-26 to F-29).

Checks are data of a kind's file. They refuse nothing: the server makes hints of what they find, the phone asks its
officer before it saves. Days and times are arguments.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from sync.figures import matches
from sync.protocol import FIGURE_MAX, KEPT_PREFIX, PHOTO_PREFIX, VIET_NAM_MS
from sync.record import canonical
from sync.registry import Check, Kind
from sync.text import fold
from sync.values import Scalar, Value, is_date

Detail = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class CheckedRecord:
    """A record as checks read it. `by`: who wrote it.

    `said_on`: by field, the ISO day on which its value was said; under "" that of all other fields (F-27).
    """

    id: str
    values: Mapping[str, Value]
    by: frozenset[str] = frozenset()
    said_on: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Around:
    """What records are compared with beside each other: the campaign's first and last day.

    `photos`: by a photo's hash, the records that show it, each with the hash of the photo there.
    """

    starts_on: str
    ends_on: str
    photos: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """What one check found in one record. `hits`: how many days, records or other values it is about.

    `keys`: the fields it is about, a part of one as `schedule/to`. `detail`: what its sentence names.
    """

    record: str
    check: Check
    keys: tuple[str, ...]
    detail: Detail = field(default_factory=dict)
    hits: int = 1
    others: tuple[str, ...] = ()
    pairs: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """By other record, the hashes of the two photos."""


def look(kind: Kind, entries: Sequence[CheckedRecord], around: Around) -> list[CheckFinding]:
    """Return what the kind's checks find in these records of one unit; a check of a newer type finds nothing (F-26)."""
    found: list[CheckFinding] = []
    for check in kind.checks:
        finder = _TYPES.get(check.type)
        if finder is not None:
            found += finder(check, kind, [each for each in entries if matches(check.where, each.values)], around)
    return found


def said_of(keys: Iterable[str], values: Mapping[str, Value]) -> dict[str, Scalar]:
    """Return the values that a finding with these keys is about; without those that are null (F-28)."""
    said = {key: _at(values, key) for key in keys}
    return {key: value for key, value in said.items() if value is not None}


def is_kept(keys: Iterable[str], values: Mapping[str, Value], side: Value) -> bool:
    """True if a side of the field `kept/<check>` keeps the very values that these keys of a finding name (F-28)."""
    return isinstance(side, dict) and all(_equal(side.get(key), value) for key, value in said_of(keys, values).items())


def still_said(side: Value, values: Mapping[str, Value]) -> bool:
    """True if a value of a field `kept/<check>` is about the values that the record has now."""
    return isinstance(side, dict) and bool(side) and all(_equal(side[key], _at(values, key)) for key in side)


def kept_field(check: Check) -> str:
    """Return the field in which an officer says that the values stay as they are."""
    return KEPT_PREFIX + check.id


def _equal(one: Scalar, other: Scalar) -> bool:
    return type(one) is type(other) and one == other  # in Python True equals 1


def _at(values: Mapping[str, Value], key: str) -> Scalar:
    """Return the value of a field or of a part of one; true for a field that has parts."""
    if key in values:
        value = values[key]
        return True if isinstance(value, dict) else value
    name, _, part = key.partition("/")
    held = values.get(name)
    return held.get(part) if isinstance(held, dict) else None


def _integer(values: Mapping[str, Value], name: str) -> int | None:
    value = values.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _days(values: Mapping[str, Value], name: str) -> list[tuple[str, str]]:
    """Return the days that a field says, each with its key: one of a date, two of a schedule."""
    value = values.get(name)
    parts = (
        {name: value} if not isinstance(value, dict) else {f"{name}/{end}": value.get(end) for end in ("from", "to")}
    )
    return [(key, str(day)) for key, day in parts.items() if is_date(day)]


def _at_most(check: Check, _kind: Kind, entries: Sequence[CheckedRecord], _around: Around) -> Iterator[CheckFinding]:
    """One amount is no more than another."""
    name, other = check.fields
    for entry in entries:
        value, had = (_integer(entry.values, each) for each in (name, other))
        if value is not None and had is not None and value > had:
            detail: Detail = {"field": name, "value": value, "of": other, "had": had}
            yield CheckFinding(entry.id, check, (name, other), detail)


def _range(check: Check, kind: Kind, entries: Sequence[CheckedRecord], _around: Around) -> Iterator[CheckFinding]:
    """An amount is within what its field usually has, `min` to `max`."""
    for entry in entries:
        for each in kind.fields:
            value, least = _integer(entry.values, each.name), each.min or 0
            if each.type != "integer" or value is None:
                continue
            if value < least or (each.max is not None and value > each.max):
                detail: Detail = {"field": each.name, "value": value, "least": least, "most": each.max or 0}
                yield CheckFinding(entry.id, check, (each.name,), detail)


def _outlier(check: Check, _kind: Kind, entries: Sequence[CheckedRecord], _around: Around) -> Iterator[CheckFinding]:
    """An amount is like the unit's other ones of its field: the modified Z of Iglewicz and Hoaglin.

    Doubled, so that a median between two amounts is whole, and each language computes the same.
    """
    for name in check.fields:
        amounts = {
            entry.id: value
            for entry in entries
            if (value := _integer(entry.values, name)) is not None and 0 <= value <= FIGURE_MAX
        }
        if len(amounts) < check.enough:
            continue
        middle = _doubled_median(list(amounts.values()))
        away = {id_: abs(2 * value - middle) for id_, value in amounts.items()}
        usual, total = _doubled_median(list(away.values())), sum(away.values())
        for id_, value in amounts.items():
            # Where more than half of the amounts are equal, the mean takes the place of the median.
            far = (
                1.349 * away[id_] > check.times * usual
                if usual
                else len(amounts) * away[id_] > check.times * 1.2533 * total
            )
            if far:
                detail: Detail = {"field": name, "value": value, "middle": (middle + 1) // 2}
                yield CheckFinding(id_, check, (name,), detail, len(amounts) - 1)


def _doubled_median(values: list[int]) -> int:
    values.sort()
    half = len(values) // 2
    return 2 * values[half] if len(values) % 2 else values[half - 1] + values[half]


def _window(check: Check, _kind: Kind, entries: Sequence[CheckedRecord], around: Around) -> Iterator[CheckFinding]:
    """Days, and those on which photos were taken, lie within the campaign."""
    for entry in entries:
        found = [(name, _days(entry.values, name)) for name in check.fields]
        for name, days in [*found, ("photos", _taken(entry.values))]:
            outside = [(key, day) for key, day in days if not around.starts_on <= day <= around.ends_on]
            if outside:
                first = min(day for _, day in outside)
                detail = {"field": name, "day": first, "first": around.starts_on, "last": around.ends_on}
                yield CheckFinding(entry.id, check, _keys(outside), detail, len({day for _, day in outside}))


def _taken(values: Mapping[str, Value]) -> list[tuple[str, str]]:
    found = []
    for name, value in sorted(values.items()):
        if not name.startswith(PHOTO_PREFIX) or not isinstance(value, dict) or value.get("undated"):
            continue
        at = value.get("taken_at")
        # A phone's clock may send anything, also times that no calendar has.
        if isinstance(at, int) and not isinstance(at, bool) and 0 <= at <= _LAST_MS:
            found.append((name, _day_of(at)))
    return found


def _day_of(at_ms: int) -> str:
    return (_EPOCH + timedelta(milliseconds=at_ms + VIET_NAM_MS)).date().isoformat()


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MS: Final = 4_102_444_800_000
"""The year 2100."""


def _keys(days: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(key for key, _ in days)


def _ahead(check: Check, _kind: Kind, entries: Sequence[CheckedRecord], _around: Around) -> Iterator[CheckFinding]:
    """A day had come when it was said. Of a register by the day, each day that says something."""
    for entry in entries:
        for name in check.fields:
            for key, day in [*_days(entry.values, name), *_by_day(entry.values, name)]:
                said = key if key in entry.values else name
                on = entry.said_on.get(said) or entry.said_on.get("", "")
                if on and day > on:
                    yield CheckFinding(entry.id, check, (key,), {"field": name, "day": day, "on": on})
                    break


def _by_day(values: Mapping[str, Value], name: str) -> list[tuple[str, str]]:
    """Return the days of a register in which something is said, the last first."""
    days = [(key, key.partition("/")[2]) for key, value in values.items() if key.startswith(f"{name}/") and value]
    found = [(key, f"{day[:4]}-{day[4:6]}-{day[6:]}") for key, day in days]
    return sorted((each for each in found if is_date(each[1])), key=lambda each: each[1], reverse=True)


def _no_place(check: Check, _kind: Kind, entries: Sequence[CheckedRecord], _around: Around) -> Iterator[CheckFinding]:
    """It says where it is."""
    for entry in entries:
        if not isinstance(entry.values.get(check.fields[0]), dict):
            yield CheckFinding(entry.id, check, check.fields)


def _repeated(check: Check, _kind: Kind, entries: Sequence[CheckedRecord], _around: Around) -> Iterator[CheckFinding]:
    return _same(check, entries, apart=False)


def _repeated_by_others(
    check: Check, _kind: Kind, entries: Sequence[CheckedRecord], _around: Around
) -> Iterator[CheckFinding]:
    return _same(check, entries, apart=True)


def _same(check: Check, entries: Sequence[CheckedRecord], *, apart: bool) -> Iterator[CheckFinding]:
    """No other record says the same in `fields` for a common day: of the same people, or `apart` of others."""
    groups: dict[tuple[str, ...], list[tuple[CheckedRecord, list[tuple[str, str]]]]] = defaultdict(list)
    for entry in entries:
        days = _days(entry.values, check.day)
        if days and all(isinstance(entry.values.get(name), str) for name in check.needs):
            groups[tuple(_folded(entry.values.get(name)) for name in check.fields)].append((entry, days))
    for group in groups.values():
        for entry, days in group:
            others = [
                other.id
                for other, theirs in group
                if other.id != entry.id
                and days[0][1] <= theirs[-1][1]
                and theirs[0][1] <= days[-1][1]
                and bool(entry.by & other.by) is not apart
            ]
            if others:
                keys = (*check.fields, *_keys(days))
                yield CheckFinding(entry.id, check, keys, {}, len(others), tuple(sorted(others)))


def _folded(value: Value) -> str:
    return fold(value) if isinstance(value, str) else canonical(value)


def _photo(check: Check, _kind: Kind, entries: Sequence[CheckedRecord], around: Around) -> Iterator[CheckFinding]:
    """Each of its photos is shown by no other record."""
    for entry in entries:
        photos = {name: value for name, value in entry.values.items() if name.startswith(PHOTO_PREFIX)}
        hashes = {str(value["sha256"]): name for name, value in photos.items() if isinstance(value, dict)}
        pairs: dict[str, tuple[str, str]] = {}
        keys: dict[str, None] = {}
        for sha256 in sorted(hashes):
            for other, theirs in around.photos.get(sha256, ()):
                if other != entry.id:
                    pairs.setdefault(other, (sha256, theirs))
                    keys[hashes[sha256]] = None
        if pairs:
            yield CheckFinding(entry.id, check, tuple(keys), {}, len(pairs), tuple(sorted(pairs)), pairs)


_TYPES: Final[Mapping[str, Callable[[Check, Kind, Sequence[CheckedRecord], Around], Iterator[CheckFinding]]]] = {
    "at_most": _at_most,
    "range": _range,
    "outlier": _outlier,
    "window": _window,
    "ahead": _ahead,
    "no_place": _no_place,
    "repeated": _repeated,
    "repeated_by_others": _repeated_by_others,
    "photo": _photo,
}
TYPES: Final = tuple(_TYPES)
"""Each has a sentence in `states.json`, unless the check says its own."""
