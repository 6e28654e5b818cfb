"""Whether this installation holds the sample data of the demo, and who shows which step of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from server.models import Meta, Unit
from server.models.installation import DEMO

IS_DEMO: Final[ColumnElement[bool]] = exists().where(Meta.key == DEMO)
"""Condition: this is a database of sample data."""
CASE_PASSPHRASE: Final = "loa-demo-111-case"  # noqa: S105  # public on purpose: it opens only the demo's cases


_TREE: Final = f"{DEMO}:"
"""Before the year of a tree: names its row, whose value is the campaign and three user names."""


@dataclass(frozen=True, slots=True)
class SampleTree:
    """A tree of units of the demo: its campaign, and the user names that show the work of each side."""

    year: int
    campaign: str
    officer: str
    reviewer: str
    coordinator: str


def is_demo(session: Session) -> bool:
    """True in a database of sample data."""
    return session.get(Meta, DEMO) is not None


def mark(session: Session, shown: Iterable[SampleTree]) -> None:
    """Mark the database as a demo with these trees."""
    session.add(Meta(key=DEMO, value="1"))
    for each in shown:
        value = f"{each.campaign} {each.officer} {each.reviewer} {each.coordinator}"
        session.add(Meta(key=f"{_TREE}{each.year}", value=value))
    session.flush()


def shown(session: Session) -> list[SampleTree]:
    """Return the demo's trees, the earlier one first; none where there is no demo."""
    rows = session.scalars(select(Meta).where(Meta.key.startswith(_TREE)).order_by(Meta.key))
    return [SampleTree(int(row.key.removeprefix(_TREE)), *row.value.split(" ")) for row in rows]


def trees(session: Session) -> list[Unit]:
    """The highest units: the demo has that of 2021 and that of 2025, the earlier one first."""
    tops = select(Unit).where(Unit.parent_id.is_(None), Unit.merged_at.is_(None))
    return list(session.scalars(tops.order_by(Unit.valid_from, Unit.code)))
