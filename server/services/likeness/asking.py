"""Photos to be compared: each photo that was kept (photos/photo_index.py), also again, until the job has done it.

Nothing here knows numpy: the server imports this.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Sequence
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from server.core.points import Point
from server.models import LikenessPending, PhotoRef, Record
from server.services.jobs import Attempt, Jobs

KIND: Final = "likeness.compare"
ANEW: Final = 0
"""`at` of a photo that was compared before and is to be compared anew: nobody waits for it."""
FOUND: Final[Point[Callable[[Session, Collection[str]], None]]] = Point()
"""Called with hashes of photos for which likeness was found, in the transaction that stores it."""


def waits() -> ColumnElement[bool]:
    """Condition on Record: one of its photos is still to be compared for the first time."""
    named = select(PhotoRef.sha256).join(LikenessPending, LikenessPending.sha256 == PhotoRef.sha256)
    named = named.where(PhotoRef.record_id == Record.id, LikenessPending.at != ANEW)
    return named.correlate(Record).exists()


def is_due(session: Session) -> bool:
    """True if photos wait to be compared."""
    return session.scalar(select(LikenessPending.sha256).limit(1)) is not None


def register(jobs: Jobs) -> None:
    """Make the job known; it runs soon after photos were verified."""

    def run(attempt: Attempt, _ids: Sequence[str]) -> None:
        comparing = importlib.import_module("server.services.likeness.comparing")  # numpy, in this process alone
        comparing.compare(attempt, jobs.blobs)

    jobs.register(KIND, run, due=is_due)
