"""People and devices below a reviewer, in pages: who there is, with which roles, codes and phones.

Accounts whose units somebody manages: find them, make codes for them, revoke their devices.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any

from sqlalchemy import Select, Subquery, case, exists, func, or_, select
from sqlalchemy.orm import Session

from server.core.bulk import grouped
from server.core.clock import now_ms
from server.core.keyring import Keyring
from server.core.problem_details import refuse_if, required
from server.models import Device, Membership, Officer, Unit
from server.services.access import codes, second_factor
from server.services.access.devices import is_idle
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.units import unit_search
from server.services.units.scope import ADMIN, CONFIDENTIAL, COORDINATOR, MANAGERS, OFFICER, REVIEWER, WRITERS, Scope
from server.services.units.tree import ancestry, subtree
from sync.protocol import CODE_DAYS
from sync.text import fold


def managed(session: Session, scope: Scope, officer_id: str, *, disabled: bool = False) -> Officer:
    """The officer, if all their units are managed. Raises `not_found` for one out of sight, else `forbidden`.

    `disabled`: an account that was shut out will do, too.
    """
    return all_managed(session, scope, [officer_id], disabled=disabled)[0]


def all_managed(session: Session, scope: Scope, officer_ids: Iterable[str], *, disabled: bool = False) -> list[Officer]:
    """These officers in their order, as `managed` returns each; three statements, however many."""
    ids = list(officer_ids)
    officers = {row.id: row for row in session.scalars(select(Officer).where(Officer.id.in_(ids)))}
    held = select(Membership.officer_id, Membership.unit_id).where(Membership.officer_id.in_(ids))
    units: dict[str, list[str]] = {id_: [] for id_ in ids}
    for officer_id, unit_id in session.execute(held.where(Membership.ended_at.is_(None))):
        units[officer_id].append(unit_id)
    scope.read_chains({unit for theirs in units.values() for unit in theirs})
    for id_ in ids:
        refuse_if(id_ not in officers or not any(scope.may_see(unit) for unit in units[id_]), "not_found")
        is_shut = officers[id_].disabled_at is not None and not disabled
        refuse_if(is_shut or not all(scope.may_manage(unit) for unit in units[id_]), "forbidden")
    return [officers[id_] for id_ in ids]


def make_code(session: Session, scope: Scope, officer_id: str, keyring: Keyring, days: int = CODE_DAYS) -> str:
    """Make an enrolment code for an officer. All the officer's units must be managed, as a code opens each of them."""
    return codes.make_code(session, managed(session, scope, officer_id).id, scope.officer_id, keyring, days)


def revoke(session: Session, scope: Scope, device_id: str) -> Device:
    """Revoke the device. What it sent stays."""
    device = required(session.get(Device, device_id))
    managed(session, scope, device.officer_id)
    if device.revoked_at is None:
        device.revoked_at = now_ms()
        log.append(session, Act.DEVICE_REVOKED, ("device", device.id), new={"officer": device.officer_id})
    session.flush()
    return device


PAGE = 50
DISABLED, ENROLLED, WAITING, IDLE, GONE, BARE = "disabled", "enrolled", "waiting", "idle", "gone", "bare"
"""States of a person. `WAITING` has an unused code, `IDLE` a phone not heard of for long, `GONE` only replaced or
revoked ones; `BARE` never had any."""
STATES = (DISABLED, ENROLLED, WAITING, IDLE, GONE, BARE)
_WORDS = 8


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """A filter of the people below. `search`: words of a name, a user name or a unit; `bare`: without a device ever."""

    search: str = ""
    unit: str = ""
    bare: bool = False
    page: int = 1


@dataclass(slots=True)
class Person:
    """An officer at a unit, with the roles held there and all devices, also revoked ones.

    `code_until`: when the last unused code ends, ms; None if there is none. `resettable`: the asking officer may take a
    lost second factor away; `administered`: may shut the account out.
    """

    officer: Officer
    roles: list[str]
    devices: list[Device]
    manageable: bool
    code_until: int | None = None
    has_factor: bool = False
    resettable: bool = False
    administered: bool = False

    @property
    def seen_at(self) -> int | None:
        """The last contact of any of the devices, ms."""
        return max((device.seen_at for device in self.devices), default=None)

    def state(self, idle_ms: int) -> str:
        """One of STATES. `idle_ms`: for how long a phone may be silent (SPEC X-44)."""
        if self.officer.disabled_at is not None:
            return DISABLED
        serving = [each for each in self.devices if each.revoked_at is None and each.replaced_at is None]
        if any(not is_idle(each.seen_at, idle_ms) for each in serving):
            return ENROLLED
        if self.code_until is not None:
            return WAITING
        return IDLE if serving else GONE if self.devices else BARE


