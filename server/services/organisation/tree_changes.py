"""What follows when units have others above them than before: what other capabilities made of the tree is made anew."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Final

from sqlalchemy.orm import Session

from server.core.points import Point
from server.services.units.tree import subtree

TREE_CHANGED: Final[Point[Callable[[Session, Collection[str]], None]]] = Point()
"""What follows; it gets the ids of all these units."""


def tell(session: Session, moved: Iterable[str], over: Iterable[str]) -> None:
    """Have it made anew for the units in `moved` with all below them, and for those in `over` alone.

    `over`: units that are above some of `moved` now, or were. Once in an act, after all of it: who takes rows for many
    units takes them in one order.
    """
    changed = {*subtree(session, moved), *over}
    for _, follow in TREE_CHANGED.named():
        follow(session, changed)
