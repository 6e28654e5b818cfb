"""Take in a rescue file: each write and photo on its own, acknowledged once it is durable (SPEC R-6 to R-8).

Uses the same `accept` and the same photo checks as the exchange, so that whichever comes second changes nothing.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, time
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import new_id, now_ms, today
from server.core.db import reading, writing
from server.core.problem_details import Problem, place_of, refuse_if
from server.models import Device, Rescue
from server.services.access import devices
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.jobs import Jobs
from server.services.photos import photo_index
from server.services.records.stored import Author, Result
from server.services.recovery import outbox
from server.services.recovery.rescue import device_status
from server.services.recovery.rescue.device_status import DeviceStatus
from server.services.recovery.rescue.opening import Block, Contents, Sealed
from server.services.recovery.rescue.rescue_store import KEEP_MS, RescueStore
from server.services.units.scope import Scope
from sync.errors import Refused
from sync.protocol import INTEGER_MAX
from sync.rescue import WRITES_IN_FILE
from sync.text import is_id, is_well_formed, normal

_log = logging.getLogger(__name__)

NIGHTLY: Final = time(0, 20)
AT_ONCE = 200
"""Writes per transaction: short ones, because clients wait for the lock."""
STORED, THERE, REFUSED, LATER = "stored", "there", "refused", "later"
EARLY = "day_to_come"
"""The code of a write that waits for its day (SPEC F-22)."""
UNANNOUNCED = "photo_unannounced"
"""The code of a photo that no stored write names."""
DRAFT = "draft"
"""Neither taken nor refused: a draft, or a photo that drafts alone name, to be seen in the file that is kept (R-12)."""


SAID = "said"
"""In the result of an answer or a message that says something."""


def register(jobs: Jobs, store: RescueStore) -> None:
    """Make the nightly chore known: each host keeps the files that were handed in there."""

    def chore() -> bool:
        store.sweep()
        take_waiting(store)
        return True

    jobs.register_chore("rescue.take_waiting", chore, nightly=NIGHTLY)


def hand_in(store: RescueStore, officer_id: str, path: Path, *, intact: bool = False) -> str:
    """Take in the file at `path`, which may be moved away. Returns the id of its report.

    Raises Problem or Refused; nothing is stored then. Only `rescue_revoked` may come after some writes, if the device
    was revoked meanwhile (L-7); handed in again, the file waits for a person.
    """
    store.sweep()
    sealed = Sealed(path, store.keyring)
    with reading() as session:
        stands = device_status.of(session, Scope(session, officer_id), sealed.header.device)
        devices.check_rescue(session, stands.device_id)
    closed = "rescue_altered" if stands.author_id else "rescue_foreign"
    contents = sealed.check(intact=intact, closed=closed)
    refuse_if(sealed.entries() > WRITES_IN_FILE, "rescue_too_large")
    rescue_id = new_id()
    writes, taken = _take(store, sealed, stands, contents)
    if stands.held or _is_needed(writes):
        store.hold(path, rescue_id)
    row = Rescue(id=rescue_id, officer_id=officer_id, device_id=stands.device_id, author_id=stands.author_id)
    row.at, row.made_at = now_ms(), sealed.header.made_at
    row.held, row.damaged, row.writes, row.photos = stands.held, contents.damaged, writes, taken
    with writing() as session:
        session.add(row)
        log.append(session, Act.RESCUE_READ, ("device", stands.device_id), times=len(writes) or 1)
    return rescue_id


def take_waiting(store: RescueStore) -> None:
    """Take again the files of this host that hold airings of a day which has come (SPEC F-38)."""
    kept = select(Rescue).where(Rescue.held.is_(False), Rescue.at > now_ms() - KEEP_MS)
    with reading() as session:
        due = [row.id for row in session.scalars(kept.order_by(Rescue.at)) if _is_due(row.writes, today())]
    for rescue_id in due:
        try:
            _take_again(store, rescue_id)
        except FileNotFoundError:
            continue  # it lies on another host
        except (Problem, Refused) as refusal:
            _log.warning("rescue file %s waits on: %s", rescue_id, refusal.code)
        except Exception as error:  # noqa: BLE001  # the files behind it are no worse for it
            _log.warning("rescue file %s waits on: %s", rescue_id, place_of(error))


def _take_again(store: RescueStore, rescue_id: str) -> None:
    path = store.held(rescue_id)
    sealed = Sealed(path, store.keyring)
    contents = sealed.check(intact=True)
    with reading() as session:
        row = session.get_one(Rescue, rescue_id)
        shut_out = device_status.is_shut_out(session, session.get_one(Device, row.device_id))
        stands = DeviceStatus(row.device_id, row.author_id, held=shut_out)
    writes, taken = _take(store, sealed, stands, contents)
    with writing() as session:
        row = session.get_one(Rescue, rescue_id)
        row.writes = _since(row.writes, writes, "id") if not shut_out else []
        row.photos, row.held = taken if shut_out else _since(row.photos, taken, "sha256"), shut_out
    if not (shut_out or _is_needed(writes)):
        path.unlink(missing_ok=True)


def _since(before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The results of a file that was taken again: what it brought the first time is still what it brought."""
    brought = {each[name]: each for each in before if each["result"] == STORED}
    return [brought.get(each[name], each) if each["result"] == THERE else each for each in after]


