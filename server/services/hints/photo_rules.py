"""Photos: chosen from the gallery, forwarded by another app, or the same as in another record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.models import Campaign, PhotoRef, Record, Stream
from server.services.hints.facts import Facts, StreamFacts
from server.services.hints.found import FoundHint, others
from server.services.likeness import matches
from sync.decision import PURGED

AT_ONCE = 500
_SOURCES = {"photo_gallery": "gallery", "photo_forwarded": "forwarded"}


def look(session: Session, told: StreamFacts) -> Iterator[FoundHint]:
    """Yield the hints of all records of a stream."""
    for record in told.records:
        for rule, source in _SOURCES.items():
            count = sum(photo.get("source") == source for photo in record.photos)
            if count:
                yield FoundHint(record.id, rule, count)
    yield from _alike(session, told)


def _alike(session: Session, told: StreamFacts) -> Iterator[FoundHint]:
    """The same bytes, and what looks alike, in other records. Within one record nobody asks."""
    hashes = {record.id: {str(photo["sha256"]) for photo in record.photos} for record in told.records}
    every = {sha256 for those in hashes.values() for sha256 in those}
    like = defaultdict(list)
    for each in matches.of_photos(session, every):
        like[each.sha256].append(each)
    homes = _homes(session, told, every | {each.other for those in like.values() for each in those})
    for record in told.records:
        sure: dict[str, tuple[str, str]] = {}
        unsure: dict[str, tuple[str, str]] = {}
        for sha256 in sorted(hashes[record.id]):
            _note(sure, homes, record, sha256, sha256)
            for each in like[sha256]:
                _note(sure if each.sure else unsure, homes, record, sha256, each.other)
        for rule, these in (("photo_same", sure), ("photo_texture", unsure)):
            left = {id_: pair for id_, pair in these.items() if rule == "photo_same" or id_ not in sure}
            if left:
                kept = others(left)
                pairs = {id_: [key[:16] for key in left[id_]] for id_ in kept["others"]}
                yield FoundHint(record.id, rule, len(left), kept | {"pairs": pairs})


def _note(
    into: dict[str, tuple[str, str]], homes: Mapping[str, list[str]], record: Facts, mine: str, theirs: str
) -> None:
    for id_ in homes.get(theirs, ()):
        if id_ != record.id:
            into.setdefault(id_, (mine, theirs))


def _homes(session: Session, told: StreamFacts, hashes: set[str]) -> dict[str, list[str]]:
    """Return the records that show each photo: held, submitted, not deleted. Practice is compared with itself alone."""
    found: dict[str, list[str]] = defaultdict(list)
    every = sorted(hashes)
    for start in range(0, len(every), AT_ONCE):
        part = every[start : start + AT_ONCE]
        rows = select(PhotoRef.sha256, PhotoRef.record_id).join(Record, Record.id == PhotoRef.record_id)
        rows = rows.join(Stream, Stream.id == Record.stream_id).join(Campaign, Campaign.id == Stream.campaign_id)
        rows = rows.where(or_(Campaign.practice.is_(False), Campaign.id == told.campaign_id))
        rows = rows.where(PhotoRef.sha256.in_(part), PhotoRef.role == "original", PhotoRef.held)
        for sha256, id_ in session.execute(rows.where(Record.state.not_in(("draft", "deleted", PURGED)))):
            found[sha256].append(id_)
    return found