@dataclass(slots=True)
class PeopleAtUnit:
    """A unit and its people on the page."""

    unit: Unit
    above: Unit | None
    people: list[Person] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """One page of the list; `total`: people at units on all pages."""

    asked: PeopleFilter
    places: list[PeopleAtUnit]
    total: int
    pages: int


def page(session: Session, scope: Scope, asked: PeopleFilter) -> PeoplePage:
    """People with a role in a unit that the officer manages, by unit, then by name, 50 a page.

    A page number past the end gives the last page. Raises `not_found` for a unit that the officer does not manage. The
    database filters and sorts, so that only one page is read.
    """
    refuse_if(asked.unit and not scope.may_manage(asked.unit), "not_found")
    units = _counted([asked.unit] if asked.unit else scope.highest(MANAGERS), asked)
    asked = replace(asked, page=max(1, asked.page))
    shown = _shown(session, units, asked)
    total = int((shown[0].total if shown else session.scalar(select(func.sum(units.c.people)))) or 0)
    pages = max(1, ceil(total / PAGE))
    if asked.page > pages:
        asked = replace(asked, page=pages)
        shown = _shown(session, units, asked)
    return PeoplePage(asked, _places(session, scope, _slice(session, shown, asked)), total, pages)


def staffed(session: Session, scope: Scope, unit_id: str) -> Unit:
    """A managed unit at which somebody holds a role. Raises `not_found` for any other."""
    held = exists().where(Membership.unit_id == Unit.id, Membership.ended_at.is_(None))
    return required(session.scalar(select(Unit).where(Unit.id == unit_id, held)) if scope.may_manage(unit_id) else None)


def _counted(tops: list[str], asked: PeopleFilter) -> Subquery:
    """(unit_id, path, people) of each unit below with people of this list; `path` sorts units.

    Sorting 160 units and then the people of a few is ten times as quick as sorting 21,000 people.
    """
    below = unit_search.walk(tops)
    people = func.count(Membership.officer_id.distinct()).label("people")
    found = select(Membership.unit_id, func.max(below.c.path).label("path"), people)
    found = found.join(below, below.c.id == Membership.unit_id)
    return _asked_for(found, asked).group_by(Membership.unit_id).subquery()


def _shown(session: Session, units: Subquery, asked: PeopleFilter) -> Sequence[Any]:
    """(unit_id, start, total) of the units that this page shows some of; nothing past the end.

    `start`: people before the unit's; `total`: on all pages, so that the walk of the tree is made once.
    """
    at = (asked.page - 1) * PAGE
    until, total = func.sum(units.c.people).over(order_by=units.c.path), func.sum(units.c.people).over()
    each = select(
        units.c.unit_id,
        units.c.path,
        (until - units.c.people).label("start"),
        until.label("until"),
        total.label("total"),
    ).subquery()
    shown = select(each.c.unit_id, each.c.start, each.c.total).where(each.c.until > at, each.c.start < at + PAGE)
    return session.execute(shown.order_by(each.c.path)).all()


def _slice(session: Session, shown: Sequence[Any], asked: PeopleFilter) -> list[tuple[str, str]]:
    """(officer, unit) of this page. `shown`: the units that it shows some of."""
    if not shown:
        return []
    places = case({row.unit_id: place for place, row in enumerate(shown)}, value=Membership.unit_id)
    found = select(Membership.officer_id, Membership.unit_id).where(
        Membership.unit_id.in_([row.unit_id for row in shown])
    )
    keys = (Membership.officer_id, Membership.unit_id, Officer.sort_key)
    people = _asked_for(found, asked, sorting=True).group_by(*keys).order_by(places, Officer.sort_key, keys[0])
    page_ = session.execute(people.offset((asked.page - 1) * PAGE - int(shown[0].start)).limit(PAGE))
    return [(row.officer_id, row.unit_id) for row in page_]


def _asked_for(
    found: Select[*tuple[Any, ...]], asked: PeopleFilter, *, sorting: bool = False
) -> Select[*tuple[Any, ...]]:
    """Add the filter. `sorting`: with the officers' rows, even if no word is searched in them."""
    found = found.where(Membership.ended_at.is_(None))
    words = fold(asked.search).split()[:_WORDS]
    if words or sorting:
        found = found.join(Officer, Officer.id == Membership.officer_id)
    if words:
        found = found.join(Unit, Unit.id == Membership.unit_id)
    for word in words:
        keys = (Officer.search_key, Unit.search_key)
        found = found.where(or_(*(key.contains(word, autoescape=True) for key in keys)))
    if asked.bare:
        found = found.where(~exists().where(Device.officer_id == Membership.officer_id))
    return found


