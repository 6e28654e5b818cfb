"""Photos and documents by record: held once their bytes came from the stream whose writes name them (SPEC P-6 to P-8).

The file of a photo or document is checked and stored for the streams that name it, however it came (SPEC P-4, P-12). A
photo that is kept waits from then on to be compared with others (likeness/), which happens behind.

Of bytes that are not what a record calls them (images.py) its reference is never held.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import ColumnElement, exists, literal, or_, select, update
from sqlalchemy.orm import Session

from server.blobs import Blobs, StoreUnavailable
from server.core.bulk import inserting, one_of
from server.core.clock import now_ms
from server.core.db import reading, writing
from server.core.problem_details import Problem, refuse_if, required
from server.models import LikenessPending, Photo, PhotoRef, Stream, WriteRow
from server.services.photos import garbage, images
from server.services.photos.images import Judged, judge, thumb_key
from server.services.records import readiness, streams
from server.services.records.stored import DOCUMENT, ORIGINAL
from server.services.units.scope import Scope
from sync.protocol import DOCUMENT_TYPE
from sync.text import is_id

log = logging.getLogger(__name__)
_KEY = re.compile(r"[0-9a-f]{16}")
StreamsOf = Callable[[Session], list[str]]
"""Returns the ids of the streams to store a photo for. Called when it is stored: rights may have ended since (L-7).

Raises Problem if there is none.
"""


def store(path: Path, thumb: Path, streams_of: StreamsOf, sha256: str, blobs: Blobs) -> str | None:
    """Store the file with this hash, or its refusal. Returns the refusal's code. Writes `thumb` on the way.

    A crash in between leaves a blob without a row: the client sends the bytes again. Raises Problem as `streams_of`
    does, or FileNotFoundError if a purge took the file away. No unreferenced bytes stay (L-11).
    """
    with reading() as session:
        streams_of(session)
        dropped: str | None = garbage.last_drop(session)
    is_pdf = images.is_pdf(path)
    judged = images.judge_document(path) if is_pdf else judge(path, thumb)
    sources = {} if judged.code else {sha256: path} if is_pdf else {thumb_key(sha256): thumb, sha256: path}
    try:
        try:
            for key, source in sources.items():
                blobs.put(key, source)
        except FileNotFoundError:  # a purge took them meanwhile: see below
            dropped = None
        with writing() as session:
            code = _keep(session, streams_of, sha256, judged, blobs, sources, dropped)
    except (Problem, FileNotFoundError):
        with writing() as session:
            garbage.drop(session, [sha256], blobs)  # their record was purged meanwhile
        raise
    for key, source in sources.items():
        garbage.put_back(blobs, key, source)
    return code


def _keep(
    session: Session,
    streams_of: StreamsOf,
    sha256: str,
    judged: Judged,
    blobs: Blobs,
    sources: Mapping[str, Path],
    dropped: str | None,
) -> str | None:
    """Ask for the streams again behind the locks: a purge in one of them held its lock until it was done.

    A purge of another record may have dropped the bytes since they were stored, while no record here named them.
    Only then is the store asked here, `dropped` being the last drop before: others in these streams wait, and text
    must not wait for a store (G6). A purge that dropped them and failed has left no word: so it is asked once more
    behind the commit. Returns the code with which these streams are refused the file.
    """
    locked = streams.lock(session, streams_of(session))
    theirs = locked.keys() & set(streams_of(session))
    garbage.keep_bytes(session)
    if garbage.last_drop(session) != dropped:
        for key, source in sources.items():
            garbage.put_back(blobs, key, source)
    keep(session, theirs, sha256, judged)
    return refusal(session, theirs, sha256)


def announced_streams(session: Session, scope: Scope, sha256: str) -> list[str]:
    """Ids of the streams in which a stored write names this hash and the officer may write, or wrote the record."""
    query = select(Stream.id, Stream.unit_id, _wrote(scope.officer_id)).join(PhotoRef, PhotoRef.stream_id == Stream.id)
    rows = session.execute(query.where(PhotoRef.sha256 == sha256).distinct())
    return list({stream: None for stream, unit, wrote in rows if wrote or scope.may_write(unit)})


def _wrote(officer_id: str) -> ColumnElement[bool]:
    """Condition: the officer wrote in the record. After a move officers still upload their records' photos (L-8)."""
    return exists().where(WriteRow.record_id == PhotoRef.record_id, WriteRow.officer_id == officer_id)


def is_held(session: Session, stream_ids: Collection[str], photo: Photo) -> bool:
    """True when the bytes came from each of these streams (P-6).

    A record that calls them what they are not never holds them (P-18); it asks for nothing once its stream
    brought them. Who never had the bytes is not to learn that somebody else brought them.
    """
    named = PhotoRef.sha256 == photo.sha256, PhotoRef.stream_id.in_(stream_ids)
    refs = session.execute(select(PhotoRef.stream_id, PhotoRef.role, PhotoRef.held).where(*named)).all()
    brought = {stream for stream, _, held in refs if held}
    return all(held or (stream in brought and images.is_refused_for_good(role, photo)) for stream, role, held in refs)


