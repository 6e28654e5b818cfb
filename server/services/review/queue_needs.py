"""Conditions of what waits for one reviewer, and of what people of a level below hold, in one list.

Whose turn it is: of all who may decide on a unit's records, those of the nearest level decide first.

A district decides on its communes' records, and the province may too. Until the district has decided, the record is
the district's; the province sees it in a list of its own. If each of the nearest reviewers counts as an author
(SPEC D-6), it is the next level's turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, and_, false, not_, or_, select, true, union, union_all
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.core.clock import now_ms
from server.models import Absence, Campaign, DecisionRow, Membership, Officer, Record, Reply, Stream, Unit, WriteRow
from server.services.records import authors
from server.services.records.authors import written_by
from server.services.records.readiness import Readiness
from server.services.review import messages, replies
from server.services.review.queue_groups import Group
from server.services.units import deputies
from server.services.units.scope import COORDINATOR, REVIEWER, Scope

DECIDERS = (REVIEWER, COORDINATOR)
_NAMED = 500
"""Units named one by one; of more, everybody's roles are read."""


class ReviewOrder:
    """Whose turn the records of some units are, as one reviewer sees it."""

    def __init__(self, session: Session, scope: Scope, campaign: Campaign, units: Iterable[str]) -> None:
        self._session, self._scope, self._campaign = session, scope, campaign
        self._alike = scope.alike(units, apart=campaign.review_rule == "peer")
        self._found: dict[tuple[str, ...], list[tuple[str, frozenset[str]]]] = {}

    def where(self, holds: Callable[[str], bool]) -> frozenset[str]:
        """Those of the units of which this is true. It is asked once of units that are alike."""
        return frozenset(unit for units in self._alike if holds(units[0]) for unit in units)

    def is_mine(self, unit: str) -> bool:
        """True if I may decide on this unit's records and nobody nearer does."""
        return self._scope.may_decide(unit, self._campaign) and not self._nearer(unit)

    def is_held(self, unit: str) -> bool:
        """True if I may decide on them, but people of a level below decide first."""
        return self._scope.may_decide(unit, self._campaign) and bool(self._nearer(unit))

    @cached_property
    def holders(self) -> str:
        """The level that holds records which I may decide on, `district`; empty if there are several, or none."""
        held = [units[0] for units in self._alike if self.is_held(units[0])]
        places = {unit for each in held for unit, _ in self._nearer(each)}
        if not places:
            return ""
        levels = set(self._session.scalars(select(Unit.level).where(Unit.id.in_(places))))
        return levels.pop() if len(levels) == 1 else ""

    @cached_property
    def passed_on(self) -> list[str]:
        """Ids of records that are held below, but everybody there is an author, so it is my turn."""
        nearer: dict[str, frozenset[str]] = {}
        for units in self._alike:
            if self.is_held(units[0]):
                people = frozenset(officer for _, held in self._nearer(units[0]) for officer in held)
                nearer |= dict.fromkeys(units, people)
        everybody = frozenset[str]().union(*set(nearer.values()))
        if not everybody:
            return []
        undecided = (Stream.campaign_id == self._campaign.id, Record.state.in_(["waiting", "amended"]))
        wrote = authors.wrote_any(self._session, everybody, *undecided)
        return sorted(id_ for (id_, unit), people in wrote.items() if unit in nearer and nearer[unit] <= people)

    def _nearer(self, unit: str) -> list[tuple[str, frozenset[str]]]:
        """The units nearer than mine whose people decide on this one's records, with those people."""
        above = self._above(unit)
        if above not in self._found:  # units of one district have it in common
            self._found[above] = self._between(above)
        return self._found[above]

    def _above(self, unit: str) -> tuple[str, ...]:
        """The units whose people may decide on this one's records, upwards."""
        chain = self._scope.chain(self._scope.today(unit))
        return chain if self._campaign.review_rule == "peer" or len(chain) == 1 else chain[1:]

    def _between(self, above: Sequence[str]) -> list[tuple[str, frozenset[str]]]:
        """Those up to mine, whose people decide, of these units upwards."""
        found: list[tuple[str, frozenset[str]]] = []
        for place in above:
            people = self._people.get(place, frozenset())
            if self._scope.officer_id in people:
                return found
            if people:
                found.append((place, people))
        return found

    @cached_property
    def _people(self) -> dict[str, frozenset[str]]:
        """Who decides, by the unit of the role. Most people are at the communes, whose own do not decide."""
        places = {place for units in self._alike for place in self._above(units[0])}
        held = select(Membership.unit_id, Membership.officer_id).join(Officer, Officer.id == Membership.officer_id)
        held = held.where(
            Membership.role.in_(DECIDERS), Membership.ended_at.is_(None), Officer.disabled_at.is_(None)
        ).distinct()
        stand_in = deputies.standing_in(REVIEWER, now_ms()).add_columns(Absence.deputy_id).subquery()
        meanwhile = select(stand_in.c.unit_id, stand_in.c.deputy_id)
        if len(places) <= _NAMED:
            held = held.where(Membership.unit_id.in_(places))
            meanwhile = meanwhile.where(stand_in.c.unit_id.in_(places))
        found: dict[str, set[str]] = {}
        for unit, officer in self._session.execute(union_all(held, meanwhile)):
            found.setdefault(unit, set()).add(officer)
        return {unit: frozenset(people) for unit, people in found.items()}