def _places(session: Session, scope: Scope, listed: list[tuple[str, str]]) -> list[PeopleAtUnit]:
    ids = {officer for officer, _ in listed}
    officers = {row.id: row for row in session.scalars(select(Officer).where(Officer.id.in_(ids)))}
    units = {row.id: row for row in session.scalars(select(Unit).where(Unit.id.in_({unit for _, unit in listed})))}
    parents = {unit.parent_id for unit in units.values() if unit.parent_id}
    above = {row.id: row for row in session.scalars(select(Unit).where(Unit.id.in_(parents)))}
    held: dict[str, dict[str, list[str]]] = {id_: {} for id_ in ids}
    memberships = select(Membership).where(Membership.officer_id.in_(ids), Membership.ended_at.is_(None))
    for each in session.scalars(memberships.order_by(Membership.role)):
        held[each.officer_id].setdefault(each.unit_id, []).append(each.role)
    scope.read_chains({unit for roles in held.values() for unit in roles})
    devices, bare = _devices(session, ids), second_factor.lacking(session, ids)
    unused = codes.unused_until(session, ids)
    found: dict[str, PeopleAtUnit] = {}
    for officer, unit in listed:
        manageable = all(scope.may_manage(each) for each in held[officer])
        resettable = all(scope.may_reset(each) for each in held[officer])
        administered = officer != scope.officer_id and all(scope.may_administer(each) for each in held[officer])
        person = Person(
            officers[officer],
            held[officer][unit],
            devices.get(officer, []),
            manageable,
            unused.get(officer),
            has_factor=officer not in bare,
            resettable=resettable,
            administered=administered,
        )
        place = found.setdefault(unit, PeopleAtUnit(units[unit], above.get(units[unit].parent_id or "")))
        place.people.append(person)
    return list(found.values())


def holders(session: Session, officer_ids: Iterable[str]) -> list[tuple[Officer, list[Unit]]]:
    """These officers, in this order, with the units for which they act; two statements, however many."""
    ids = list(officer_ids)
    officers = {row.id: row for row in session.scalars(select(Officer).where(Officer.id.in_(ids)))}
    held = (
        select(Membership.officer_id, Unit)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(Membership.officer_id.in_(ids), Membership.ended_at.is_(None), Membership.role.in_(WRITERS))
        .order_by(Unit.id)
    )
    units: dict[str, dict[str, Unit]] = {id_: {} for id_ in ids}
    for officer_id, unit in session.execute(held):
        units[officer_id][unit.id] = unit
    return [(officers[id_], list(units[id_].values())) for id_ in ids]


def one_of_each_role(session: Session, top: str) -> list[tuple[Officer, Unit, str]]:
    """Accounts for a demo: an officer who may sign in, and the first account of each role from that unit upwards.

    `top`: of the tree below that unit.
    """
    wanted = (OFFICER, REVIEWER, COORDINATOR, ADMIN, CONFIDENTIAL)
    query = (
        select(Officer, Unit, Membership.role)
        .join(Membership, Membership.officer_id == Officer.id)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(Membership.role.in_(wanted), Membership.ended_at.is_(None), Unit.id.in_(subtree(session, [top])))
        .where(Officer.disabled_at.is_(None), Officer.password_hash.is_not(None))
        .order_by(Officer.created_at, Officer.username)
    )
    found = [(officer, unit, role) for officer, unit, role in session.execute(query)]
    start = next((unit.id for _, unit, role in found if role == OFFICER), None)
    line = ancestry(session, start) if start else ()
    first: dict[tuple[str, str], tuple[Officer, Unit, str]] = {}
    for way in sorted(found, key=lambda way: way[1].id not in line):  # stable: otherwise keeps the query's order
        first.setdefault((way[1].level, way[2]), way)
    return sorted(first.values(), key=lambda way: wanted.index(way[2]))


def _devices(session: Session, officer_ids: Iterable[str]) -> dict[str, list[Device]]:
    query = select(Device).where(Device.officer_id.in_(set(officer_ids))).order_by(Device.created_at.desc(), Device.id)
    return grouped((device.officer_id, device) for device in session.scalars(query))


def accounts(session: Session, scope: Scope) -> tuple[int, int]:
    """Return the number of people that the officer sees, and of those among them who never had a phone."""
    seen = select(Membership.officer_id).where(scope.sees(Membership.unit_id), Membership.ended_at.is_(None)).distinct()
    each = seen.cte()
    counted = select(func.count()).select_from(each)
    # As a condition the planner may answer it for all at once; as a column it is looked up for each person.
    with_phone = counted.where(exists().where(Device.officer_id == each.c.officer_id))
    every, some = session.execute(select(counted.scalar_subquery(), with_phone.scalar_subquery())).one()
    return every, every - some
