"""Conditions of what waits for one reviewer, and of what people of a level below hold, in one list."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from sqlalchemy import CTE, ColumnElement, Select, and_, false, not_, or_, select, true, union
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.models import Campaign, DecisionRow, Record, Reply, Stream, WriteRow
from server.services.records.authors import written_by
from server.services.records.readiness import Readiness
from server.services.review import messages, replies
from server.services.review.queue_groups import Group
from server.services.review.review_order import ReviewOrder
from server.services.units.scope import Scope

_KEPT_BACK = (Readiness.PHOTOS, Readiness.CHECKING)


class QueueNeeds:
    """The conditions, on records and on groups of them. A group cannot tell who wrote, so callers subtract those."""

    def __init__(self, session: Session, scope: Scope, campaign: Campaign, units: Sequence[str]) -> None:
        self._session, self._scope, self._campaign, self._units = session, scope, campaign, units
        self._turns = ReviewOrder(session, scope, campaign, units)
        self._places: dict[str, ColumnElement[bool]] = {}

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
        waits: ColumnElement[bool] = Record.state.in_(["waiting", "amended"])
        if self._campaign.status != "archived":
            waits = or_(waits, Record.conflicted.is_(True))
        return and_(waits, self._within("below", self._held))

    def other(self) -> ColumnElement[bool]:
        """To complete by me because it was returned, or to settle; not in archived campaigns (SPEC L-5)."""
        if self._campaign.status == "archived":
            return false()
        return or_(
            and_(Record.state == "returned", self._within("hold", self._held_units)),
            and_(Record.conflicted.is_(True), self._within("settle", self._settled)),
        )

    @property
    def decides(self) -> bool:
        """True if I may decide on records of one of the units."""
        return bool(self._mine or self._held)

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

    # Each is asked of a unit once, however many groups of records it has.
    @cached_property
    def _mine(self) -> frozenset[str]:
        return frozenset(filter(self._turns.is_mine, self._units))

    @cached_property
    def _held(self) -> frozenset[str]:
        return frozenset(filter(self._turns.is_held, self._units))

    @cached_property
    def _settled(self) -> frozenset[str]:
        return frozenset(filter(self._scope.may_write, self._units)) - self._held

    def _within(self, name: str, units: frozenset[str]) -> ColumnElement[bool]:
        """Condition: one of these units of the filter. It lists the smaller set, of them or of the others."""
        if name not in self._places:
            found = units & set(self._units)
            others = set(self._units) - found
            less = sorted(others if len(others) < len(found) else found)
            among = one_of(Stream.unit_id, less)
            named = not_(among) if len(others) < len(found) else among
            self._places[name] = named if others else true()
        return self._places[name]
