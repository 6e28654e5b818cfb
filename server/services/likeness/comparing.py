"""The job: waiting photos get their windows, are asked against those of their province, and the near ones compared.

It may be begun again at any point: what it writes is written over, and a photo waits until all of it is stored. The
windows of a part are stored before anything is asked, so of two jobs at once one sees the other's photos. Photos that
were compared before, and are only to be made anew, come last.

Where a photo belongs: the provinces and years of the campaigns whose records name it.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO, Final

from PIL import Image
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.bulk import inserting
from server.core.clock import now_ms
from server.core.db import reading, writing
from server.decoding.limits import Decoding, Unfit
from server.decoding.service import decode
from server.models import Campaign, LikenessPending, Photo, PhotoMatch, PhotoRef, PhotoWindows, Stream
from server.services.jobs import Attempt
from server.services.likeness import asking
from server.services.likeness.asking import FOUND
from server.services.likeness.judging import LikenessVerdict, judge_all
from server.services.likeness.pictures import SIDE, Greys
from server.services.likeness.search import Index
from server.services.likeness.seen import PhotoViews

Place = tuple[str, int]
"""A province's id, and the year in which the campaign begins."""


def of_photos(session: Session, hashes: Collection[str]) -> dict[str, set[Place]]:
    """Return the places of those of these hashes that are original photos, and held."""
    rows = session.execute(
        select(PhotoRef.sha256, Stream.unit_id, Campaign.starts_on)
        .join(Stream, Stream.id == PhotoRef.stream_id)
        .join(Campaign, Campaign.id == Stream.campaign_id)
        .where(PhotoRef.sha256.in_(hashes), PhotoRef.role == "original", PhotoRef.held)
        .distinct()
    ).all()
    found: dict[str, set[Place]] = defaultdict(set)
    provinces = asking.provinces(session, {unit for _, unit, _ in rows})
    for sha256, unit, begins in rows:
        found[sha256].add((provinces[unit], begins.year))
    return dict(found)


AT_ONCE: Final = 200
TURN: Final = 400
"""Photos of a part before other jobs have their turn: a worker does one job at a time, and people wait for theirs."""
KEPT: Final = 150
"""Pictures kept in memory, of up to 550 kB each."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A photo of this part, with what it shows."""

    sha256: str
    at: int
    places: Collection[Place]
    seen: PhotoViews


