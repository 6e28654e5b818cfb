"""Whether this installation holds the sample data of the demo."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from server.models import Meta, Unit
from server.models.installation import DEMO

IS_DEMO: Final[ColumnElement[bool]] = exists().where(Meta.key == DEMO)
"""Condition: this is a database of sample data."""


def is_demo(session: Session) -> bool:
    """True in a database of sample data."""
    return session.get(Meta, DEMO) is not None


def trees(session: Session) -> list[Unit]:
    """The highest units: the demo has that of 2021 and that of 2025, the earlier one first."""
    tops = select(Unit).where(Unit.parent_id.is_(None), Unit.merged_at.is_(None))
    return list(session.scalars(tops.order_by(Unit.valid_from, Unit.code)))
