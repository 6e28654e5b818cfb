"""A file that waits for a person, who reviews it and takes its writes one by one (SPEC R-9)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import today
from server.core.db import reading, writing
from server.core.problem_details import Problem, required
from server.models import Campaign, Officer, Unit, WriteRow
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.records import stored
from server.services.records.journal import accept
from server.services.records.stored import Author, Result
from server.services.recovery.rescue import device_status, viewing
from server.services.recovery.rescue.homes import Home, homes, readable
from server.services.recovery.rescue.opening import Sealed
from server.services.recovery.rescue.rescue_store import RescueStore
from server.services.recovery.rescue.taking import block_of, take_photo
from server.services.units.scope import Scope
from sync.errors import Refused
from sync.protocol import PHOTO_KEY_LENGTH, PHOTO_PREFIX
from sync.registry import KINDS, Kind
from sync.write import Write, check_values, read


@dataclass(frozen=True, slots=True)
class Offered:
    """A write of the file. `taken_by`: set once stored. `code`: why it cannot be; its values are then shown raw."""

    write: Write
    kind: Kind | None
    campaign: Campaign | None
    unit: Unit
    title: str
    taken_by: str
    may_take: bool
    code: str

    def photos(self, held: Collection[str]) -> list[str]:
        """Keys of the photos it adds for which the file has either size; `held`: the file's hashes."""
        added = [] if self.code else _photos(self.write)
        return [str(value["sha256"])[:PHOTO_KEY_LENGTH] for value in added if {*_hashes(value)} & {*held}]


@dataclass(frozen=True, slots=True)
class Offer:
    """The writes that a file holds for this person. `hidden`: number of unreadable ones and ones of other units.

    `gone`: the file is not kept any more. `broken`: the kept file differs from the one handed in.
    """

    writes: list[Offered]
    hidden: int
    photos: Collection[str]
    gone: bool = False
    broken: bool = False

    @property
    def taken(self) -> list[str]:
        """The records in which a write of the file is stored."""
        return [each.write.record for each in self.writes if each.taken_by]


def offer(session: Session, scope: Scope, store: RescueStore, rescue_id: str) -> Offer:
    """The writes of a waiting file, in units that this person may see. Raises Problem `not_found`."""
    row = device_status.row(session, scope, rescue_id)
    try:
        sealed = Sealed(store.held(row.id), store.keyring)
        writes, count = readable(sealed)
    except FileNotFoundError:
        return Offer([], 0, (), gone=True)
    except Refused:
        return Offer([], 0, (), broken=True)
    known = homes(session, writes, {write.record for write in writes}).known
    takers, titles = _takers(session, writes), viewing.titles(session, scope, known)
    offered = [
        _offered(session, scope, write, known[write.record], titles[write.record], takers.get(write.id, ""))
        for write in writes
        if write.record in known and scope.may_see(known[write.record].unit_id)
    ]
    photos = {place["sha256"] for place in row.photos}
    return Offer(offered, count - len(offered), photos, broken=not row.damaged and not sealed.is_whole())


def take(store: RescueStore, officer_id: str, rescue_id: str, write_id: str) -> Result:
    """Store one write with this person as its writer, then the photos it names. Raises Problem `not_found`."""
    sealed, places = _open(store, officer_id, rescue_id)
    raw = required(next((raw for raw in sealed.writes() if isinstance(raw, dict) and raw.get("id") == write_id), None))
    with writing() as session:
        result = accept(session, Author(Scope(session, officer_id)), [raw])[0]
        if result.result == "stored":
            log.append(session, Act.RESCUE_TAKEN, ("rescue", rescue_id))
    if result.result == "stored":
        files = stored.named_by("", "", read(raw))
        named = {sha256 for file in files for sha256, _, _ in file.roles}
        _take_photos(store, sealed, officer_id, [place for place in places if place["sha256"] in named])
    return result


def take_photos(store: RescueStore, officer_id: str, rescue_id: str) -> int:
    """Keep all photos of the file that stored writes name by now; returns how many were new."""
    sealed, places = _open(store, officer_id, rescue_id)
    return _take_photos(store, sealed, officer_id, places)


def picture(store: RescueStore, officer_id: str, rescue_id: str, key: str) -> bytes:
    """A small JPEG, made by us, of a photo that a write shown to this person names. Raises Problem `not_found`."""
    with reading() as session:
        offered = offer(session, Scope(session, officer_id), store, rescue_id).writes
    values = (each.write.set.get(f"{PHOTO_PREFIX}{key}") for each in offered)
    value = next((value for value in values if isinstance(value, dict)), {})
    sealed, places = _open(store, officer_id, rescue_id)
    for sha256 in _hashes(value):
        place = next((place for place in places if place["sha256"] == sha256), None)
        small = store.look(sealed.contents(block_of(place))) if place else None
        if small is not None:
            return small
    raise Problem("not_found")


def _open(store: RescueStore, officer_id: str, rescue_id: str) -> tuple[Sealed, list[Mapping[str, Any]]]:
    with reading() as session:
        row = device_status.row(session, Scope(session, officer_id), rescue_id)
        places = list(row.photos)
    try:
        return Sealed(store.held(rescue_id), store.keyring), places
    except (FileNotFoundError, Refused) as error:
        raise Problem("not_found") from error


def _take_photos(store: RescueStore, sealed: Sealed, officer_id: str, places: Iterable[Mapping[str, Any]]) -> int:
    def scope(session: Session) -> Scope:
        return Scope(session, officer_id)

    taken = [take_photo(store, sealed, scope, place["sha256"], block_of(place)) for place in places]
    return sum(row["result"] == "stored" for row in taken)


def _photos(write: Write) -> list[Mapping[str, Any]]:
    return [value for name, value in write.set.items() if name.startswith(PHOTO_PREFIX) and isinstance(value, dict)]


def _hashes(value: Mapping[str, Any]) -> tuple[str, str]:
    """The hashes of the thumbnail and of the photo itself."""
    return str(value.get("thumb_sha256")), str(value.get("sha256"))


def _takers(session: Session, writes: Iterable[Write]) -> dict[str, str]:
    """By write: the name under which it is stored, if it is."""
    names = select(WriteRow.id, Officer.name).join(Officer, Officer.id == WriteRow.officer_id)
    return dict(session.execute(names.where(WriteRow.id.in_([write.id for write in writes]))).all())


def _offered(session: Session, scope: Scope, write: Write, home: Home, title: str, taken_by: str) -> Offered:
    campaign = session.get(Campaign, home.campaign_id)
    return Offered(
        write=write,
        kind=KINDS.get(home.kind),
        campaign=campaign,
        unit=session.get_one(Unit, home.unit_id),
        title=title,
        taken_by=taken_by,
        may_take=scope.may_write(home.unit_id),
        code=_fault(write, KINDS.get(home.kind), campaign),
    )


def _fault(write: Write, kind: Kind | None, campaign: Campaign | None) -> str:
    """The code that the write by itself would be refused with."""
    if campaign is None or kind is None:
        return "unknown_kind" if kind is None else "unknown_campaign"
    try:
        check_values(write, kind)
    except Refused as refused:
        return refused.code
    return "day_to_come" if kind.day_to_come(write.set, today()) else ""
