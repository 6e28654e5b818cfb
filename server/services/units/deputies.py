"""Who stands in for a reviewer who is away: a role by dates, at the desk alone, and whose name the log and papers add.

A deputy decides as a reviewer of the unit, as long as the person who is away holds such a role there, the deputy has a
role there too, and neither account is disabled. So it ends with a membership or a handover, without an act of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from server.models import Absence, Membership, Officer

DECIDING: Final = ("reviewer", "coordinator")
"""Roles of which somebody may be away."""
_held = aliased(Membership)
_theirs = aliased(Membership)
_deputy = aliased(Officer)
_absent = aliased(Officer)
_away = aliased(Officer)
_FOR: Final = (" (thay ", ")")


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


def said_name(officer_id: Any, at: Any) -> ColumnElement[str]:
    """SQL: the name of the Officer of the query, who is this one, with whom they stood in for at a moment, as `said`.

    `officer_id`, `at`: columns of the query. So a page takes no statement more.
    """
    whom = select(func.min(_away.name)).join(Absence, Absence.officer_id == _away.id)
    stood_in = whom.where(Absence.deputy_id == officer_id, lasts(at)).scalar_subquery()
    return func.coalesce(Officer.name + _FOR[0] + stood_in + _FOR[1], Officer.name)


class StoodIn:
    """For whom some people stood in, and when."""

    def __init__(self, session: Session, officer_ids: Iterable[str]) -> None:
        """Read it of these officers; one statement."""
        query = select(Absence, Officer.name).join(Officer, Officer.id == Absence.officer_id)
        rows = session.execute(query.where(Absence.deputy_id.in_(set(officer_ids))).order_by(Absence.begins_at))
        self._found = [(row, name) for row, name in rows]

    def whom(self, officer_id: str, at: int) -> str:
        """Return for whom this officer stood in at a moment (ms); empty for nobody."""
        for row, name in self._found:
            until = row.ends_at if row.ended_at is None else min(row.ends_at, row.ended_at)
            if row.deputy_id == officer_id and row.begins_at <= at < until:
                return name
        return ""

    def said(self, name: str, officer_id: str, at: int) -> str:
        """Return the officer's name, with whom they stood in for, as papers say it: "A (thay B)"."""
        whom = self.whom(officer_id, at)
        return f"{name}{_FOR[0]}{whom}{_FOR[1]}" if whom else name
