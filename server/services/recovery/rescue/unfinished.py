"""Drafts of a file that was handed in, to be looked at: unsaved forms, photos and documents without one (SPEC R-12)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from server.core.db import reading
from server.core.problem_details import Problem
from server.models import Campaign, Unit
from server.services.recovery.rescue import device_status, viewing
from server.services.recovery.rescue.opening import Sealed
from server.services.recovery.rescue.rescue_store import RescueStore
from server.services.recovery.rescue.taking import DRAFT, block_of
from server.services.units.scope import Scope
from sync.errors import Refused
from sync.registry import KINDS, Kind
from sync.rescue_drafts import RescueDraft
from sync.write import check_value


@dataclass(frozen=True, slots=True)
class Shown:
    """One draft. `title`: the record it edits, if that is here. `photos`: key and time in ms of each in the file.

    `documents`: key and name of each PDF in the file.
    """

    draft: RescueDraft
    kind: Kind | None
    campaign: Campaign | None
    unit: Unit | None
    title: str
    photos: dict[str, int]
    documents: dict[str, str]

    def kind_for(self, name: str) -> Kind | None:
        """The kind by which to show a field; None, so that it is shown raw, for what a form holds half filled in."""
        if self.kind is None or self.campaign is None:
            return None
        try:
            check_value(name, self.draft.values[name], self.kind)
        except Refused:
            return None
        return self.kind


@dataclass(frozen=True, slots=True)
class RescueDrafts:
    """What a file holds that nobody saved. `hidden`: number of drafts of other units. `gone`: no longer kept."""

    drafts: list[Shown]
    hidden: int = 0
    gone: bool = False


def unfinished(session: Session, scope: Scope, store: RescueStore, rescue_id: str) -> RescueDrafts:
    """The drafts of a file, in units that this person may see. Raises Problem `not_found`."""
    row = device_status.row(session, scope, rescue_id)
    if not row.held and all(entry["result"] != DRAFT for entry in row.writes):
        return RescueDrafts([])
    try:
        drafts = list(Sealed(store.held(row.id), store.keyring).drafts())
    except FileNotFoundError:
        return RescueDrafts([], gone=not row.held)  # of a held file its own notice says so
    except Refused:
        return RescueDrafts([])
    seen = [draft for draft in drafts if _may_see(session, scope, draft)]
    titles = viewing.titles(session, scope, {draft.record for draft in seen})
    held = {str(place["sha256"]) for place in row.photos if "number" in place}
    return RescueDrafts([_shown(session, draft, titles, held) for draft in seen], len(drafts) - len(seen))


def photo(store: RescueStore, officer_id: str, rescue_id: str, key: str, *, small: bool) -> bytes:
    """A photo of a draft: a small JPEG made by us, or the photo as it came, once it was judged.

    Raises Problem `not_found`, also for bytes that are no photo.
    """
    with reading() as session:
        scope = Scope(session, officer_id)
        shown = unfinished(session, scope, store, rescue_id).drafts
        row = device_status.row(session, scope, rescue_id)
        places = [place for place in row.photos if "number" in place]
    for each in shown:
        for sha256 in _named(each.draft, key, small=small) if key in each.photos else ():
            data = _found(store, rescue_id, places, sha256)
            looked = store.look(data) if data else None
            if looked is not None and data is not None:
                return looked if small else data
    raise Problem("not_found")


def document(store: RescueStore, officer_id: str, rescue_id: str, key: str) -> bytes:
    """A PDF of a draft as it came, once it was judged. Raises Problem `not_found`, also for bytes that are no PDF."""
    with reading() as session:
        scope = Scope(session, officer_id)
        shown = unfinished(session, scope, store, rescue_id).drafts
        row = device_status.row(session, scope, rescue_id)
        places = [place for place in row.photos if "number" in place]
    for each in shown:
        if key in each.documents:
            data = _found(store, rescue_id, places, str(each.draft.documents[key].get("sha256")))
            if data is not None and store.is_document(data):
                return data
    raise Problem("not_found")


def _named(draft: RescueDraft, key: str, *, small: bool) -> list[str]:
    """The hashes of the photo and its thumbnail, the better one first."""
    value = draft.photos[key]
    full, thumb = str(value.get("sha256")), str(value.get("thumb_sha256"))
    return [thumb, full] if small else [full, thumb]


def _found(store: RescueStore, rescue_id: str, places: Iterable[Mapping[str, Any]], sha256: str) -> bytes | None:
    place = next((place for place in places if place["sha256"] == sha256), None)
    try:
        return Sealed(store.held(rescue_id), store.keyring).contents(block_of(place)) if place else None
    except (FileNotFoundError, Refused):
        return None


def _may_see(session: Session, scope: Scope, draft: RescueDraft) -> bool:
    """A photo or document of which nobody said more is seen by whoever may see the file; all else needs its unit."""
    if draft.is_loose:
        return True
    return bool(draft.unit) and session.get(Unit, draft.unit) is not None and scope.may_see(draft.unit)


def _shown(session: Session, draft: RescueDraft, titles: viewing.Titles, held: Collection[str]) -> Shown:
    photos = {
        key: value["taken_at"] if isinstance(value.get("taken_at"), int) else 0
        for key, value in draft.photos.items()
        if {str(value.get("sha256")), str(value.get("thumb_sha256"))} & {*held}
    }
    return Shown(
        draft=draft,
        kind=KINDS.get(draft.kind),
        campaign=session.get(Campaign, draft.campaign) if draft.campaign else None,
        unit=session.get(Unit, draft.unit) if draft.unit else None,
        title=titles[draft.record],
        photos=photos,
        documents={
            key: str(value.get("name")) for key, value in draft.documents.items() if str(value.get("sha256")) in held
        },
    )