def _is_needed(writes: Iterable[Mapping[str, Any]]) -> bool:
    """True if somebody may look at the file, or the server takes it again."""
    return any(each["result"] == DRAFT or each.get("code") == EARLY or is_untaken(each) for each in writes)


def is_untaken(result: Mapping[str, Any]) -> bool:
    """True for an answer or a message that was not taken: its words are read in the file (R-12), but for a purge."""
    return SAID in result and result["result"] in (REFUSED, LATER) and result.get("code") != "purged"


def _is_due(writes: Iterable[Mapping[str, Any]], now: date) -> bool:
    days = (each.get("field", "").partition("/")[2] for each in writes if each.get("code") == EARLY)
    return any(day <= f"{now:%Y%m%d}" for day in days)


def _take(
    store: RescueStore, sealed: Sealed, stands: DeviceStatus, contents: Contents
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Take what may be taken without a person. Returns the results of the writes and drafts, and of the photos."""
    if stands.held:
        return [], [_place(sha256, block) for sha256, block in contents.photos.items()]
    drafts, named = _drafts(sealed)
    writes = [*_store(stands, sealed.writes(), sealed.header.app), *_answer(stands, sealed), *drafts]
    return writes, [_taken(store, sealed, stands, named, *found) for found in contents.photos.items()]


def _drafts(sealed: Sealed) -> tuple[list[dict[str, Any]], set[str]]:
    """What is noted of the file's drafts, and the hashes that they name."""
    noted: list[dict[str, Any]] = []
    named: set[str] = set()
    for draft in sealed.drafts():
        noted.append({"id": draft.id, "record": "", "result": DRAFT})
        named |= draft.hashes
    return noted, named


def _taken(
    store: RescueStore, sealed: Sealed, stands: DeviceStatus, named: Collection[str], sha256: str, block: Block
) -> dict[str, Any]:
    """The result of one photo. One to be asked again keeps its place in the file."""
    result = take_photo(store, sealed, _author(stands), sha256, block)
    if sha256 in named and result.get("code") == UNANNOUNCED:
        return _place(sha256, block) | {"result": DRAFT}
    return _place(sha256, block) | result if result["result"] == LATER else result


def _author(stands: DeviceStatus) -> Callable[[Session], Scope]:
    def scope(session: Session) -> Scope:
        device = session.get_one(Device, stands.device_id)
        refuse_if(device_status.is_shut_out(session, device), "rescue_revoked")
        return Scope(session, device.officer_id, grace=True)

    return scope


def _store(stands: DeviceStatus, raws: Iterator[Any], app: int) -> Iterator[dict[str, Any]]:
    while some := list(itertools.islice(raws, AT_ONCE)):
        for span in outbox.parts(some, AT_ONCE):
            part = some[span.start : span.stop]
            with writing() as session:
                author = Author(_author(stands)(session), stands.device_id, app)
                results = outbox.take(session, author, part)
            yield from (outcome(raw, result) for raw, result in zip(part, results, strict=True))


def _answer(stands: DeviceStatus, sealed: Sealed) -> Iterator[dict[str, Any]]:
    """Store answers to returns and messages as a push does (X-47). Yields a result each, in the form of a write's."""
    bodies = itertools.chain(
        ((outbox.REPLY, raw) for raw in sealed.replies()), ((outbox.MESSAGE, raw) for raw in sealed.messages())
    )
    for kind, raw in bodies:
        id_, said = raw.get("id"), {SAID: True} if text_of(raw) else {}
        if not is_id(id_):
            yield {"id": "", "record": "", "result": REFUSED, "code": "bad_write"}
            continue
        entry = {"id": id_, kind: raw | {"at": moment(raw.get("at"))}}
        with writing() as session:
            author = Author(_author(stands)(session), stands.device_id, sealed.header.app)
            [result] = outbox.take(session, author, [entry])
        yield outcome(raw, result) | said


def text_of(body: Mapping[str, Any]) -> str:
    """The words of an answer or a message, as they are shown; "" where nobody could read any."""
    text = body.get("text")
    return normal(text) if isinstance(text, str) and is_well_formed(text) else ""


def moment(at: object) -> int:
    """An answer's time by the phone's clock, in ms; 0 for what is none."""
    return at if isinstance(at, int) and not isinstance(at, bool) and 0 <= at <= INTEGER_MAX else 0


def outcome(raw: object, result: Result) -> dict[str, Any]:
    """The stored result of a write: ids and codes, none of its values."""
    record = raw.get("record") or raw.get("id") if isinstance(raw, dict) else None
    fate = result.result if result.new or result.result != STORED else THERE
    kept = {"id": result.id, "record": record if is_id(record) else "", "result": fate}
    return kept | {name: value for name, value in (("code", result.code), ("field", result.field)) if value}


def take_photo(
    store: RescueStore, sealed: Sealed, scope_of: Callable[[Session], Scope], sha256: str, block: Block
) -> dict[str, Any]:
    """Check one photo and keep it for the streams in which a stored write names it; returns the result.

    It is `later` where it could not be judged for a reason that is not its own: what else the file holds is taken, and
    the file may be handed in again.
    """

    def streams_of(session: Session) -> list[str]:
        found = photo_index.announced_streams(session, scope_of(session), sha256)
        refuse_if(not found, UNANNOUNCED)
        return found

    path, thumb = store.room(".photo"), store.room(".thumb")
    try:
        with reading() as session:
            if photo_index.is_kept(session, store.blobs, streams_of(session), sha256):
                return {"sha256": sha256, "result": THERE}
        path.write_bytes(sealed.contents(block))
        code = photo_index.store(path, thumb, streams_of, sha256, store.blobs)
    except Problem as problem:
        if problem.code == "unavailable":
            return {"sha256": sha256, "result": LATER}
        if problem.code != UNANNOUNCED:  # no write names it, or a purge removed the record
            raise
        code = problem.code
    except Refused as refused:  # a waiting file was damaged since
        code = refused.code
    finally:
        path.unlink(missing_ok=True)
        thumb.unlink(missing_ok=True)
    return {"sha256": sha256, "result": REFUSED, "code": code} if code else {"sha256": sha256, "result": STORED}


def _place(sha256: str, block: Block) -> dict[str, Any]:
    return {"sha256": sha256, "number": block.number, "at": block.at, "size": block.size}


def block_of(place: Mapping[str, Any]) -> Block:
    """The block of a photo in a waiting file."""
    return Block(place["number"], b"P", place["at"], place["size"])
