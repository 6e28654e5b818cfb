"""Who may see, write and decide: answered here and nowhere else.

A role holds at a unit. Seeing and deciding reach down the tree, so that the same rule serves commune - district -
province (2021) and commune - province (since July 2025).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import CTE, select
from sqlalchemy.orm import Session, aliased

from server.models import Campaign, Membership, Unit

OFFICER, REVIEWER, COORDINATOR, ADMIN = "officer", "reviewer", "coordinator", "admin"
ROLES = (OFFICER, REVIEWER, COORDINATOR, ADMIN)
_WRITE_HERE = {OFFICER, REVIEWER, COORDINATOR}
_JUDGE = {REVIEWER, COORDINATOR}
_MANAGE = {REVIEWER, COORDINATOR, ADMIN}


class Scope:
    """What one officer may do, as of the moment it was made."""

    def __init__(self, session: Session, officer_id: str) -> None:
        """Reads the officer's memberships that have not ended."""
        self.officer_id = officer_id
        self._session = session
        self._chains: dict[str, tuple[str, ...]] = {}
        self._roles: dict[str, set[str]] = {}
        held = select(Membership.unit_id, Membership.role).where(
            Membership.officer_id == officer_id, Membership.ended_at.is_(None)
        )
        for unit_id, role in session.execute(held):
            self._roles.setdefault(unit_id, set()).add(role)

    def own_units(self) -> list[str]:
        """Units the officer records for on the phone: direct memberships, never the subtree."""
        return sorted(unit for unit, roles in self._roles.items() if roles & _WRITE_HERE)

    def tops(self, roles: Iterable[str] = ROLES) -> list[str]:
        """Units at which the officer holds one of the roles."""
        wanted = set(roles)
        return sorted(unit for unit, held in self._roles.items() if held & wanted)

    def has_role(self, *roles: str) -> bool:
        """True when the officer holds one of the roles anywhere."""
        return any(held & set(roles) for held in self._roles.values())

    def may_see(self, unit_id: str) -> bool:
        """A member of the unit or of any unit above."""
        return any(above in self._roles for above in self.chain(unit_id))

    def may_write(self, unit_id: str) -> bool:
        """A member of the unit, or a reviewer of a unit above (who corrects at the desk)."""
        if self._roles.get(unit_id, set()) & _WRITE_HERE:
            return True
        return self._holds_above(unit_id, _JUDGE)

    def may_decide(self, unit_id: str, campaign: Campaign) -> bool:
        """The campaign's rule: a reviewer above; where the rule is `peer`, or nothing is above, one of the unit itself.

        That nobody decides on what they wrote is judged on the record's writes (SPEC D-6).
        """
        if self._holds_above(unit_id, _JUDGE):
            return True
        among_themselves = campaign.review_rule == "peer" or len(self.chain(unit_id)) == 1
        return among_themselves and bool(self._roles.get(unit_id, set()) & _JUDGE)

    def may_manage(self, unit_id: str) -> bool:
        """Make codes and revoke devices for members of this unit: reviewers and administrators of it or above."""
        return any(self._roles.get(above, set()) & _MANAGE for above in self.chain(unit_id))

    def visible(self) -> list[str]:
        """Every unit the officer may see; the chains are read with them, so that asking of each costs no query."""
        down = _down(self._roles)
        parents = {
            row.id: row.parent_id
            for row in self._session.execute(select(Unit.id, Unit.parent_id).join(down, down.c.id == Unit.id))
        }
        for unit_id in parents:
            self._climb(unit_id, parents)
        return list(parents)

    def _climb(self, unit_id: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
        above = parents.get(unit_id)
        if unit_id not in self._chains and above is not None and above in parents:
            self._chains[unit_id] = (unit_id, *self._climb(above, parents))
        return self.chain(unit_id)

    def chain(self, unit_id: str) -> tuple[str, ...]:
        """The unit and those above it, upwards; empty for a unit that is not there."""
        if unit_id not in self._chains:
            self._chains[unit_id] = ancestry(self._session, unit_id)
        return self._chains[unit_id]

    def _holds_above(self, unit_id: str, roles: set[str]) -> bool:
        return any(self._roles.get(above, set()) & roles for above in self.chain(unit_id)[1:])


def ancestry(session: Session, unit_id: str) -> tuple[str, ...]:
    """A unit's id and its ancestors', upwards, read in one query."""
    up = select(Unit.id, Unit.parent_id).where(Unit.id == unit_id).cte(recursive=True)
    parent = aliased(Unit)
    up = up.union_all(select(parent.id, parent.parent_id).join(up, parent.id == up.c.parent_id))
    parents = {row.id: row.parent_id for row in session.execute(select(up.c.id, up.c.parent_id))}
    chain: list[str] = []
    here: str | None = unit_id
    while here is not None and here in parents and here not in chain:
        chain.append(here)
        here = parents[here]
    return tuple(chain)


def subtree(session: Session, tops: Iterable[str]) -> list[str]:
    """Ids of these units and all below them."""
    return list(session.scalars(select(_down(tops).c.id)))


def _down(tops: Iterable[str]) -> CTE:
    down = select(Unit.id).where(Unit.id.in_(list(tops))).cte(recursive=True)
    child = aliased(Unit)
    return down.union(select(child.id).join(down, child.parent_id == down.c.id))
