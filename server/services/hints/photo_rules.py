"""Photos: chosen from the gallery, forwarded by another app, or like one of another record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.core.bulk import grouped, one_of
from server.models import Campaign, PhotoRef, Record, Stream
from server.services.hints.facts import StreamFacts
from server.services.hints.found import FoundHint, others
from server.services.likeness import matches
from sync.protocol import PHOTO_KEY_LENGTH
from sync.record import PURGED

_SOURCES = {"photo_gallery": "gallery", "photo_forwarded": "forwarded"}
Homes = Mapping[str, Sequence[tuple[str, str]]]
"""By a photo's hash, the records that show it or one like it, each with the hash of the photo there."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where the photos of a stream are shown. `same`: the same bytes, and what is like them for certain."""

    same: Homes
    like: Homes


def elsewhere(session: Session, stream: StreamFacts) -> Elsewhere:
    """Return the records that show the photos of this stream."""
    every = {str(photo["sha256"]) for record in stream.records for photo in record.photos}
    found = list(matches.of_photos(session, every))
    homes = _homes(session, stream, every | {each.other for each in found})
    same = defaultdict(list, {sha256: [(id_, sha256) for id_ in homes[sha256]] for sha256 in every & homes.keys()})
    like: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for each in found:
        (same if each.sure else like)[each.sha256] += [(id_, each.other) for id_ in homes.get(each.other, ())]
    return Elsewhere(same, like)


def look(stream: StreamFacts, photos: Elsewhere) -> Iterator[FoundHint]:
    """Yield the hints of all records of a stream. Within one record nobody asks."""
    for record in stream.records:
        for rule, source in _SOURCES.items():
            count = sum(photo.get("source") == source for photo in record.photos)
            if count:
                yield FoundHint(record.id, rule, count)
        hashes = sorted({str(photo["sha256"]) for photo in record.photos})
        sure = {id_ for sha256 in hashes for id_, _ in photos.same.get(sha256, ())} | {record.id}
        unsure: dict[str, tuple[str, str]] = {}
        for sha256 in hashes:
            for id_, theirs in photos.like.get(sha256, ()):
                if id_ not in sure:
                    unsure.setdefault(id_, (sha256, theirs))
        if unsure:
            yield FoundHint(record.id, "photo_texture", len(unsure), beside(unsure))


def beside(pairs: Mapping[str, tuple[str, str]]) -> dict[str, object]:
    """Return the part of a detail that names other records, each with the keys of the two photos."""
    kept = others(pairs)
    return kept | {"pairs": {id_: [key[:PHOTO_KEY_LENGTH] for key in pairs[id_]] for id_ in kept["others"]}}


def _homes(session: Session, stream: StreamFacts, hashes: set[str]) -> dict[str, list[str]]:
    """Return the records that show each photo: held, submitted, not deleted. Practice is compared with itself alone."""
    rows = select(PhotoRef.sha256, PhotoRef.record_id).join(Record, Record.id == PhotoRef.record_id)
    rows = rows.join(Stream, Stream.id == Record.stream_id).join(Campaign, Campaign.id == Stream.campaign_id)
    rows = rows.where(or_(Campaign.practice.is_(False), Campaign.id == stream.campaign_id))
    rows = rows.where(one_of(PhotoRef.sha256, hashes), PhotoRef.role == "original", PhotoRef.held)
    rows = rows.where(Record.state.not_in(("draft", "deleted", PURGED)))
    return grouped((sha256, id_) for sha256, id_ in session.execute(rows))
