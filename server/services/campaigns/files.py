"""Files of a campaign: scripts and banner designs, stored by hash, readable by participating units (SPEC F-7)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.atomic_files import file_digest
from server.core.clock import now_ms
from server.core.problem_details import Problem, refuse_if, required
from server.core.shell_words import t
from server.decoding.limits import Decoding, Unfit
from server.decoding.service import decode
from server.models import Campaign, CampaignFile, Stream
from server.models.installation import lock_catalog
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.photos import garbage, images
from sync.text import encode_id, is_id, is_well_formed

USES: Final = ("script", "design")
MOST_BYTES: Final = 5 * 1024 * 1024
"""Phones keep all of them, and some officers pay for each megabyte."""
MOST_FILES: Final = 30
_IMAGES: Final = {"JPEG": "image/jpeg", "PNG": "image/png"}
_PDF: Final = "application/pdf"
_TEXT: Final = "text/plain"
TYPES: Final = (*_IMAGES.values(), _PDF, _TEXT)
"""Allowed types of a campaign's file."""


_ANSWERS: Final = {None: "unsaid", True: "yes", False: "no"}


class BadFile(Exception):  # noqa: N818  # it reads as the sentence it prints
    """The file cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to give to a campaign."""

    use: str
    title: str
    path: Path
    hotline: bool | None = None
    """Whether it advertises the hotline; None: nobody said so."""
    type: str = ""
    """As `type_of` found it; empty if nobody looked yet. That takes time: a page does it outside a transaction."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file whose bytes are in the blob store under its hash."""

    use: str
    title: str
    type: str
    size_bytes: int
    sha256: str
    hotline: bool | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes to send, with their media type and hash."""

    file: BinaryIO
    type: str
    sha256: str


def add(session: Session, blobs: Blobs, campaign: Campaign, new: NewFile) -> CampaignFile:
    """Give a file to the campaign, as `give` does. Raises as `type_of`."""
    kept = stored(new)
    row = give(session, campaign.id, kept)
    garbage.keep_bytes(session)  # a concurrent purge of the same picture sees it named, or finishes before it is stored
    blobs.put(kept.sha256, new.path)
    return row


def stored(new: NewFile) -> StoredFile:
    """Return what is kept of a file beside its bytes. Raises as `type_of`."""
    size_bytes = new.path.stat().st_size
    return StoredFile(new.use, new.title, new.type or type_of(new.path), size_bytes, file_digest(new.path), new.hotline)


def give(session: Session, campaign_id: str, kept: StoredFile) -> CampaignFile:
    """Give a file to the campaign whose bytes are stored already. Raises BadFile for too many.

    The same file for the same use changes its title, and its answer for the hotline if one is given.
    """
    lock_catalog(session)
    id_ = _id_of(campaign_id, kept.use, kept.sha256)
    row = session.get(CampaignFile, id_)
    if row is None:
        if (session.scalar(select(func.count()).where(CampaignFile.campaign_id == campaign_id)) or 0) >= MOST_FILES:
            raise BadFile(t("A campaign has at most {most} files.", most=MOST_FILES))
        row = CampaignFile(id=id_, campaign_id=campaign_id, added_at=now_ms(), **asdict(replace(kept, hotline=None)))
        session.add(row)
        log.append(session, Act.CAMPAIGN_FILE_ADDED, ("file", row.id), new={"campaign": campaign_id})
    row.title = kept.title
    session.flush()
    if kept.hotline is not None:
        _answer(session, row, kept.hotline)
    return row


def answer(session: Session, campaign: Campaign, id_: str, hotline: bool | None) -> CampaignFile:  # noqa: FBT001  # the answer itself
    """Say whether the file advertises the hotline. Records that were made with it stay as they are (SPEC F-25)."""
    lock_catalog(session)
    row = of_campaign(session, campaign, id_)
    _answer(session, row, hotline)
    return row


def _answer(session: Session, row: CampaignFile, hotline: bool | None) -> None:  # noqa: FBT001  # the answer itself
    if row.hotline == hotline:
        return
    at, old, row.hotline = {"campaign": row.campaign_id}, row.hotline, hotline
    was, now = (at | {"state": _ANSWERS[each]} for each in (old, hotline))
    log.append(session, Act.CAMPAIGN_FILE_ANSWERED, ("file", row.id), old=was, new=now)
    session.flush()


def remove(session: Session, id_: str) -> CampaignFile:
    """Stop offering the file; records that name it show its id. Its bytes stay. Raises Problem `not_found`."""
    lock_catalog(session)
    row = required(session.get(CampaignFile, id_))
    session.delete(row)
    log.append(session, Act.CAMPAIGN_FILE_REMOVED, ("file", row.id), old={"campaign": row.campaign_id})
    session.flush()
    return row


def remove_of(session: Session, campaign: Campaign, id_: str) -> None:
    """Stop offering a file of this campaign. Raises Problem `not_found` for another's."""
    remove(session, of_campaign(session, campaign, id_).id)


def of_campaign(session: Session, campaign: Campaign, id_: str) -> CampaignFile:
    """Return a file of this campaign. Raises Problem `not_found` for another's."""
    row = required(session.get(CampaignFile, id_) if is_id(id_) else None)
    refuse_if(row.campaign_id != campaign.id, "not_found")
    return row


def read(session: Session, unit_ids: Collection[str], blobs: Blobs, id_: str) -> Content:
    """Read a file of a campaign in which one of these units takes part. Raises Problem `not_found`."""
    part = select(CampaignFile).join(Stream, Stream.campaign_id == CampaignFile.campaign_id)
    theirs = part.where(CampaignFile.id == id_, Stream.unit_id.in_(unit_ids)).limit(1)
    row = session.scalar(theirs) if is_id(id_) else None  # PostgreSQL accepts no NUL, not even in a query
    file = blobs.open(row.sha256) if row else None
    if row is None or file is None:
        raise Problem("not_found")
    return Content(file, row.type, row.sha256)


def _id_of(campaign_id: str, use: str, sha256: str) -> str:
    """Derive the id from the content: a campaign opened again after a restore gets the file ids that records name."""
    return encode_id(hashlib.sha256(f"{campaign_id} {use} {sha256}".encode()).digest()[:12])


def type_of(path: Path) -> str:
    """Detect the type from the contents, never from the name. Raises BadFile, Unfit for a PDF that runs something."""
    if path.stat().st_size > MOST_BYTES:
        raise BadFile(t("{name} has more than {megabytes} MB.", name=path.name, megabytes=MOST_BYTES // 1024**2))
    data = path.read_bytes()
    if data.startswith(b"%PDF-"):
        if (code := images.fault(path)) is not None:
            raise Unfit(code)
        return _PDF
    if (image := decode(Decoding.PICTURE_TYPE, [path], formats=list(_IMAGES))) in _IMAGES.values():
        return str(image)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if text.strip() and is_well_formed(text):
        return _TEXT
    raise BadFile(t("{name} is no text in UTF-8, JPEG, PNG or PDF.", name=path.name))
