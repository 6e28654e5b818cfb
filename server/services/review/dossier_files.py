"""The photos and documents of one record, and how far each has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import DecisionRow, Photo, PhotoRef
from server.services.photos import images
from server.services.records.stored import DOCUMENT
from sync.protocol import PHOTO_KEY_LENGTH
from sync.record import State
from sync.values import Value, is_date


@dataclass(frozen=True, slots=True)
class DossierPhoto:
    """A photo of the record: `state` is `full`, `thumb`, `wanted` or `refused`.

    `thumb`: only the thumbnail can be shown. The original was refused if there is a `code`, else it is on its way.
    """

    key: str
    value: Mapping[str, Value]
    state: str
    code: str | None
    is_new: bool = False
    """It came after the decision in force."""

    @property
    def log_week(self) -> tuple[date, date] | None:
        """Return first and last day of the week of which it shows the station's log (SPEC P-29)."""
        said = self.value.get("log_week")
        if not is_date(said):
            return None
        monday = date.fromisoformat(str(said))
        return None if monday.weekday() else (monday, monday + timedelta(days=6))


@dataclass(frozen=True, slots=True)
class DossierDocument:
    """A PDF of the record: `state` is `full`, `wanted` or `refused`, then with a `code`."""

    key: str
    value: Mapping[str, Value]
    state: str
    code: str | None
    is_new: bool
    """It came after the decision in force."""


def read_photos(session: Session, record_id: str, state: State, decision: DecisionRow | None) -> list[DossierPhoto]:
    """The photos that its state names, in order."""
    refs = {ref.sha256: ref for ref in session.scalars(select(PhotoRef).where(PhotoRef.record_id == record_id))}
    judged = {photo.sha256: photo for photo in session.scalars(select(Photo).where(Photo.sha256.in_(refs)))}

    def has(sha256: str) -> bool:
        came = sha256 in refs and refs[sha256].held and refs[sha256].role != DOCUMENT
        return came and sha256 in judged and judged[sha256].state == "verified"

    found = []
    before = decision.sides if decision else None
    for name, value in state.photos.items():
        full, thumb = str(value["sha256"]), str(value["thumb_sha256"])
        refused = judged[full].code if full in judged and refs[full].held else None
        here = "full" if has(full) else "thumb" if has(thumb) else "refused" if refused else "wanted"
        found.append(
            DossierPhoto(full[:PHOTO_KEY_LENGTH], value, here, refused, before is not None and name not in before)
        )
    return found


def read_documents(
    session: Session, record_id: str, state: State, decision: DecisionRow | None
) -> list[DossierDocument]:
    """The PDFs that its state names, in order."""
    if not state.documents:
        return []
    query = select(PhotoRef, Photo).outerjoin(Photo, Photo.sha256 == PhotoRef.sha256)
    rows = session.execute(query.where(PhotoRef.record_id == record_id, PhotoRef.role == DOCUMENT))
    came = {ref.sha256: (ref, photo) for ref, photo in rows}
    before = decision.sides if decision else None
    found = []
    for name, value in state.documents.items():
        sha256 = str(value["sha256"])
        ref, photo = came.get(sha256, (None, None))
        code = images.role_refusal(DOCUMENT, photo) if photo else None
        here = "full" if ref and ref.held and photo and not code else "refused" if code else "wanted"
        is_new = before is not None and name not in before
        found.append(DossierDocument(sha256[:PHOTO_KEY_LENGTH], value, here, code, is_new))
    return found