def is_kept(session: Session, blobs: Blobs, stream_ids: Collection[str], sha256: str) -> bool:
    """True if nothing need be sent: the bytes came from each of these streams, and are there or were refused.

    Checks the store too, not only the database: after a restore the database may be newer than the photos.
    """
    photo = session.get(Photo, sha256)
    if photo is None or not is_held(session, stream_ids, photo):
        return False
    return photo.state == "refused" or blobs.has(sha256)


def refusal(session: Session, stream_ids: Collection[str], sha256: str) -> str | None:
    """Return the code of a file that none of these streams may keep; None if one may, or if nothing came."""
    photo = session.get(Photo, sha256)
    named = select(PhotoRef.role).where(PhotoRef.sha256 == sha256, PhotoRef.stream_id.in_(stream_ids)).distinct()
    codes = [images.role_refusal(role, photo) for role in session.scalars(named)] if photo else []
    return codes[0] if codes and all(codes) else None


def keep(session: Session, stream_ids: Collection[str], sha256: str, judged: Judged) -> None:
    """Note that the bytes came and were checked: all records of these streams that name them hold them now.

    Call it only under the streams' locks: a concurrent write that names them either finds them held, or is found (P-6).
    """
    row = {
        "sha256": sha256,
        "state": "refused" if judged.code else "verified",
        "code": judged.code,
        "type": judged.type,
        "size_bytes": judged.size_bytes,
        "width": judged.width,
        "height": judged.height,
        "judged_at": now_ms(),
    }
    if images.is_document(judged.type, judged.code):
        # An older release, which knew no documents, judged the same bytes.
        earlier = update(Photo).where(Photo.sha256 == sha256, Photo.code == images.NOT_IMAGE)
        session.execute(earlier.values(row))
    # Two officers may upload one photo at once: the second finds the first one's result.
    session.execute(inserting(session, Photo).values(row).on_conflict_do_nothing())
    theirs = update(PhotoRef).where(PhotoRef.sha256 == sha256, PhotoRef.stream_id.in_(stream_ids))
    if judged.code is None:
        as_document = PhotoRef.role == DOCUMENT
        theirs = theirs.where(as_document if judged.type == DOCUMENT_TYPE else ~as_document)
    session.execute(theirs.values(held=True, gone=False))
    session.flush()
    readiness.arrived(session, stream_ids, sha256)
    _let_compare(session, sha256)


def _let_compare(session: Session, sha256: str) -> None:
    """Have a photo compared, also again; not a refused one, a thumbnail or a document."""
    original = select(PhotoRef.sha256).where(PhotoRef.sha256 == Photo.sha256, PhotoRef.role == ORIGINAL).exists()
    those = select(Photo.sha256, literal(now_ms())).where(Photo.sha256 == sha256, original, Photo.width > 0)
    made = inserting(session, LikenessPending).from_select(["sha256", "at"], those.where(Photo.state == "verified"))
    session.execute(made.on_conflict_do_update(index_elements=["sha256"], set_={"at": made.excluded.at}))


def note_gone(session: Session, blobs: Blobs, sha256: str) -> None:
    """Note whether the bytes of a file that came are gone from the store, for all records that name it.

    It stays verified: bytes that somebody puts back by hand are believed, and no phone need bring them (B-13).
    """
    named = select(PhotoRef.stream_id).where(PhotoRef.sha256 == sha256).distinct()
    stream_ids = list(streams.lock(session, session.scalars(named)))
    gone = not blobs.has(sha256)  # under the locks: good bytes may have come meanwhile
    theirs = update(PhotoRef).where(PhotoRef.sha256 == sha256, PhotoRef.held, PhotoRef.gone.is_(not gone))
    if session.execute(theirs.values(gone=gone).returning(PhotoRef.record_id)).first() is not None:
        readiness.arrived(session, stream_ids, sha256, anew=False)


def states(session: Session, officer_id: str, unit_ids: Collection[str], hashes: Iterable[str]) -> list[dict[str, str]]:
    """P-8: `verified`, `wanted` or `refused` for each hash announced from these units or in a record of the officer's.

    Other hashes get no answer. By the database alone: of those that are verified the store is to be asked (`there`).
    """
    wanted = list(hashes)
    if not wanted:
        return []
    query = (
        select(PhotoRef.sha256, PhotoRef.stream_id, PhotoRef.held, PhotoRef.role, Photo)
        .join(Stream, Stream.id == PhotoRef.stream_id)
        .outerjoin(Photo, Photo.sha256 == PhotoRef.sha256)
        .where(PhotoRef.sha256.in_(wanted), or_(Stream.unit_id.in_(unit_ids), _wrote(officer_id)))
    )
    rows = session.execute(query).all()
    brought = {(sha256, stream) for sha256, stream, held, _, _ in rows if held}
    found: dict[str, dict[str, str]] = {}
    for sha256, stream, held, role, photo in rows:
        answer = {"sha256": sha256, **_state(photo, role, held=held, brought=(sha256, stream) in brought)}
        if found.get(sha256, {}).get("state") != "wanted":
            found[sha256] = answer
    return list(found.values())


