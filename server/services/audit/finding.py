"""Find the newest lines that match, in a log of a million, on either database and without its statistics.

Most questions are answered by the newest lines, so these are looked through first, by number. Only where they hold too
few, the rest is found by an index: each that starts with a person, an act or a unit ends with the number. Where both
a person and a place are asked for, the one with fewer lines is followed: half of all lines may be of one reviewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, or_, select, union
from sqlalchemy.orm import Session

from server.models import AuditLine, Device

NEWEST: Final = 20_000
"""Lines that are looked through one by one: some 30 ms."""
NEWEST_OF_BOTH: Final = 5_000
"""Lines that are looked through where each is compared with a person and a place."""
COUNTED: Final = 100_000
"""Lines that are counted to find which is rarer: some 20 ms."""
_NUMBER: Final = AuditLine.number
_UNSORTED: Final = AuditLine.number + 0
"""The number, where lines should not be read in its order: databases hope to meet what they look for early."""
Ids = Select[Any]
"""A statement that gives ids, in one column."""


@dataclass(frozen=True, slots=True)
class Match:
    """What a line must be; None where it does not matter. `since`, `until`: ms, the second excluded.

    `people`: one of these officers acted, also by a device, or it was done to them or their device. `place`: units and
    officers; it concerns one of the units, or one of the officers as above. `before`: only lines below this number.
    """

    since: int | None = None
    until: int | None = None
    act: str = ""
    people: Ids | None = None
    place: tuple[Ids, Ids] | None = None
    before: int | None = None


def newest(session: Session, match: Match, most: int) -> Sequence[AuditLine]:
    """Return the newest lines that match, `most` at most, newest first."""
    if match.people is not None and session.execute(match.people.limit(1)).first() is None:
        return []
    top = session.scalar(select(func.max(_NUMBER))) or 0
    if match.before is not None:
        top = min(top, match.before - 1)
    low, top = _between(session, match, top)
    both = match.people is not None and match.place is not None
    start = max(low, top - (NEWEST_OF_BOTH if both else NEWEST) + 1)
    lines = select(AuditLine).order_by(_NUMBER.desc()).limit(most)
    found = session.scalars(lines.where(*_each(match), _NUMBER.between(start, top))).all()
    if len(found) < most and start > low:
        found = session.scalars(
            lines.where(_NUMBER.in_(select(_numbers(session, match, low, top, most).c.number)))
        ).all()
    return found


def _between(session: Session, match: Match, top: int) -> tuple[int, int]:
    """The lowest and highest number in the time asked for, by its index alone: a clock set back mixes them."""
    if match.since is None and match.until is None:
        return 1, top
    ends = select(func.min(_UNSORTED), func.max(_UNSORTED)).where(*_in_time(match, AuditLine.at))
    low, high = session.execute(ends).one()
    return low or 1, min(top, high or 0)


def _numbers(session: Session, match: Match, low: int, top: int, most: int) -> Subquery:
    """Numbers of the newest lines that match, found by an index; more than wanted where several find them."""
    within = _in_time(match, AuditLine.at + 0)
    if match.act:
        within.append(AuditLine.act == match.act)
    ways = _ways(session, match)
    if not ways:
        found = select(_NUMBER).where(*within, _NUMBER.between(low, top))
        return found.order_by(_NUMBER.desc()).limit(most).subquery()
    within.append(_UNSORTED.between(low, top))
    parts = [select(_NUMBER).where(*within, way).order_by(_UNSORTED.desc()).limit(most).subquery() for way in ways]
    return union(*(select(part.c.number) for part in parts)).subquery()


def _ways(session: Session, match: Match) -> list[ColumnElement[bool]]:
    """Conditions of which one must hold, each with an index of its own; none where all lines may match."""
    if match.people is None:
        return [] if match.place is None else _in_place(*match.place, indexed=True)
    people = _of_people(match.people, indexed=True)
    if match.place is None:
        return people
    place = _in_place(*match.place, indexed=True)
    lines = _count(session, people, COUNTED)
    if lines > _count(session, place, lines):
        rest = or_(*_of_people(match.people, indexed=False))
        return [and_(way, rest) for way in place]
    rest = or_(*_in_place(*match.place, indexed=False))
    return [and_(way, rest) for way in people]


def _count(session: Session, ways: list[ColumnElement[bool]], most: int) -> int:
    """How many lines these find, about; `most` at most."""
    parts = [select(_NUMBER).where(way).limit(most).subquery() for way in ways]
    found = sum(session.scalar(select(func.count()).select_from(part)) or 0 for part in parts)
    return min(found, most)


def _each(match: Match) -> list[ColumnElement[bool]]:
    """All conditions, so written that the lines are read by number."""
    found = _in_time(match, AuditLine.at + 0)
    if match.act:
        found.append(AuditLine.act == match.act)
    if match.people is not None:
        found.append(or_(*_of_people(match.people, indexed=False)))
    if match.place is not None:
        found.append(or_(*_in_place(*match.place, indexed=False)))
    return found


def _in_place(units: Ids, officers: Ids, *, indexed: bool) -> list[ColumnElement[bool]]:
    column = AuditLine.unit_id if indexed else AuditLine.unit_id + ""
    return [column.in_(units), *_of_people(officers, indexed=indexed)]


def _of_people(ids: Ids, *, indexed: bool) -> list[ColumnElement[bool]]:
    """Conditions of which one must hold; not `indexed`: no index serves them."""
    all_ids = union(ids, select(Device.id).where(Device.officer_id.in_(ids))).subquery()
    columns = (AuditLine.actor_id, AuditLine.about_id)
    return [(column if indexed else column + "").in_(select(all_ids.c[0])) for column in columns]


def _in_time(match: Match, at: ColumnElement[int] | Any) -> list[ColumnElement[bool]]:
    found = []
    if match.since is not None:
        found.append(at >= match.since)
    if match.until is not None:
        found.append(at < match.until)
    return found
