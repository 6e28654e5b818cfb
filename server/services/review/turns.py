"""Whose turn it is: of all who may decide on a unit's records, those of the nearest level decide first.

A district decides on its communes' records, and the province may too. Until the district has decided, the record is
the district's; the province sees it in a list of its own. If each of the nearest reviewers counts as an author
(SPEC D-6), it is the next level's turn.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import Campaign, Membership, Officer, Record, Stream, Unit, WriteRow
from server.services.records.authors import written_by
from server.services.units.scope import COORDINATOR, REVIEWER, Scope

DECIDERS = (REVIEWER, COORDINATOR)
_NAMED = 500
"""Units named one by one; of more, everybody's roles are read."""


class Turns:
    """Whose turn the records of some units are, as one reviewer sees it."""

    def __init__(self, session: Session, scope: Scope, campaign: Campaign, units: Iterable[str]) -> None:
        self._session, self._scope, self._campaign, self._units = session, scope, campaign, list(units)

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
        groups: dict[frozenset[str], list[str]] = {}
        for unit in self._units:
            if self.is_held(unit):
                people = frozenset(officer for _, held in self._nearer(unit) for officer in held)
                groups.setdefault(people, []).append(unit)
        return sorted(id_ for people, units in groups.items() for id_ in self._all_wrote(people, units))

    def _all_wrote(self, people: frozenset[str], units: list[str]) -> set[str]:
        """Undecided records of these units of which each of these people is an author. Read from their few writes."""
        found: set[str] | None = None
        for officer in sorted(people):
            wrote = select(Record.id).join(WriteRow, WriteRow.record_id == Record.id)
            wrote = wrote.join(Stream, Stream.id == Record.stream_id).where(written_by(self._session, officer))
            wrote = wrote.where(Stream.campaign_id == self._campaign.id, Stream.unit_id.in_(units))
            ids = set(self._session.scalars(wrote.where(Record.state.in_(["waiting", "amended"]))))
            found = ids if found is None else found & ids
            if not found:
                return set()
        return found or set()

    def _nearer(self, unit: str) -> list[tuple[str, frozenset[str]]]:
        """The units nearer than mine whose people decide on this one's records, with those people."""
        chain = self._scope.chain(self._scope.today(unit))
        first = 0 if self._campaign.review_rule == "peer" or len(chain) == 1 else 1
        found: list[tuple[str, frozenset[str]]] = []
        for place in chain[first:]:
            people = self._people.get(place, frozenset())
            if self._scope.officer_id in people:
                return found
            if people:
                found.append((place, people))
        return found

    @cached_property
    def _people(self) -> dict[str, frozenset[str]]:
        """Who decides, by the unit of the role."""
        places = {place for unit in self._units for place in self._scope.chain(self._scope.today(unit))}
        held = select(Membership.unit_id, Membership.officer_id).join(Officer, Officer.id == Membership.officer_id)
        held = held.where(
            Membership.role.in_(DECIDERS), Membership.ended_at.is_(None), Officer.disabled_at.is_(None)
        ).distinct()
        if len(places) <= _NAMED:
            held = held.where(Membership.unit_id.in_(places))
        found: dict[str, set[str]] = {}
        for unit, officer in self._session.execute(held):
            found.setdefault(unit, set()).add(officer)
        return {unit: frozenset(people) for unit, people in found.items()}
