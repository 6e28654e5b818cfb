"""Who stands in for a reviewer who is away: a role by dates, at the desk alone, and whose name the log and papers add.

A deputy decides as a reviewer of the unit, as long as the person who is away holds such a role there, the deputy has a
role there too, and neither account is disabled. So it ends with a membership or a handover, without an act of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final, Self

from sqlalchemy import (
    ColumnElement,
    Dialect,
    Select,
    Text,
    TypeDecorator,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session, aliased

from server.models import Absence, DecisionRow, Membership, Officer, Record, Stream, Unit

DECIDING: Final = ("reviewer", "coordinator")
"""Roles of which somebody may be away."""
_held = aliased(Membership)
_theirs = aliased(Membership)
_deputy = aliased(Officer)
_absent = aliased(Officer)
_unit = aliased(Unit)
_parent = aliased(Unit)
_APART: Final = "\x1f"


def lasts(at: Any) -> ColumnElement[bool]:
    """SQL condition: the absence lasts at this moment (ms)."""
    return and_(Absence.begins_at <= at, Absence.ends_at > at, or_(Absence.ended_at.is_(None), Absence.ended_at > at))


def standing_in(role: str, now: Any) -> Select[str, str, int | None]:
    """Select (unit, role, no end) of who stands in now, to be narrowed by Absence."""
    held = (_held.officer_id == Absence.officer_id) & (_held.unit_id == Absence.unit_id)
    colleague = _theirs.officer_id == Absence.deputy_id, _theirs.unit_id == Absence.unit_id, _theirs.ended_at.is_(None)
    return (
        select(Absence.unit_id, literal(role).label("role"), Absence.ended_at)
        .join(_held, held & _held.role.in_(DECIDING) & _held.ended_at.is_(None))
        .join(_deputy, (_deputy.id == Absence.deputy_id) & _deputy.disabled_at.is_(None))
        .join(_absent, (_absent.id == Absence.officer_id) & _absent.disabled_at.is_(None))
        .where(lasts(now), Absence.ended_at.is_(None), exists().where(*colleague))
    )


class SaidName(str):
    """A name as papers and files say it, "A (thay B)": in Vietnamese, as they are. `whom`: stood in for, or empty.

    The desk says it in its own language (desk/words.py).
    """

    __slots__ = ("name", "whom")
    name: str
    whom: str

    def __new__(cls, name: str, whom: str = "") -> Self:
        """Make it of both names."""
        made = super().__new__(cls, f"{name} (thay {whom})" if whom else name)
        made.name, made.whom = name, whom
        return made


class _Said(TypeDecorator[SaidName]):
    """A column of both names."""

    impl = Text
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> SaidName | None:  # noqa: ARG002
        """Return the names apart."""
        return None if value is None else SaidName(*value.split(_APART))


@lru_cache(maxsize=64)  # most pages name somebody, of the same few columns
def said_name(officer_id: Any, at: Any, unit_id: Any, own: tuple[str, ...] = ()) -> ColumnElement[SaidName]:
    """SQL: the name of the Officer of the query, who is this one, with whom they stood in for when they acted.

    `officer_id`, `at`, `unit_id`: columns of the query; the unit whose figures, records or papers the act was of. So a
    page takes no statement more. Nobody is named if the officer had a deciding role of their own above the unit, or at
    it where the absence is of it, or a role of `own` at the unit. Of several absences that which began first
    counts, then that which was noted first.
    """
    up = select(_unit.id, _unit.parent_id).where(_unit.id == unit_id).correlate_except(_unit)
    chain = up.cte("above", recursive=True, nesting=True)
    chain = chain.union(select(_parent.id, _parent.parent_id).join(chain, _parent.id == chain.c.parent_id))
    decides = _theirs.role.in_(DECIDING) & or_(_theirs.unit_id != unit_id, Absence.unit_id == unit_id)
    enough = or_(decides, _theirs.role.in_(own) & (_theirs.unit_id == unit_id)) if own else decides
    held = (
        exists()
        .where(
            _theirs.officer_id == Absence.deputy_id,
            _theirs.since <= at,
            or_(_theirs.ended_at.is_(None), _theirs.ended_at > at),
            _theirs.unit_id.in_(select(chain.c.id)),
            enough,
        )
        .correlate_except(_theirs)
    )
    whom = select(_absent.name).join(Absence, Absence.officer_id == _absent.id)
    whom = whom.where(Absence.deputy_id == officer_id, lasts(at), Absence.unit_id.in_(select(chain.c.id)), ~held)
    first = (
        whom.order_by(Absence.begins_at, Absence.at, Absence.id)
        .limit(1)
        .correlate_except(_absent, Absence)
        .scalar_subquery()
    )
    return type_coerce(func.coalesce(Officer.name + _APART + first, Officer.name), _Said)


def deciders(session: Session, decision_ids: Iterable[str]) -> dict[str, SaidName]:
    """Return who made these decisions, by their ids; one statement."""
    name = said_name(DecisionRow.officer_id, DecisionRow.at, Stream.unit_id)
    query = select(DecisionRow.id, name).join(Officer, Officer.id == DecisionRow.officer_id)
    query = query.join(Record, Record.id == DecisionRow.record_id).join(Stream, Stream.id == Record.stream_id)
    return dict(session.execute(query.where(DecisionRow.id.in_(set(decision_ids)))).all())
