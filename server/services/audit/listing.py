"""The log as its page and its file show it: newest first, filtered, with the names of what it is about.

Find the newest lines that match, in a log of a million, on either database and without its statistics.

Most questions are answered by the newest lines, so these are looked through first, by number. Only where they hold too
few, the rest is found by an index: each that starts with a person, an act or a unit ends with the number. Where both
a person and a place are asked for, the one with fewer lines is followed: half of all lines may be of one reviewer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, exists, func, or_, select, union
from sqlalchemy.orm import Session

from server.core.acting import ActorKind
from server.core.clock import ZONE
from server.core.problem_details import refuse_if
from server.models import AuditDay, AuditLine, Campaign, Device, Membership, Officer, Unit
from server.services.audit.acts import Act
from server.services.units import deputies, unit_search
from server.services.units.deputies import SaidName
from server.services.units.scope import ADMIN, COORDINATOR, WRITERS, Scope
from sync.text import fold

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


PAGE: Final = 50
AT_ONCE: Final = 2_000
AS_REVIEWER: Final = frozenset(
    {
        *(Act.DECIDED, Act.DECISION_UNDONE, Act.APPROVED_TOGETHER, Act.APPROVED_BY_SAMPLE, Act.APPROVAL_UNDONE),
        *(Act.SEALED, Act.SEAL_TAKEN_BACK, Act.FIGURES_LOCKED, Act.FIGURES_UNLOCKED, Act.PAPER_MADE, Act.PAPER_STEP),
    }
)
"""Acts that a deputy may do for who is away."""


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What to show. `person`: a user name or words of a name; `before`: only lines below this number (the cursor)."""

    first: date | None = None
    last: date | None = None
    person: str = ""
    act: str = ""
    unit: str = ""
    before: int = 0


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line. `who`, `what`: names of the actor and of what it is about, empty if there are none any more."""

    row: AuditLine
    who: str
    what: str
    old: dict[str, Any]
    new: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LogPage:
    """One page; `next`: the cursor of older lines, 0 at the end."""

    lines: list[LogLine]
    next: int


@dataclass(slots=True)
class _Names:
    """Names by id."""

    officers: dict[str, str] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    campaigns: dict[str, str] = field(default_factory=dict)

    def of(self, kind: str, id_: str) -> str:
        known = {
            "officer": self.officers,
            "device": self.devices,
            "unit": self.units,
            "campaign": self.campaigns,
        }
        return known[kind].get(id_, "") if kind in known else ""


def may_see(session: Session, scope: Scope) -> bool:
    """True for administrators and coordinators of the top unit: the log tells of everybody, and from where."""
    tops = scope.tops((ADMIN, COORDINATOR))
    return bool(tops) and bool(
        session.scalar(select(exists().where(Unit.id.in_(tops), Unit.parent_id.is_(None), Unit.merged_at.is_(None))))
    )


def check(session: Session, scope: Scope) -> None:
    """Raise Problem `forbidden` for everybody else."""
    refuse_if(not may_see(session, scope), "forbidden")


def page(session: Session, scope: Scope, asked: LogFilter) -> LogPage:
    """Return the newest lines that match, 50 at most. Raises `forbidden`."""
    check(session, scope)
    return _page(session, _match(asked))


def every(session: Session, scope: Scope, asked: LogFilter) -> Iterator[LogLine]:
    """Yield all lines that match, newest first, read in parts. Raises `forbidden`."""
    check(session, scope)
    match = _match(asked)
    while True:
        rows = newest(session, match, AT_ONCE)
        yield from _told(session, rows)
        if len(rows) < AT_ONCE:
            return
        match = replace(match, before=rows[-1].number)
        session.expunge_all()


def of_person(session: Session, officer_id: str, before: int = 0) -> LogPage:
    """Return 50 lines of what a person did and of what was done to their account or devices, newest first."""
    one = select(Officer.id).where(Officer.id == officer_id)
    return _page(session, Match(people=one, before=before or None))


def _page(session: Session, match: Match) -> LogPage:
    rows = newest(session, match, PAGE + 1)
    shown = rows[:PAGE]
    return LogPage(_told(session, shown), shown[-1].number if len(rows) > PAGE else 0)


def removed_until(session: Session) -> str:
    """The last day whose lines retention removed, as an ISO date; empty if there is none."""
    return session.scalar(select(AuditDay.day).order_by(AuditDay.day.desc()).limit(1)) or ""


def _match(asked: LogFilter) -> Match:
    return Match(
        since=None if asked.first is None else _ms(asked.first),
        until=None if asked.last is None else _ms(asked.last + timedelta(days=1)),
        act=asked.act,
        people=_named(asked.person) if asked.person else None,
        place=_below(asked.unit) if asked.unit else None,
        before=asked.before or None,
    )


def _below(unit: str) -> tuple[Select[str], Select[str]]:
    """The unit and all below it, and who holds or held a role there."""
    below = unit_search.walk([unit])
    return select(below.c.id), select(Membership.officer_id).join(below, below.c.id == Membership.unit_id)


def _named(words: str) -> Select[str]:
    query = select(Officer.id)
    for word in fold(words).split()[:8]:
        query = query.where(Officer.search_key.contains(word, autoescape=True))
    return query


def _ms(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=ZONE).timestamp() * 1000)


def _told(session: Session, rows: Sequence[AuditLine]) -> list[LogLine]:
    values = [(_values(row.old), _values(row.new)) for row in rows]
    wanted: dict[str, set[str]] = {}
    for row, (old, new) in zip(rows, values, strict=True):
        wanted.setdefault(row.actor_kind, set()).add(row.actor_id)
        wanted.setdefault(row.about_kind, set()).add(row.about_id)
        for each in (old, new):
            for kind in ("unit", "campaign", "officer"):
                if each.get(kind):
                    wanted.setdefault(kind, set()).add(str(each[kind]))
    names = _names(session, wanted)
    whom = _stood_in_for(session, rows)
    return [
        LogLine(
            row,
            SaidName(names.of(row.actor_kind, row.actor_id), whom.get(row.number, "")),
            names.of(row.about_kind, row.about_id),
            _with_names(old, names),
            _with_names(new, names),
        )
        for row, (old, new) in zip(rows, values, strict=True)
    ]


def _stood_in_for(session: Session, rows: Sequence[AuditLine]) -> dict[int, str]:
    """By number: for whom the actor stood in, of acts that somebody does as a reviewer."""
    numbers = [row.number for row in rows if _may_be_for_another(row)]
    if not numbers:
        return {}
    columns = AuditLine.actor_id, AuditLine.at, AuditLine.unit_id
    name = case(
        (AuditLine.act == Act.SEALED.value, deputies.said_name(*columns, own=WRITERS)),
        else_=deputies.said_name(*columns),
    )
    query = select(AuditLine.number, name).join(Officer, Officer.id == AuditLine.actor_id)
    return {number: said.whom for number, said in session.execute(query.where(AuditLine.number.in_(numbers)))}


def _may_be_for_another(row: AuditLine) -> bool:
    """Of a paper's steps some take no deciding role."""
    if row.act == Act.PAPER_STEP and _values(row.new).get("status") not in ("presented", "approved"):
        return False
    return row.act in AS_REVIEWER and row.actor_kind == ActorKind.OFFICER


def _values(text: str) -> dict[str, Any]:
    """The values of a line. What is no JSON was altered: `loa audit verify` says so, and the page shows the rest."""
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _with_names(values: dict[str, Any], names: _Names) -> dict[str, Any]:
    return {name: names.of(name, str(value)) or value for name, value in values.items()}


def _names(session: Session, wanted: dict[str, set[str]]) -> _Names:
    found = _Names()
    ids = wanted.get("device", set())
    for device, name in session.execute(
        select(Device, Officer.name).join(Officer, Officer.id == Device.officer_id).where(Device.id.in_(ids))
    ):
        found.devices[device.id] = f"{device.mark}, {name}"
    people = select(Officer.id, Officer.name, Officer.username)
    for id_, name, username in session.execute(people.where(Officer.id.in_(wanted.get("officer", set())))):
        found.officers[id_] = f"{name} ({username})"
    units = select(Unit.id, Unit.name).where(Unit.id.in_(wanted.get("unit", set())))
    found.units = dict(session.execute(units).all())
    campaigns = select(Campaign.id, Campaign.name).where(Campaign.id.in_(wanted.get("campaign", set())))
    found.campaigns = dict(session.execute(campaigns).all())
    return found
