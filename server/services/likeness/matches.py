"""Photos that look alike, as they were found."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.models import PhotoMatch

AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class AlikePhoto:
    """A photo and another one that looks alike. `sure`: there was enough texture to say so."""

    sha256: str
    other: str
    sure: bool
    share: int


def of_photos(session: Session, hashes: Collection[str]) -> list[AlikePhoto]:
    """Return what looks like these photos, seen from each of them."""
    wanted, found = set(hashes), []
    for part in _parts(sorted(wanted)):
        either = or_(PhotoMatch.sha256.in_(part), PhotoMatch.other.in_(part))
        for row in session.scalars(select(PhotoMatch).where(either)):
            pairs = ((row.sha256, row.other), (row.other, row.sha256))
            found += [AlikePhoto(mine, other, row.sure, row.share) for mine, other in pairs if mine in part]
    return found


def _parts(hashes: list[str]) -> Iterator[set[str]]:
    return (set(hashes[at : at + AT_ONCE]) for at in range(0, len(hashes), AT_ONCE))
