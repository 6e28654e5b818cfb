"""Photos to be compared: each photo that was kept (photos/photo_index.py), also again, until the job has done it.

Each province has a job of its own, so that several workers can compare at once: a job reads the windows of all photos
of its province, and needs no others. Nothing here knows numpy: the server imports this.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.core.points import Point
from server.models import LikenessPending, PhotoRef, Record, Stream, Unit
from server.services.jobs import Attempt, Jobs
from server.services.units import tree

KIND: Final = "likeness.compare"
PROVINCE: Final = "province"
NOWHERE: Final = "nowhere"
"""The part of photos that no record names any more."""
_ABOVE: Final = select(*tree.above((Unit.id, Unit.parent_id, Unit.level)).c)
ANEW: Final = 0
"""`at` of a photo that was compared before and is to be compared anew: nobody waits for it."""
FOUND: Final[Point[Callable[[Session, Collection[str]], None]]] = Point()
"""Called with hashes of photos for which likeness was found, in the transaction that stores it."""


def waits() -> ColumnElement[bool]:
    """Condition on Record: one of its photos is still to be compared for the first time."""
    named = select(PhotoRef.sha256).join(LikenessPending, LikenessPending.sha256 == PhotoRef.sha256)
    named = named.where(PhotoRef.record_id == Record.id, LikenessPending.at != ANEW)
    return named.correlate(Record).exists()


def register(jobs: Jobs) -> None:
    """Make the job known; it runs soon after photos were verified, one for each province that has some."""

    def run(attempt: Attempt, ids: Sequence[str]) -> None:
        comparing = importlib.import_module("server.services.likeness.comparing")  # numpy, in this process alone
        comparing.compare(attempt, jobs.blobs, *ids)

    jobs.register(KIND, run, due=parts)


def parts(session: Session) -> set[str]:
    """Return the provinces of which photos wait, and NOWHERE if there are some that no record has any more."""
    units = session.scalars(_of_records(select(Stream.unit_id).distinct()))
    found = set(provinces(session, list(units)).values())
    lost = select(LikenessPending.sha256).where(_is_nowhere()).limit(1)
    return found if session.scalar(lost) is None else found | {NOWHERE}


def waiting(session: Session, part: str | None, most: int) -> Sequence[Row[str, int]]:
    """Return (hash, at) of photos that wait, at most so many, the oldest first and those made anew last.

    `part`: one of `parts`; None for all.
    """
    query = select(LikenessPending.sha256, LikenessPending.at)
    query = query.order_by(LikenessPending.at == ANEW, LikenessPending.at, LikenessPending.sha256).limit(most)
    if part == NOWHERE:
        query = query.where(_is_nowhere())
    elif part is not None:
        below = tree.subtree(session, [part])
        units = tree.among(session, Stream.unit_id, below, [part])
        if session.get_one(Unit, part).level != PROVINCE:  # who stands above provinces, and has units of its own
            others = session.scalars(select(Unit.id).where(Unit.level == PROVINCE))
            units = one_of(Stream.unit_id, set(below) - set(tree.subtree(session, others)))
        query = query.where(LikenessPending.sha256.in_(_of_records(select(PhotoRef.sha256)).where(units)))
    return session.execute(query).all()


def provinces(session: Session, units: Collection[str]) -> dict[str, str]:
    """Return the province above each of these units, or what stands highest above it."""
    rows = session.execute(_ABOVE, {"units": list(units)}).all() if units else ()
    parents = {row.id: row.parent_id for row in rows}
    levels = {row.id: row.level for row in rows}
    lines = {unit: tree.path(unit, parents) for unit in units}
    return {unit: next((each for each in line if levels[each] == PROVINCE), line[-1]) for unit, line in lines.items()}


def _of_records(query: Select[Any]) -> Select[Any]:
    """Of photos that wait: those that a record has, and that came."""
    found = query.select_from(LikenessPending).join(PhotoRef, PhotoRef.sha256 == LikenessPending.sha256)
    found = found.join(Stream, Stream.id == PhotoRef.stream_id)
    return found.where(PhotoRef.role == "original", PhotoRef.held)


def _is_nowhere() -> ColumnElement[bool]:
    named = select(PhotoRef.sha256).where(PhotoRef.sha256 == LikenessPending.sha256)
    return ~named.where(PhotoRef.role == "original", PhotoRef.held).exists()