_KEPT_BACK = (Readiness.PHOTOS, Readiness.CHECKING)


class QueueNeeds:
    """The conditions, on records and on groups of them. A group cannot tell who wrote, so callers subtract those."""

    def __init__(self, session: Session, scope: Scope, campaign: Campaign, units: Sequence[str]) -> None:
        self._session, self._scope, self._campaign, self._units = session, scope, campaign, units
        self._turns = ReviewOrder(session, scope, campaign, units)
        self._places: dict[str, ColumnElement[bool]] = {}

    @cached_property
    def alike(self) -> list[ColumnElement[bool]]:
        """Conditions on Stream: units of which the same ones hold are those of whose records I may do the same.

        What holds of all units of the filter, or of none, is left out: of a country often nothing is left.
        """
        sets = {"decide": self._mine, "below": self._held, "hold": self._held_units, "settle": self._settled}
        return [
            self._within(name, units) for name, units in sets.items() if 0 < len(units & self._asked) < len(self._asked)
        ]

    @property
    def holders(self) -> str:
        """The level that holds what is held below; empty if there are several."""
        return self._turns.holders

    @property
    def mine(self) -> ColumnElement[bool]:
        """Condition: of a unit whose records I decide on first."""
        return self._within("decide", self._mine)

    @property
    def passed_on_ids(self) -> list[str]:
        """Records that came up to me because everybody below is an author. They are few."""
        return self._turns.passed_on

    @property
    def passed_on(self) -> ColumnElement[bool]:
        """Condition on Record: one of these."""
        return one_of(Record.id, self.passed_on_ids) if self.passed_on_ids else false()

    @cached_property
    def _own(self) -> Select[str]:
        return select(WriteRow.record_id).where(written_by(self._session, self._scope.officer_id))

    @property
    def written_by_me(self) -> ColumnElement[bool]:
        """Condition on Record: I count as an author (SPEC D-6)."""
        return Record.id.in_(self._own)

    @property
    def own_records(self) -> CTE:
        """(record_id) of the records of which I count as an author (SPEC D-6): found by their author, they are few."""
        return self._own.distinct().cte()

    def to_decide(self) -> ColumnElement[bool]:
        """Condition: it waits for me to decide. Callers exclude records of which I count as an author (SPEC D-6)."""
        return and_(Record.state.in_(["waiting", "amended"]), or_(self.mine, self.passed_on))

    def kept_back(self) -> ColumnElement[bool]:
        """Condition: to be approved, and not ready for it."""
        return and_(Record.readiness.in_(_KEPT_BACK), Record.state.in_(["waiting", "amended"]), ~Record.conflicted)

    def unready(self) -> ColumnElement[bool]:
        """Condition: it waits for me to decide, and is not ready."""
        return and_(self.kept_back(), self.to_decide(), ~self.written_by_me)

    def held(self) -> ColumnElement[bool]:
        """Condition: people below decide or settle first."""
        return self.held_in(Record)

    def held_in(self, each: Any) -> ColumnElement[bool]:
        """Return the condition `held` on these columns, which are those of a group."""
        waits: ColumnElement[bool] = each.state.in_(["waiting", "amended"])
        if self._campaign.status != "archived":
            waits = or_(waits, each.conflicted.is_(True))
        return and_(waits, self._within("below", self._held))

    def other(self) -> ColumnElement[bool]:
        """To complete by me because it was returned, or to settle; not in archived campaigns (SPEC L-5)."""
        return self._other_in(Record)

    def todo_in(self, each: Any) -> ColumnElement[bool]:
        """Return the condition on these columns, which are those of a group: for me to decide, or as in `other`."""
        return or_(and_(each.state.in_(["waiting", "amended"]), self.mine), self._other_in(each))

    def _other_in(self, each: Any) -> ColumnElement[bool]:
        if self._campaign.status == "archived":
            return false()
        return or_(
            and_(each.state == "returned", self._within("hold", self._held_units)),
            and_(each.conflicted.is_(True), self._within("settle", self._settled)),
        )

    @property
    def decides(self) -> bool:
        """True if I may decide on records of one of the units."""
        return bool(self._mine or self._held)

    @property
    def decides_first(self) -> bool:
        """True if I decide first on records of one of the units."""
        return bool(self._mine)

    def replied(self) -> ColumnElement[bool]:
        """Condition: returned by me, or mine to decide on, and answered in words (SPEC D-13), or asked about (D-15).

        Answers and questions are few, so they are found first, and no other record is read.
        """
        by_me = select(DecisionRow.id).where(DecisionRow.officer_id == self._scope.officer_id)
        returned_by_me = by_me.where(DecisionRow.id == Record.decision_id).exists()
        turn = or_(self.mine, and_(returned_by_me, self._within("below", self._held)))
        answered = replies.answered(self._campaign.id)
        # Who wrote may not decide (D-6), but may well say something.
        by_others = answered.where(Reply.record_id.not_in(self._own))
        # One list of ids: of two, joined by "or", PostgreSQL would read every record of the campaign.
        return and_(turn, Record.id.in_(union(by_others, messages.asked(self._campaign.id))))

    def is_to_decide(self, group: Group) -> bool:
        """The condition `to_decide` on a group of records."""
        return group.state in ("waiting", "amended") and group.unit in self._mine

    def is_held(self, group: Group) -> bool:
        """The condition `held` on a group of records."""
        open_conflict = group.conflicted and self._campaign.status != "archived"
        return (group.state in ("waiting", "amended") or open_conflict) and group.unit in self._held

    def is_other(self, group: Group) -> bool:
        """The condition `other` on a group of records."""
        if self._campaign.status == "archived":
            return False
        returned = group.state == "returned" and group.unit in self._held_units
        return returned or (group.conflicted and group.unit in self._settled)

    @cached_property
    def _held_units(self) -> frozenset[str]:
        return frozenset(self._scope.held_units())

    @cached_property
    def _mine(self) -> frozenset[str]:
        return self._turns.where(self._turns.is_mine)

    @cached_property
    def _held(self) -> frozenset[str]:
        return self._turns.where(self._turns.is_held)

    @cached_property
    def _settled(self) -> frozenset[str]:
        return self._turns.where(self._scope.may_write) - self._held

    @cached_property
    def _asked(self) -> frozenset[str]:
        return frozenset(self._units)

    def _within(self, name: str, units: frozenset[str]) -> ColumnElement[bool]:
        """Condition: one of these units of the filter. It lists the smaller set, of them or of the others."""
        if name not in self._places:
            found = units & self._asked
            others = self._asked - found
            less = sorted(others if len(others) < len(found) else found)
            among = one_of(Stream.unit_id, less)
            named = not_(among) if len(others) < len(found) else among
            self._places[name] = named if others else true()
        return self._places[name]
