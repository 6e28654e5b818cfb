"""Who may see, write and decide: answered here and nowhere else.

A role holds at a unit. Seeing and deciding reach down the tree, so that the same rule serves commune - district -
province (2021) and commune - province (since July 2025). A unit that was merged stands below its successor, whose
people write for it and whose superiors decide on it (SPEC L-6).
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import CTE, ColumnElement, Row, Select, case, or_, select
from sqlalchemy.orm import Session, aliased

from server.clock import now_ms
from server.models import Campaign, Membership, Stream, Unit
from sync.protocol import GRACE_DAYS, STREAMS_ON_A_PHONE

OFFICER, REVIEWER, COORDINATOR, ADMIN = "officer", "reviewer", "coordinator", "admin"
ROLES = (OFFICER, REVIEWER, COORDINATOR, ADMIN)
_WRITE_HERE = {OFFICER, REVIEWER, COORDINATOR}
_JUDGE = {REVIEWER, COORDINATOR}
_MANAGE = {REVIEWER, COORDINATOR, ADMIN}
_RUN = {COORDINATOR, ADMIN}
GRACE_MS = GRACE_DAYS * 24 * 60 * 60 * 1000


class Scope:
    """What one officer may do, as of the moment it was made."""

    def __init__(self, session: Session, officer_id: str, *, knows: int | None = None) -> None:
        """Reads the officer's roles that have not ended.

        For what a phone sends, `knows` is its device's `scope_seen_at` or 0: roles that ended behind it and within 30
        days let writes in too, and nothing else (SPEC L-8). At the desk there is no such grace.
        """
        self.officer_id = officer_id
        self._session = session
        self._chains: dict[str, tuple[str, ...]] = {}
        self._merged: set[str] = set()
        self._roles: dict[str, set[str]] = {}
        self._lost: dict[str, int] = {}
        self._held: list[str] | None = None
        stands: ColumnElement[bool] = Membership.ended_at.is_(None)
        if knows is not None:
            stands = or_(stands, Membership.ended_at > max(knows, now_ms() - GRACE_MS - 1))
        held = select(Membership.unit_id, Membership.role, Membership.ended_at).where(
            Membership.officer_id == officer_id, stands
        )
        for unit_id, role, ended_at in session.execute(held):
            if ended_at is None:
                self._roles.setdefault(unit_id, set()).add(role)
            elif role in _WRITE_HERE:
                self._lost[unit_id] = max(ended_at, self._lost.get(unit_id, 0))

    @property
    def lost_at(self) -> int | None:
        """The latest end of a role that the device has not shown to know of; None when it knows all."""
        return max(self._lost.values(), default=None)

    def own_units(self) -> list[str]:
        """Units the officer makes records for: direct memberships, never the subtree."""
        return sorted(unit for unit, roles in self._roles.items() if roles & _WRITE_HERE)

    def held_units(self) -> list[str]:
        """Units whose records are on the officer's phone: one's own, behind them those merged into them."""
        if self._held is None:
            own = self.own_units()
            down = _down(own, merged_only=True)
            merged = set(self._session.scalars(select(down.c.id))) - set(own) if own else set()
            self._held = [*own, *sorted(merged)]
        return self._held

    def told_streams(self) -> list[str]:
        """Ids of the streams a phone is told, at most 32: of open campaigns first, then the newest (SPEC L-9)."""
        first = case({"open": 0, "closed": 1}, value=Campaign.status, else_=2)
        query = (
            select(Stream.id)
            .join(Campaign, Campaign.id == Stream.campaign_id)
            .join(Unit, Unit.id == Stream.unit_id)
            .where(Stream.unit_id.in_(self.held_units()))
            .order_by(first, Campaign.opened_at.desc(), Campaign.id, Unit.merged_at.is_not(None), Unit.id)
        )
        return list(self._session.scalars(query.limit(STREAMS_ON_A_PHONE)))

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

    def is_member(self, unit_id: str) -> bool:
        """One who writes for the unit, or for the one it was merged into, as its own."""
        return any(self._roles.get(unit, set()) & _WRITE_HERE for unit in self._line(unit_id))

    def may_write(self, unit_id: str) -> bool:
        """A member of the unit, or a reviewer of a unit above (who corrects, and seals on its behalf, at the desk)."""
        if self.is_member(unit_id) or any(unit in self._lost for unit in self._line(unit_id)):
            return True
        return self._holds_above(self.today(unit_id), _JUDGE)

    def may_decide(self, unit_id: str, campaign: Campaign) -> bool:
        """The campaign's rule: a reviewer above; where the rule is `peer`, or nothing is above, one of the unit itself.

        That nobody decides on what they wrote is judged on the record's writes (SPEC D-6).
        """
        unit_id = self.today(unit_id)
        if self._holds_above(unit_id, _JUDGE):
            return True
        among_themselves = campaign.review_rule == "peer" or len(self.chain(unit_id)) == 1
        return among_themselves and bool(self._roles.get(unit_id, set()) & _JUDGE)

    def may_manage(self, unit_id: str) -> bool:
        """Make codes and revoke devices for members of this unit: reviewers and administrators of it or above."""
        return any(self._roles.get(above, set()) & _MANAGE for above in self.chain(unit_id))

    def may_run(self, campaign: Campaign) -> bool:
        """Close, archive and reopen a campaign: coordinators and administrators of its unit or above."""
        return any(self._roles.get(above, set()) & _RUN for above in self.chain(campaign.unit_id))

    def visible(self) -> list[str]:
        """Every unit the officer may see; the chains are read with them, so that asking of each costs no query."""
        down = _down(self._roles)
        rows = self._session.execute(_links().join(down, down.c.id == Unit.id)).all()
        parents = self._noted(rows)
        for unit_id in parents:
            self._climb(unit_id, parents)
        return list(parents)

    def _climb(self, unit_id: str, parents: dict[str, str | None]) -> tuple[str, ...]:
        above = parents.get(unit_id)
        if unit_id not in self._chains and above is not None and above in parents:
            self._chains[unit_id] = (unit_id, *self._climb(above, parents))
        return self.chain(unit_id)

    def chain(self, unit_id: str) -> tuple[str, ...]:
        """The unit and those above it, upwards; empty for a unit that is not there."""
        if unit_id not in self._chains:
            self._chains[unit_id] = _path(unit_id, self._noted(_above(self._session, unit_id)))
        return self._chains[unit_id]

    def today(self, unit_id: str) -> str:
        """The unit that stands for this one now: itself, or the one it was merged into."""
        return (self._line(unit_id) or (unit_id,))[-1]

    def _line(self, unit_id: str) -> tuple[str, ...]:
        """The unit and its successors, one after the other."""
        chain = self.chain(unit_id)
        standing = next((number for number, unit in enumerate(chain) if unit not in self._merged), 0)
        return chain[: standing + 1]

    def _noted(self, rows: Iterable[Row[str, str | None, int | None]]) -> dict[str, str | None]:
        parents: dict[str, str | None] = {}
        for id_, parent_id, merged_at in rows:
            parents[id_] = parent_id
            if merged_at is not None:
                self._merged.add(id_)
        return parents

    def _holds_above(self, unit_id: str, roles: set[str]) -> bool:
        return any(self._roles.get(above, set()) & roles for above in self.chain(unit_id)[1:])


def ancestry(session: Session, unit_id: str) -> tuple[str, ...]:
    """A unit's id and its ancestors', upwards, read in one query."""
    return _path(unit_id, {id_: parent_id for id_, parent_id, _ in _above(session, unit_id)})


def subtree(session: Session, tops: Iterable[str]) -> list[str]:
    """Ids of these units and all below them."""
    return list(session.scalars(select(_down(tops).c.id)))


def merged_into(session: Session, unit_id: str) -> list[str]:
    """The unit itself and those merged into it, directly or through another: whose records are its own today."""
    return list(session.scalars(select(_down([unit_id], merged_only=True).c.id)))


def _links() -> Select[str, str | None, int | None]:
    return select(Unit.id, Unit.parent_id, Unit.merged_at)


def _above(session: Session, unit_id: str) -> Iterable[Row[str, str | None, int | None]]:
    up = _links().where(Unit.id == unit_id).cte(recursive=True)
    parent = aliased(Unit)
    step = select(parent.id, parent.parent_id, parent.merged_at).join(up, parent.id == up.c.parent_id)
    up = up.union_all(step)
    return session.execute(select(up.c.id, up.c.parent_id, up.c.merged_at)).all()


def _path(unit_id: str, parents: dict[str, str | None]) -> tuple[str, ...]:
    path: list[str] = []
    here: str | None = unit_id
    while here is not None and here in parents and here not in path:
        path.append(here)
        here = parents[here]
    return tuple(path)


def _down(tops: Iterable[str], *, merged_only: bool = False) -> CTE:
    down = select(Unit.id).where(Unit.id.in_(list(tops))).cte(recursive=True)
    child = aliased(Unit)
    step = select(child.id).join(down, child.parent_id == down.c.id)
    return down.union(step.where(child.merged_at.is_not(None)) if merged_only else step)
