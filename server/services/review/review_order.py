"""Whose turn it is: of all who may decide on a unit's records, those of the nearest level decide first.

A district decides on its communes' records, and the province may too. Until the district has decided, the record is
the district's; the province sees it in a list of its own. If each of the nearest reviewers counts as an author
(SPEC D-6), it is the next level's turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.models import Absence, Campaign, Membership, Officer, Record, Stream, Unit
from server.services.records import authors
from server.services.units import deputies
from server.services.units.scope import COORDINATOR, REVIEWER, Scope

DECIDERS = (REVIEWER, COORDINATOR)
_NAMED = 500
"""Units named one by one; of more, everybody's roles are read."""


class ReviewOrder:
    """Whose turn the records of some units are, as one reviewer sees it."""

    def __init__(self, session: Session, scope: Scope, campaign: Campaign, units: Iterable[str]) -> None:
        self._session, self._scope, self._campaign, self._units = session, scope, campaign, list(units)
        self._found: dict[tuple[str, ...], list[tuple[str, frozenset[str]]]] = {}

    def is_mine(self, unit: str) -> bool:
        """True if I may decide on this unit's records and nobody nearer does."""
        return self._scope.may_decide(unit, self._campaign) and not self._nearer(unit)

    def is_held(self, unit: str) -> bool:
        """True if I may decide on them, but people of a level below decide first."""
        return self._scope.may_decide(unit, self._campaign) and bool(self._nearer(unit))

    @cached_property
    def holders(self) -> str:
        """The level that holds records which I may decide on, `district`; empty if there are several, or none."""
        places = {unit for each in self._units if self.is_held(each) for unit, _ in self._nearer(each)}
        if not places:
            return ""
        levels = set(self._session.scalars(select(Unit.level).where(Unit.id.in_(places))))
        return levels.pop() if len(levels) == 1 else ""

    @cached_property
    def passed_on(self) -> list[str]:
        """Ids of records that are held below, but everybody there is an author, so it is my turn."""
        nearer = {
            unit: frozenset(officer for _, held in self._nearer(unit) for officer in held)
            for unit in self._units
            if self.is_held(unit)
        }
        everybody = frozenset[str]().union(*nearer.values())
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
        places = {place for unit in self._units for place in self._above(unit)}
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
