"""Money spent on a campaign ("kinh phí"), in thousands of đồng by source: stated by each unit, summed upward.

A statement is never altered: a later one takes its place, and the last holds. That nothing was spent is stated, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session, aliased

from server.core.clock import new_id, now_ms
from server.core.problem_details import Problem
from server.core.unit_order import by_name
from server.models import MoneyStatement, Officer, Stream, Unit
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.figures import sums
from server.services.statements import place
from server.services.units.scope import Scope

SOURCES: Final = ("province", "district", "commune", "combined", "social")
"""Budgets of the three levels, combined with other programmes, given by others."""
MOST: Final = 10**12
"""Most of one source, in thousands of đồng."""


@dataclass(slots=True)
class MoneySum:
    """What a unit with all below it stated. `units`: those that take part, merged ones as their successors.

    `stated`: those of them that stated something themselves; a merged unit's amounts are in the sum all the same.
    """

    amounts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SOURCES, 0))
    stated: int = 0
    nil: int = 0
    units: int = 0

    @property
    def total(self) -> int:
        """All sources."""
        return sum(self.amounts.values())

    def add(self, other: MoneySum) -> None:
        """Sum up."""
        self.amounts = {source: self.amounts[source] + other.amounts[source] for source in SOURCES}
        self.stated, self.nil, self.units = self.stated + other.stated, self.nil + other.nil, self.units + other.units


@dataclass(frozen=True, slots=True)
class MoneyTable:
    """A unit's total, and what it and each unit right below it stated; `rows` begins with the unit itself."""

    total: MoneySum
    rows: list[tuple[Unit, MoneySum]]


def latest(session: Session, campaign_id: str, unit_id: str) -> tuple[MoneyStatement, str] | None:
    """Return the statement of a unit that holds, with the name of who made it."""
    query = select(MoneyStatement, Officer.name).join(Officer, Officer.id == MoneyStatement.officer_id)
    theirs = query.where(MoneyStatement.campaign_id == campaign_id, MoneyStatement.unit_id == unit_id)
    row = session.execute(theirs.order_by(MoneyStatement.number.desc()).limit(1)).first()
    return (row[0], row[1]) if row else None


def state(
    session: Session, scope: Scope, campaign_id: str, unit_id: str, number: int, amounts: Mapping[str, int] | None
) -> MoneyStatement:
    """State what the unit spent; `amounts` None: nothing. `number`: of the statement that the page showed, or 0.

    Raises Problem as `place.hold` does, `statement_moved` if somebody was faster, `money_unclear` without an amount.
    """
    place.hold(session, scope, campaign_id, unit_id)
    before = latest(session, campaign_id, unit_id)
    if (before[0].number if before else 0) != number:
        raise Problem("statement_moved")
    given = {source: (amounts or {}).get(source, 0) for source in SOURCES}
    if amounts is not None and not any(given.values()):
        raise Problem("money_unclear")
    if any(not 0 <= amount <= MOST for amount in given.values()):
        raise Problem("bad_number", "amount")
    made = MoneyStatement(
        id=new_id(),
        campaign_id=campaign_id,
        unit_id=unit_id,
        number=number + 1,
        nil=amounts is None,
        officer_id=scope.officer_id,
        at=now_ms(),
        **given,
    )
    session.add(made)
    session.flush()
    log.append(session, Act.MONEY_STATED, ("unit", unit_id), new={"campaign": campaign_id})
    return made


def table(session: Session, campaign_id: str, unit_id: str) -> MoneyTable:
    """Sum up what the unit and those below it stated."""
    streams = sums.streams(unit_id, campaign_id)
    later = aliased(MoneyStatement)
    last = (
        select(func.max(later.number))
        .where(later.campaign_id == campaign_id, later.unit_id == Stream.unit_id)
        .scalar_subquery()
    )
    query = (
        select(streams.c.top, streams.c.living, MoneyStatement)
        .join(Stream, Stream.id == streams.c.id)
        .outerjoin(
            MoneyStatement,
            (MoneyStatement.unit_id == Stream.unit_id)
            & (MoneyStatement.campaign_id == campaign_id)
            & (MoneyStatement.number == last),
        )
    )
    by_top: dict[str, list[Row[str, str, MoneyStatement | None]]] = {}
    for row in session.execute(query):
        by_top.setdefault(row[0], []).append(row)
    found = {top: _summed(rows) for top, rows in by_top.items()}
    units = list(session.scalars(select(Unit).where(Unit.id.in_({*found, unit_id}))))
    units.sort(key=lambda unit: (unit.id != unit_id, by_name(unit.short_name), unit.id))
    return MoneyTable(
        _summed(row for rows in by_top.values() for row in rows),
        [(unit, found.get(unit.id, MoneySum())) for unit in units],
    )


def _summed(rows: Iterable[Row[str, str, MoneyStatement | None]]) -> MoneySum:
    made = MoneySum()
    units: dict[str, set[str]] = {"all": set(), "stated": set(), "spent": set()}
    for _, living, stated in rows:
        units["all"].add(living)
        if stated is None:
            continue
        if stated.unit_id == living:  # a merged unit's statement is no word of its successor
            units["stated"].add(living)
        if not stated.nil:
            units["spent"].add(living)
        for source in SOURCES:
            made.amounts[source] += getattr(stated, source)
    made.units, made.stated = len(units["all"]), len(units["stated"])
    made.nil = len(units["stated"] - units["spent"])
    return made
