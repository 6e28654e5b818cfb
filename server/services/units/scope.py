"""Permissions: who may see, write and decide. They are decided here and nowhere else.

A role holds at a unit. Seeing and deciding reach down the tree, so that one rule serves commune - district - province
(2021) and commune - province (since July 2025). A merged unit is below its successor, whose people write for it and
whose superiors decide on it (SPEC L-6).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy import BigInteger, ColumnElement, CompoundSelect, Row, bindparam, case, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from server.core.clock import now_ms
from server.core.problem_details import Problem
from server.models import Absence, Campaign, Membership, Stream, Unit
from server.services.units import deputies, roles
from server.services.units.tree import Link, among, has_below, links_above, links_below, merged_into, path
from sync.protocol import GRACE_DAYS, STREAMS_ON_A_PHONE

OFFICER, REVIEWER, COORDINATOR, ADMIN = roles.OFFICER, roles.REVIEWER, roles.COORDINATOR, roles.ADMIN
CONFIDENTIAL, DEPUTY, ROLES = roles.CONFIDENTIAL, roles.DEPUTY, roles.ROLES
WRITERS, MANAGERS, RUNNERS, JUDGES = roles.WRITERS, roles.MANAGERS, roles.RUNNERS, roles.JUDGES
_WRITE_HERE = set(WRITERS)
_JUDGE = set(JUDGES)
GRACE_MS = GRACE_DAYS * 24 * 60 * 60 * 1000

HeldRole = tuple[str, str, int | None]
"""Unit, role, and when it ended (ms) if it has."""
_NEVER = 2**62
_MEMBERSHIPS: Final = select(Membership.unit_id, Membership.role, Membership.ended_at).where(
    Membership.officer_id == bindparam("officer"),
    or_(Membership.ended_at.is_(None), Membership.ended_at > bindparam("after")),
)
_ROLES_OF: Final[CompoundSelect[str, str, int | None]] = union_all(
    _MEMBERSHIPS,
    deputies.standing_in(DEPUTY, bindparam("now", type_=BigInteger)).where(Absence.deputy_id == bindparam("officer")),
)
_OWN = (
    select(Membership.unit_id.label("id"))
    .where(
        Membership.officer_id == bindparam("officer"),
        Membership.ended_at.is_(None),
        Membership.role.in_(WRITERS),
    )
    .cte(recursive=True)
)
_HELD = _OWN.union(select(Unit.id).join(_OWN, Unit.parent_id == _OWN.c.id).where(Unit.merged_at.is_not(None)))
_IN_SCOPE = (
    select(Stream.id, Stream.unit_id, Stream.campaign_id, Stream.position, Stream.sealed, Stream.closed)
    .join(Campaign, Campaign.id == Stream.campaign_id)
    .join(Unit, Unit.id == Stream.unit_id)
    .where(Stream.unit_id.in_(select(_HELD.c.id)))
    .order_by(
        case({"open": 0, "closed": 1}, value=Campaign.status, else_=2),
        Campaign.opened_at.desc(),
        Campaign.id,
        Unit.merged_at.is_not(None),
        Unit.id,
    )
    .limit(STREAMS_ON_A_PHONE)
)
ScopeStream = Row[str, str, str, int, int | None, int | None]
"""Id, unit, campaign, position, and the positions of its seal and its end."""


def streams_in_scope(session: Session, officer_id: str) -> list[ScopeStream]:
    """The streams to send to a client of this officer, at most 32: open campaigns first, then the newest (SPEC L-21).

    Those of `held_units()`, in one statement. By id: so they are answered in one order, whatever else changes.
    """
    rows = session.connection().execute(_IN_SCOPE, {"officer": officer_id})
    return sorted(rows, key=lambda row: row.id)


_EACH_ROLE = _ROLES_OF.subquery()
_PLACES = (
    select(_EACH_ROLE.c.unit_id, _EACH_ROLE.c.role, Unit.name, Unit.parent_id)
    .join(Unit, Unit.id == _EACH_ROLE.c.unit_id)
    .order_by(_EACH_ROLE.c.unit_id)
)


@dataclass(frozen=True, slots=True)
class HeldPlaces:
    """What an officer holds now. `names`: of the units at which they have a role themselves."""

    names: tuple[str, ...]
    roles: frozenset[str]
    """Held at some unit; DEPUTY too while the officer stands in for a reviewer."""
    top_roles: frozenset[str]
    """Held at a unit with nothing above."""


def held_places(session: Session, officer_id: str) -> HeldPlaces:
    """Read what the officer holds, as `Scope.held_roles` gives it, in one statement: for every page of the desk."""
    asked = {"officer": officer_id, "after": _NEVER, "now": now_ms()}
    rows = session.execute(_PLACES, asked).all()
    names = {row.unit_id: row.name for row in rows if row.role != DEPUTY}
    highest = frozenset(row.role for row in rows if row.role != DEPUTY and row.parent_id is None)
    return HeldPlaces(tuple(names.values()), frozenset(row.role for row in rows), highest)


class OfUnit(Protocol):
    """A row that belongs to a unit."""

    @property
    def unit_id(self) -> Any:
        """Return the unit's id."""