class _Pictures:
    """Photos from the store in grey, the last ones kept."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._kept: OrderedDict[str, Greys | None] = OrderedDict()

    def __call__(self, sha256: str) -> Greys | None:
        """Return the photo in grey; None if the store has none: it was purged."""
        if sha256 not in self._kept:
            file = self._blobs.open(sha256)
            self._kept[sha256] = _opened(file) if file is not None else None
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return self._kept[sha256]


def _opened(file: BinaryIO) -> Greys | None:
    try:
        with file, NamedTemporaryFile() as made:
            wide, high = map(int, decode(Decoding.GREY_PHOTO, [file], [Path(made.name)], side=SIDE))
            pixels = made.read()
            right = 0 < wide * high == len(pixels) and max(wide, high) <= SIDE
            return Greys(Image.frombytes("L", (wide, high), pixels)) if right else None
    except (OSError, TypeError, ValueError, Unfit):  # damaged in the store: it must not keep all others waiting
        return None


def compare(attempt: Attempt, blobs: Blobs, part: str | None = None) -> None:
    """Compare photos that wait: of a part (asking.parts) so many, or all of them. Raises what database, store raise."""
    pictures, done = _Pictures(blobs), 0
    while part is None or done < TURN:  # what is left of a part is due again
        with reading() as session:
            rows = asking.waiting(session, part, AT_ONCE)
        if not rows:
            return
        attempt.progress(done, done + 2 * len(rows))
        _part(attempt, [(sha256, at) for sha256, at in rows], pictures)
        done += len(rows)


def _part(attempt: Attempt, rows: Sequence[tuple[str, int]], pictures: _Pictures) -> None:
    waiting = _read(rows, pictures)
    with writing() as session:
        _store_windows(session, waiting)
    found: list[LikenessVerdict] = []
    for place in sorted(_wanted(waiting), key=lambda place: (place[0], -place[1])):
        index = _index(place)
        for each in waiting:
            attempt.progress(0, 1)
            if any(province == place[0] for province, _ in each.places):
                found += judge_all(each.sha256, each.seen, index.ask(each.seen), pictures)
    with writing() as session:
        _store(session, rows, found)


def _read(rows: Sequence[tuple[str, int]], pictures: _Pictures) -> list[_Waiting]:
    with reading() as session:
        where = of_photos(session, [sha256 for sha256, _ in rows])
    shown = ((sha256, at, pictures(sha256)) for sha256, at in rows if sha256 in where)
    return [
        _Waiting(sha256, at, where[sha256], PhotoViews.of(picture))
        for sha256, at, picture in shown
        if picture is not None
    ]


def _store_windows(session: Session, waiting: Sequence[_Waiting]) -> None:
    """Store them for photos that are still there: a purge may have come between."""
    here = _there(session, [each.sha256 for each in waiting])
    names = ("hashes", "parts", "spots")
    rows = [
        {"sha256": each.sha256, "province_id": province, "year": year, **dict(zip(names, each.seen.kept, strict=True))}
        for each in waiting
        if each.sha256 in here
        for province, year in sorted(each.places)
    ]
    if rows:
        made = inserting(session, PhotoWindows)
        changed = {name: made.excluded[name] for name in names}
        keys = ["sha256", "province_id", "year"]
        session.execute(made.on_conflict_do_update(index_elements=keys, set_=changed), rows)


def _there(session: Session, hashes: Collection[str]) -> set[str]:
    """Return those of these photos that exist, locked so that a purge waits."""
    found: set[str] = set()
    every = sorted(set(hashes))
    for start in range(0, len(every), AT_ONCE):
        part = select(Photo.sha256).where(Photo.sha256.in_(every[start : start + AT_ONCE])).order_by(Photo.sha256)
        found.update(session.scalars(part.with_for_update(read=True)))
    return found


def _wanted(waiting: Sequence[_Waiting]) -> set[Place]:
    """Return all places to ask: every year of the photos' provinces."""
    provinces = {province for each in waiting for province, _ in each.places}
    with reading() as session:
        rows = select(PhotoWindows.province_id, PhotoWindows.year).where(PhotoWindows.province_id.in_(provinces))
        return {(province, year) for province, year in session.execute(rows.distinct())}


def _index(place: Place) -> Index:
    with reading() as session:
        rows = session.execute(
            select(PhotoWindows.sha256, PhotoWindows.hashes, PhotoWindows.parts, PhotoWindows.spots).where(
                PhotoWindows.province_id == place[0], PhotoWindows.year == place[1]
            )
        ).all()
    return Index.of([(sha256, hashes, parts, spots) for sha256, hashes, parts, spots in rows])


def _store(session: Session, rows: Sequence[tuple[str, int]], found: Sequence[LikenessVerdict]) -> None:
    """Store what was found; photos that were not verified anew meanwhile wait no longer."""
    # Also those without likeness: the same bytes in another record need no comparing, yet are to be told. First of
    # all, because a purge, too, takes these rows before those of photos.
    touched = {sha256 for sha256, _ in rows} | {sha256 for each in found for sha256 in each.pair}
    for _, tell in FOUND.named():
        tell(session, touched)
    here = _there(session, [sha256 for each in found for sha256 in each.pair])
    told: dict[tuple[str, str], dict[str, Any]] = {
        each.pair: {
            "sha256": each.pair[0],
            "other": each.pair[1],
            "sure": each.sure,
            "share": each.share,
            "laid": each.laid,
            "found_at": now_ms(),
        }
        for each in found
        if here.issuperset(each.pair)
    }
    if told:
        made = inserting(session, PhotoMatch)
        changed = {name: made.excluded[name] for name in ("sure", "share", "laid", "found_at")}
        session.execute(
            made.on_conflict_do_update(index_elements=["sha256", "other"], set_=changed), list(told.values())
        )
    by_time: dict[int, list[str]] = defaultdict(list)
    for sha256, at in rows:
        by_time[at].append(sha256)
    for at, hashes in by_time.items():
        session.execute(delete(LikenessPending).where(LikenessPending.at == at, LikenessPending.sha256.in_(hashes)))
