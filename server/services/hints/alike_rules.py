"""Records that say the same as another unit's: last year's too, or one thing of a level above or below.

All units do the same on a launch day: they play one script, hold a rally of one name, hang one slogan. So what a letter
asks of everybody is no evidence. Two levels recorded one thing only if it is one object (`ONE_OBJECT`) at one place;
numbers are the same for a reason if they are large, several, or the unit's own of last year (tests/bench/launch.py).

What a record says is kept as marks, hashes that are equal where records agree (HintMark). So a record is compared with
a million others by its own few marks.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from server.core.bulk import grouped, one_of_parameter
from server.models import Campaign, HintMark, RecordListing, Stream
from server.services.hints.facts import Facts, StreamFacts
from server.services.hints.found import FoundHint, others
from server.services.hints.stream_rules import metres
from server.services.units.tree import links_above, path
from sync.text import fold

FIGURES, TEXT, THING, PLACE = "figures", "text", "thing", "place"
TEXT_LENGTH: Final = 40
"""A shorter text is the same by chance."""
TELLING: Final = 100
"""A number this large that is not round is seldom the same by chance in one unit."""
SURE: Final = 1_000
"""One this large neither among all units of a province; two of the smaller ones do as well."""
ONE_OBJECT: Final = ("banner", "event")
"""Kinds of which two units can record one and the same; a station plays its script by itself."""
NEAR_M: Final = 300
"""Two fixes of one place are no further apart."""
MOST: Final = 2_000
"""Records with one mark, at the most: what more of them share is no evidence against any."""


@dataclass(frozen=True, slots=True)
class _Like:
    """Another record with the same mark."""

    record_id: str
    unit_id: str
    campaign_id: str
    starts_on: str
    lat_e6: int | None
    lon_e6: int | None


def marks(record: Facts) -> dict[str, str]:
    """Return the marks of a record by what they are of; those that would tell nothing are left out.

    That of a place is compared with none: it changes when a thing is somewhere else than it was.
    """
    found = {}
    stated = record.integers()
    numbers = {name: value for name, value in stated.items() if value != _default(record, name)}
    if any(value >= TELLING and value % 10 for value in numbers.values()):
        found[FIGURES] = _hash(FIGURES, record.kind.name, *(f"{name}={numbers[name]}" for name in sorted(numbers)))
    texts = [
        value
        for each in record.kind.fields
        if each.multiline and isinstance(value := record.values.get(each.name), str)
    ]
    if texts and len(texts[0]) >= TEXT_LENGTH:
        found[TEXT] = _hash(TEXT, fold(texts[0]))
    title, hamlet = record.values.get(record.kind.title), record.values.get("hamlet")
    field = record.kind.field(record.kind.title)
    if record.kind.name in ONE_OBJECT and record.day and isinstance(title, str) and field:
        # Banners with one slogan hang everywhere on one day: only the hamlet makes them the same.
        where = fold(str(hamlet)) if hamlet and field.type == "slogan" else ""
        if field.type != "slogan" or where:
            found[THING] = _hash(THING, record.kind.name, record.day, fold(title), where)
            at = record.place or {}
            found[PLACE] = _hash(PLACE, found[THING], str(at.get("lat_e6")), str(at.get("lon_e6")))
    return found


def _is_sure(record: Facts) -> bool:
    """True if its numbers are not the same by chance anywhere in a province."""
    stated = record.integers()
    telling = {value for name, value in stated.items() if value >= TELLING and value % 10}
    telling -= {_default(record, name) for name in stated}
    return len(telling) > 1 or any(value >= SURE for value in telling)


def look(session: Session, stream: StreamFacts) -> Iterator[FoundHint]:
    """Yield the hints of all records of a stream."""
    own = {record.id: marks(record) for record in stream.records}
    like = _like(session, {mark for those in own.values() for mark in those.values()})
    for record in stream.records:
        mine = own[record.id]
        for what, rule in ((FIGURES, "alike_figures"), (TEXT, "alike_text")):
            elsewhere = [each for each in like.get(mine.get(what, ""), ()) if _elsewhere(stream, each)]
            if what == FIGURES and not _is_sure(record):
                elsewhere = [each for each in elsewhere if each.unit_id == stream.unit_id]
            if elsewhere:
                earlier = sum(each.campaign_id != stream.campaign_id for each in elsewhere)
                yield FoundHint(
                    record.id, rule, len(elsewhere), {"earlier": earlier} | others(each.record_id for each in elsewhere)
                )
    yield from _levels(session, stream, own, like)


def _levels(
    session: Session, stream: StreamFacts, own: Mapping[str, Mapping[str, str]], like: Mapping[str, list[_Like]]
) -> Iterator[FoundHint]:
    marked = [(record, own[record.id][THING]) for record in stream.records if THING in own[record.id]]
    shared = {mark for _, mark in marked}
    lines = _lines(session, stream.unit_id, {each.unit_id for mark in shared for each in like.get(mark, ())})
    for record, mark in marked:
        levels = [
            each.record_id
            for each in like.get(mark, ())
            if each.unit_id in lines and each.campaign_id == stream.campaign_id and _one_place(record, each)
        ]
        if levels:
            yield FoundHint(record.id, "twice_level", len(levels), others(levels))


def _one_place(record: Facts, other: _Like) -> bool:
    """True if both say one place: by their fixes; a banner without one by the hamlet, which is in its mark."""
    if record.place is None or other.lat_e6 is None or other.lon_e6 is None:
        return record.kind.name == "banner"
    return metres(record.place, {"lat_e6": other.lat_e6, "lon_e6": other.lon_e6}) <= NEAR_M


def _lines(session: Session, own: str, others_: Collection[str]) -> set[str]:
    """Return those of these other units that are above this one, or below it.

    A unit that was merged is no level below its successor: what both did on one day are two things.
    """
    units = set(others_) - {own}
    if not units:
        return set()
    links = links_above(session, [own, *units])
    parents, merged = {id_: parent for id_, parent, _ in links}, {id_ for id_, _, at in links if at is not None}
    lines = {unit: path(unit, parents) for unit in (own, *units)}
    today = {unit: next(each for each in line if each not in merged) for unit, line in lines.items()}
    return {unit for unit in units if (unit in lines[own] or own in lines[unit]) and today[unit] != today[own]}


def _elsewhere(stream: StreamFacts, each: _Like) -> bool:
    """True for another unit of this campaign, and for an earlier campaign."""
    if each.campaign_id == stream.campaign_id:
        return each.unit_id != stream.unit_id
    return each.starts_on < stream.starts_on.isoformat()


_EVIDENCE = (
    select(HintMark.mark)
    .where(one_of_parameter(HintMark.mark, "marks"))
    .group_by(HintMark.mark)
    .having(func.count() <= bindparam("most"))
)
_WITH_MARKS = (
    select(HintMark.mark, HintMark.record_id, Stream.unit_id, Stream.campaign_id, Campaign.starts_on)
    .add_columns(RecordListing.lat_e6, RecordListing.lon_e6)
    .join(Stream, Stream.id == HintMark.stream_id)
    .outerjoin(RecordListing, RecordListing.record_id == HintMark.record_id)
    .join(Campaign, Campaign.id == Stream.campaign_id)
    .where(HintMark.mark.in_(_EVIDENCE), Campaign.practice.is_(False))
    .order_by(HintMark.mark, HintMark.record_id)
)


def _like(session: Session, wanted: set[str]) -> dict[str, list[_Like]]:
    """Return the stored records of other streams and campaigns with these marks."""
    rows = session.connection().execute(_WITH_MARKS, {"marks": sorted(wanted), "most": MOST})
    return grouped(
        (mark, _Like(record, unit, campaign, begins.isoformat(), lat, lon))
        for mark, record, unit, campaign, begins, lat, lon in rows
    )


_COUNTED = (
    select(HintMark.mark, func.count().label("records"))
    .where(one_of_parameter(HintMark.mark, "marks"))
    .group_by(HintMark.mark)
)
_SHARED = (
    select(HintMark.mark, HintMark.stream_id, Stream.unit_id, Stream.campaign_id)
    .join(Stream, Stream.id == HintMark.stream_id)
    .where(one_of_parameter(HintMark.mark, "marks"))
    .distinct()
)


@dataclass(frozen=True, slots=True)
class MarkChange:
    """What changed of the marks of a stream. `own`: the marks of its records; pairs of a mark and a record.

    `anew`: its campaign has another first day than when its hints were made.
    """

    stream: StreamFacts
    own: Mapping[str, Mapping[str, str]]
    came: Collection[tuple[str, str]]
    left: Collection[tuple[str, str]]
    anew: bool = False

    def marks(self) -> set[str]:
        """Return the marks whose records elsewhere may see it: all of a record that changed, for its place may have."""
        records = self.own.keys() if self.anew else {record for _, record in (*self.came, *self.left)}
        stand = {mark for id_ in records for what, mark in self.own.get(id_, {}).items() if what != PLACE}
        return stand | {mark for mark, _ in self.left}


def touched(session: Session, changes: Collection[MarkChange]) -> set[str]:
    """Return the streams whose hints may change with these marks, which are stored.

    On a launch day one mark is of every commune, and each record that came would make all of them anew. But a number
    that may be the same by chance counts in its own unit alone, and one object is recorded by units above and below
    each other. What a mark was of that left is not known: it touches every other stream that has it. One that stops or
    begins to be evidence touches all, those too that were read while it was not stored. One that is none before and
    after touches nobody.
    """
    moved = Counter(mark for change in changes for mark, _ in change.came)
    moved.subtract(mark for change in changes for mark, _ in change.left)
    every, connection = sorted(set[str]().union(*(change.marks() for change in changes))), session.connection()
    now: dict[str, int] = {row.mark: row.records for row in connection.execute(_COUNTED, {"marks": every})}
    before = {mark: count - moved[mark] for mark, count in now.items()}
    turned = {mark for mark in now if (now[mark] > MOST) is not (before[mark] > MOST)}
    telling = [mark for mark in now if min(now[mark], before[mark]) <= MOST]
    rows = grouped((row.mark, row) for row in connection.execute(_SHARED, {"marks": telling}))
    found = {row.stream_id for mark in turned for row in rows.get(mark, ())}
    return found.union(*(_reached(session, change, rows) for change in changes))


def _reached(session: Session, change: MarkChange, rows: Mapping[str, Sequence[Any]]) -> set[str]:
    stream = change.stream
    narrow = {
        mark: what
        for record in stream.records
        for what, mark in change.own.get(record.id, {}).items()
        if what == THING or (what == FIGURES and not _is_sure(record))
    }
    shared = [row for mark in change.marks() for row in rows.get(mark, ())]
    lines = _lines(session, stream.unit_id, {row.unit_id for row in shared if narrow.get(row.mark) == THING})

    def reaches(row: Any) -> bool:
        if narrow.get(row.mark) == FIGURES:
            return bool(row.unit_id == stream.unit_id)
        return narrow.get(row.mark) != THING or (row.unit_id in lines and row.campaign_id == stream.campaign_id)

    return {row.stream_id for row in shared if reaches(row)} - {stream.stream_id}


def _default(record: Facts, name: str) -> object:
    field = record.kind.field(name)
    return field.default if field else None


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