Placed = TypeVar("Placed", bound=OfUnit)


class Scope:
    """The permissions of one officer at the moment it was made."""

    def __init__(
        self,
        session: Session,
        officer_id: str,
        *,
        grace: bool = False,
        stands_in: bool = True,
        roles: Iterable[HeldRole] | None = None,
    ) -> None:
        """Read the officer's roles that have not ended, unless they are given.

        With them the units at which the officer stands in for a reviewer now: they decide there as a reviewer does,
        and manage nobody. Without `stands_in` they do not, as for all that a phone asks: one stands in at the desk
        alone, and neither catalogue nor streams of a phone change by the day.

        `grace`, for pushes of clients: an ended role still lets writes in for 30 days, and does nothing else (SPEC
        L-8). The desk has no such grace.
        """
        self.officer_id = officer_id
        self._session = session
        self._chains: dict[str, tuple[str, ...]] = {}
        self._merged: set[str] = set()
        self._roles: dict[str, set[str]] = {}
        self._lost: set[str] = set()
        self._stands_in: set[str] = set()
        self._held: list[str] | None = None
        self._visible: list[str] | None = None
        if roles is None:
            after = now_ms() - GRACE_MS - 1 if grace else _NEVER
            asked = {"officer": officer_id, "after": after, "now": now_ms()}
            found = session.execute(_ROLES_OF if stands_in and not grace else _MEMBERSHIPS, asked)
            roles = ((unit_id, role, ended_at) for unit_id, role, ended_at in found)
        for unit_id, role, ended_at in roles:
            if role == DEPUTY:
                self._stands_in.add(unit_id)
            elif ended_at is None:
                self._roles.setdefault(unit_id, set()).add(role)
            elif role in _WRITE_HERE and grace and ended_at > now_ms() - GRACE_MS - 1:
                self._lost.add(unit_id)

    def own_units(self) -> list[str]:
        """Units the officer makes records for: direct memberships, never the subtree."""
        return sorted(unit for unit, roles in self._roles.items() if roles & _WRITE_HERE)

    def held_units(self) -> list[str]:
        """Units whose records are on the officer's phone: the own ones, then those merged into them."""
        if self._held is None:
            own = self.own_units()
            merged = set(merged_into(self._session, own)) - set(own) if own else set()
            self._held = [*own, *sorted(merged)]
        return self._held

    def tops(self, roles: Iterable[str] = ROLES) -> list[str]:
        """Units at which the officer holds one of the roles."""
        wanted = set(roles)
        return sorted(unit for unit, held in self._roles.items() if held & wanted)

    def highest(self, roles: Iterable[str] = ROLES) -> list[str]:
        """Like `tops()`, without units that are below another of them."""
        tops = self.tops(roles)
        self.read_chains(tops)
        return [unit for unit in tops if not set(self.chain(unit)[1:]) & set(tops)]

    def has_role(self, *roles: str) -> bool:
        """True when the officer holds one of the roles anywhere."""
        return any(held & set(roles) for held in self._roles.values())

    def held_roles(self) -> tuple[frozenset[str], frozenset[str]]:
        """The roles that the officer holds somewhere, and those held at a unit with nothing above.

        With the first, DEPUTY if the officer stands in somewhere.
        """
        tops = self.tops()
        self.read_chains(tops)
        highest = [self._roles[unit] for unit in tops if len(self.chain(unit)) == 1]
        meanwhile = [DEPUTY] if self._stands_in else []
        return frozenset(meanwhile).union(*self._roles.values()), frozenset().union(*highest)

    def may_see(self, unit_id: str) -> bool:
        """True for a member of the unit or of any unit above."""
        return any(above in self._roles or above in self._stands_in for above in self.chain(unit_id))

    def seen(self, row: Placed | None) -> Placed:
        """Return a row of a unit that the officer may see. Raises Problem `not_found` for any other, and for None."""
        if row is None or not self.may_see(row.unit_id):
            raise Problem("not_found")
        return row

    def is_member(self, unit_id: str) -> bool:
        """True for a member of the unit, or of the one it was merged into: writes for it as for an own one."""
        if self._roles.get(unit_id, set()) & _WRITE_HERE:
            return True
        return any(self._roles.get(unit, set()) & _WRITE_HERE for unit in self._line(unit_id))

    def may_write(self, unit_id: str) -> bool:
        """True for a member of the unit, or a reviewer above (who corrects, and seals on its behalf, at the desk)."""
        if self.is_member(unit_id):
            return True
        if any(unit in self._lost or unit in self._stands_in for unit in self._line(unit_id)):
            return True
        return self._judges_above(self.today(unit_id))

    def may_decide(self, unit_id: str, campaign: Campaign) -> bool:
        """True for a reviewer above; with the rule `peer`, or if nothing is above, for a reviewer of the unit itself.

        That nobody decides on what they wrote is checked on the record's writes (SPEC D-6).
        """
        unit_id = self.today(unit_id)
        if self._judges_above(unit_id):
            return True
        among_themselves = campaign.review_rule == "peer" or len(self.chain(unit_id)) == 1
        return among_themselves and self._judges(unit_id)

    def may_take_back(self, unit_id: str) -> bool:
        """May take back a unit's seal: a reviewer above; if nothing is above, its administrator (SPEC L-14)."""
        unit_id = self.today(unit_id)
        if len(self.chain(unit_id)) == 1:
            return ADMIN in self._roles.get(unit_id, set())
        return self._judges_above(unit_id)

    def may_lock(self, unit_id: str) -> bool:
        """May lock the unit's figures with all below: its own reviewers and coordinators, and who stands in for them.

        Of a unit with none below it: whoever records for it, for often nobody there has another role.
        """
        held = self._roles.get(unit_id, set())
        return self._judges(unit_id) or (bool(held & _WRITE_HERE) and not has_below(self._session, unit_id))

    def may_unlock(self, unit_id: str) -> bool:
        """May unlock them: who may take the unit's seal back, the level above."""
        return self.may_take_back(unit_id)

    def may_reopen(self, unit_id: str) -> bool:
        """May open them again although levels above have locked: coordinators of the top unit, as its leader names."""
        chain = self.chain(self.today(unit_id))
        return len(chain) > 1 and COORDINATOR in self._roles.get(chain[-1], set())

    def may_enter_annex(self, unit_id: str) -> bool:
        """May enter and freeze the confidential annex of this very unit: its confidential officers."""
        return self.today(unit_id) == unit_id and CONFIDENTIAL in self._roles.get(unit_id, set())

    def may_read_annex(self, unit_id: str) -> bool:
        """May read it: confidential officers of the unit or of one above."""
        return any(CONFIDENTIAL in self._roles.get(above, set()) for above in self.chain(unit_id))

    def may_draft(self, unit_id: str) -> bool:
        """May make the unit's reports, write in them and present them: who may lock its figures."""
        return self.may_lock(unit_id)

    def may_register(self, unit_id: str) -> bool:
        """May record what the office did with a report, as its registry does: anybody with a role at the unit."""
        return bool(self._roles.get(unit_id))

    def may_manage(self, unit_id: str) -> bool:
        """May make codes and revoke devices for its members: reviewers and administrators of it or above."""
        return any(self._roles.get(above, set()) & set(MANAGERS) for above in self.chain(unit_id))

    def may_reset(self, unit_id: str) -> bool:
        """May take a lost second factor away from its members: managers above it, administrators of it or above."""
        return self._holds_above(unit_id, set(MANAGERS)) or self._is_admin_over(unit_id)

    def may_pass_on(self, role: str, unit_id: str) -> bool:
        """May pass this role on from one person to another: nobody gives a power that is not below their own.

        The role of officers: whoever manages the unit. That of reviewers: managers above it, administrators of it or
        above. That of coordinators and administrators: who has such a role there or above.
        """
        if role == OFFICER:
            return self.may_manage(unit_id)
        if role == REVIEWER:
            return self.may_reset(unit_id)
        if role == COORDINATOR:
            return any(self._roles.get(above, set()) & set(RUNNERS) for above in self.chain(unit_id))
        return self._is_admin_over(unit_id)

    def may_administer(self, unit_id: str) -> bool:
        """May make and change accounts and units there: administrators of it or above."""
        return self._is_admin_over(unit_id)

    def is_chief(self) -> bool:
        """True for an administrator of a unit with nothing above: settings of the whole installation."""
        return any(len(self.chain(unit)) == 1 for unit in self.tops([ADMIN]))

    def _is_admin_over(self, unit_id: str) -> bool:
        return any(ADMIN in self._roles.get(above, set()) for above in self.chain(unit_id))

    def may_run(self, campaign: Campaign) -> bool:
        """May close, archive and reopen a campaign: coordinators and administrators of its unit or above."""
        return self.may_open(campaign.unit_id)

    def may_open(self, unit_id: str) -> bool:
        """May open a campaign for the unit and all below it: coordinators and administrators of it or above."""
        return any(self._roles.get(above, set()) & set(RUNNERS) for above in self.chain(unit_id))

    def visible(self) -> list[str]:
        """Every unit the officer may see. Reads their chains too, so that checking each one needs no query."""
        if self._visible is None:
            parents = self._noted(links_below(self._session, self._roles))
            for unit_id in parents:
                self._climb(unit_id, parents)
            self._visible = list(parents)
        return self._visible

    def alike(self, unit_ids: Iterable[str], *, apart: bool) -> list[list[str]]:
        """Put units together of whose records the officer may do the same: those with the same unit right above.

        But for those at which the officer has, or had, a role, or stands in; and those merged apart from those that
        stand. `apart`: each unit by itself, where its own people count. Of ten thousand units, what one may do is asked
        a few dozen times.
        """
        units, own = list(unit_ids), {*self._roles, *self._lost, *self._stands_in}
        self.read_chains(units)
        found: dict[tuple[str, ...], list[str]] = {}
        for unit in units:
            chain = self._chains[unit]
            by_itself = apart or unit in own or len(chain) == 1
            key = (unit,) if by_itself else (chain[1], "merged" if unit in self._merged else "")
            found.setdefault(key, []).append(unit)
        return list(found.values())

    def sees(self, column: InstrumentedAttribute[str]) -> ColumnElement[bool]:
        """SQL condition: the column names a unit that the officer may see."""
        return among(self._session, column, self.visible(), self._roles)

    def _climb(self, unit_id: str, parents: dict[str, str | None]) -> tuple[str, ...]:
        above = parents.get(unit_id)
        if unit_id not in self._chains and above is not None and above in parents:
            self._chains[unit_id] = (unit_id, *self._climb(above, parents))
        return self.chain(unit_id)

    def read_chains(self, unit_ids: Iterable[str]) -> None:
        """Read the chains of these units in one statement, before each is used."""
        unread = [unit_id for unit_id in unit_ids if unit_id not in self._chains]
        if unread:
            parents = self._noted(links_above(self._session, unread))
            self._chains |= {unit_id: path(unit_id, parents) for unit_id in unread}

    def chain(self, unit_id: str) -> tuple[str, ...]:
        """The unit and those above it, upwards; empty for an unknown unit."""
        if unit_id not in self._chains:
            self.read_chains([unit_id])
        return self._chains[unit_id]

    def today(self, unit_id: str) -> str:
        """The unit's successor today: itself, or the one it was merged into."""
        return (self._line(unit_id) or (unit_id,))[-1]

    def _line(self, unit_id: str) -> tuple[str, ...]:
        """The unit and its successors, one after the other."""
        chain = self.chain(unit_id)
        standing = next((number for number, unit in enumerate(chain) if unit not in self._merged), 0)
        return chain[: standing + 1]

    def _noted(self, rows: Iterable[Link]) -> dict[str, str | None]:
        parents: dict[str, str | None] = {}
        for id_, parent_id, merged_at in rows:
            parents[id_] = parent_id
            if merged_at is not None:
                self._merged.add(id_)
        return parents

    def _judges(self, unit_id: str) -> bool:
        """True for a reviewer or coordinator of the unit, and for who stands in for one."""
        return bool(self._roles.get(unit_id, set()) & _JUDGE) or unit_id in self._stands_in

    def _judges_above(self, unit_id: str) -> bool:
        return any(map(self._judges, self.chain(unit_id)[1:]))

    def _holds_above(self, unit_id: str, roles: set[str]) -> bool:
        return any(self._roles.get(above, set()) & roles for above in self.chain(unit_id)[1:])