def there(answers: list[dict[str, str]], blobs: Blobs) -> list[dict[str, str]]:
    """Return these answers once the store was asked. Call it in no transaction: text must not wait for a store (G6).

    A photo in the database whose bytes are not in the store is `wanted` again. While the store cannot be asked,
    verified ones get no answer.
    """
    found = {answer["sha256"]: dict(answer) for answer in answers}
    unasked = [sha256 for sha256, answer in found.items() if answer["state"] == "verified"]
    try:
        while unasked:
            if not blobs.has(unasked[-1]):
                found[unasked[-1]]["state"] = "wanted"
            unasked.pop()
    except StoreUnavailable as reason:
        log.warning("states of %d photos left out: %s", len(unasked), type(reason).__name__)
    return [answer for sha256, answer in found.items() if sha256 not in unasked]


def _state(photo: Photo | None, role: str, *, held: bool, brought: bool) -> dict[str, str]:
    """`brought`: some record of the same stream holds the bytes."""
    if photo is None or not (held or (brought and images.is_refused_for_good(role, photo))):
        return {"state": "wanted"}
    code = images.role_refusal(role, photo)
    return {"state": "refused", "code": code} if code else {"state": "verified"}


@dataclass(frozen=True, slots=True)
class PhotoKey:
    """Which bytes to send: their key in the store, under which they never change, and their media type."""

    key: str
    type: str


def find(session: Session, scope: Scope, record_id: str, key: str, size: str) -> list[PhotoKey]:
    """Find a photo of a record the officer may see; `size` is `thumb` or `full`. Raises Problem `not_found` (P-7).

    Returns what may be sent, the best first. Open it after the transaction: a store may be slow, and a connection to
    the database is not to wait for it.
    """
    ref = reference(session, scope, record_id, key, ORIGINAL)
    return [
        PhotoKey(blob, "image/jpeg" if blob != hash_ else session.get_one(Photo, hash_).type)
        for hash_, blob in _candidates(ref, size)
        if _is_verified(session, ref.stream_id, hash_)
    ]


def reference(session: Session, scope: Scope, record_id: str, key: str, role: str) -> PhotoRef:
    """Return what a record the officer may see calls by this key and role. Raises Problem `not_found`."""
    # PostgreSQL accepts no NUL, not even in a query.
    refuse_if(not is_id(record_id) or not _KEY.fullmatch(key), "not_found")
    query = select(PhotoRef, Stream.unit_id).join(Stream, Stream.id == PhotoRef.stream_id)
    row = required(
        session.execute(
            query.where(
                PhotoRef.record_id == record_id,
                PhotoRef.role == role,
                PhotoRef.sha256.startswith(key, autoescape=True),
            )
        ).first()
    )
    refuse_if(not scope.may_see(row.unit_id), "not_found")
    found: PhotoRef = row.PhotoRef
    return found


def _candidates(ref: PhotoRef, size: str) -> Sequence[tuple[str, str]]:
    """(hash that must be held, blob to send), best first. Our thumbnail needs the photo; the phone's comes earlier."""
    if size == "full":
        return [(ref.sha256, ref.sha256)]
    own = (ref.sha256, thumb_key(ref.sha256))
    return [own, (ref.thumb_sha256, ref.thumb_sha256)] if ref.thumb_sha256 else [own]


def _is_verified(session: Session, stream_id: str, sha256: str) -> bool:
    photo = session.get(Photo, sha256)
    if photo is None or photo.state != "verified" or photo.type == DOCUMENT_TYPE:
        return False
    return is_held(session, [stream_id], photo)


def shown_in_lists(session: Session, record_ids: Collection[str]) -> dict[tuple[str, str], bool]:
    """By (record id, sha256 of the original): True if at least a thumbnail can be shown, False if it was refused.

    Photos whose bytes have not come are left out.
    """
    judged = (
        select(PhotoRef.record_id, PhotoRef.sha256, Photo.state)
        .join(Photo, Photo.sha256 == PhotoRef.sha256)
        .where(one_of(PhotoRef.record_id, record_ids), PhotoRef.held)
    )
    states = {(record, sha256): state for record, sha256, state in session.execute(judged)}
    pairs = select(PhotoRef.record_id, PhotoRef.sha256, PhotoRef.thumb_sha256).where(
        one_of(PhotoRef.record_id, record_ids), PhotoRef.role == "original"
    )
    found = {}
    for record, full, thumb in session.execute(pairs):
        came = [states.get((record, sha256)) for sha256 in (full, thumb) if sha256]
        if "verified" in came:
            found[record, full] = True
        elif came[0] == "refused":
            found[record, full] = False
    return found
