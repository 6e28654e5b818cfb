"""What a merger or a split holds while it changes the tree: streams by id, then units, roles and campaigns.

What follows when units have others above them than before: what other capabilities made of the tree is made anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.core.points import Point
from server.models import Stream
from server.models.installation import lock_catalog
from server.services.records import streams
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


AT_ONCE: Final = 10_000
"""Streams that one statement can name. A province has more: one for each unit and campaign there was."""


def hold(session: Session, tops: Iterable[str], others: Iterable[str]) -> None:
    """Lock the streams of `others`, of `tops` and of all below these; then units, roles and campaigns.

    Whoever takes both takes them in this order, as a lock of figures does (locking.py). So no push, seal, merger or job
    that runs at the same time waits for one that waits for it (C-1), and none is in the middle of something.
    Raises ValueError `busy` if a stream came into being before units and campaigns were locked.
    """
    tops, others = list(tops), list(others)
    wanted, held = _streams(session, tops, others), set[str]()
    for start in range(0, len(wanted), AT_ONCE):
        held.update(streams.lock(session, wanted[start : start + AT_ONCE]))
    lock_catalog(session)
    session.expire_all()  # units, roles and campaigns as they are behind the locks
    if not held >= set(_streams(session, tops, others)):
        raise ValueError("busy")


def _streams(session: Session, tops: Sequence[str], others: Sequence[str]) -> list[str]:
    """Return their ids, in the order in which the database locks them."""
    units = {*subtree(session, tops), *others}
    return list(session.scalars(select(Stream.id).where(one_of(Stream.unit_id, units)).order_by(Stream.id)))
