"""Photos and PDF files that a rescue file did not bring: waiting in it, absent from it, or refused (SPEC R-8)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.models import PhotoRef, Rescue
from server.services.records.stored import DOCUMENT, ORIGINAL, THUMB
from server.services.recovery.rescue.taking import REFUSED, UNANNOUNCED


class _Fate(IntEnum):
    """Of a photo and its thumbnail the greater counts."""

    ABSENT = 1
    LATER = 2
    REFUSED = 3


@dataclass(frozen=True, slots=True)
class _Ref:
    """What a record names: the columns of `photo_ref`."""

    sha256: str
    role: str
    thumb_sha256: str | None
    held: bool


@dataclass(frozen=True, slots=True)
class FileCount:
    """Numbers of photos, each with its thumbnail, and of PDF files."""

    photos: int = 0
    documents: int = 0

    def __bool__(self) -> bool:
        return self.photos + self.documents > 0


@dataclass(frozen=True, slots=True)
class PutOff:
    """What the records of a file lack.

    `later`: in the file, and not judged yet. `absent`: not in the file, and no phone sent it. `refused`: judged, and
    taken by no record. `unnamed`: the file holds some that no stored write names. `roles`: by hash, what the records
    call it.
    """

    later: FileCount
    absent: FileCount
    refused: FileCount
    unnamed: bool
    roles: Mapping[str, str]


def put_off(session: Session, row: Rescue, record_ids: Collection[str]) -> PutOff:
    """What these records lack by now, though a file was handed in."""
    query = select(PhotoRef.sha256, PhotoRef.role, PhotoRef.thumb_sha256, PhotoRef.held)
    rows = session.execute(query.where(one_of(PhotoRef.record_id, record_ids)))
    refs = [_Ref(*row) for row in rows]
    roles = {ref.sha256: ref.role for ref in refs}
    fates = _fates(refs, {str(place["sha256"]): place for place in row.photos})
    refused = [place for place in row.photos if place.get("result") == REFUSED]
    return PutOff(
        later=_count(fates, _Fate.LATER),
        absent=_count(fates, _Fate.ABSENT),
        refused=_count(fates, _Fate.REFUSED),
        unnamed=any(place["sha256"] not in roles for place in refused),
        roles=roles,
    )


def _fates(refs: Collection[_Ref], places: Mapping[str, Mapping[str, Any]]) -> dict[tuple[str, str], _Fate]:
    """By role and hash of an original or a document, what became of it, unless it was taken."""
    originals = {ref.thumb_sha256: ref.sha256 for ref in refs if ref.role == ORIGINAL}
    found: dict[tuple[str, str], _Fate] = {}
    for ref in refs:
        fate = _fate(places.get(ref.sha256), held=ref.held)
        if fate is None:
            continue
        is_thumb = ref.role == THUMB
        key = (ORIGINAL if is_thumb else ref.role, originals.get(ref.sha256, ref.sha256) if is_thumb else ref.sha256)
        found[key] = max(fate, found.get(key, fate))
    return found


def _fate(place: Mapping[str, Any] | None, *, held: bool) -> _Fate | None:
    """What became of one hash; `held`: its bytes came from the stream, be it that they were refused (P-15).

    One that no stored write named then was not judged: by now it may have come, or comes when it is handed in again.
    """
    if place is not None and place.get("result") == REFUSED and place.get("code") != UNANNOUNCED:
        return _Fate.REFUSED
    if held:
        return None
    return _Fate.ABSENT if place is None else _Fate.LATER


def _count(fates: Mapping[tuple[str, str], _Fate], fate: _Fate) -> FileCount:
    roles = [role for (role, _), found in fates.items() if found == fate]
    return FileCount(photos=len(roles) - roles.count(DOCUMENT), documents=roles.count(DOCUMENT))
