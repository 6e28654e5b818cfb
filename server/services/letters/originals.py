"""The letters by which units order reports, each with its original file, unchanged, under its hash.

The letter of the unit whose campaign it is stands in `campaign_letter`; a unit below, which passes the order on, says
here which letter it sent. `citing.py` says which one a unit answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.atomic_files import file_digest
from server.core.clock import new_id, now_ms
from server.core.problem_details import Problem, refuse_if, required
from server.models import Campaign, CampaignLetter, LetterDraft, OrderingLetter, Stream, Unit
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.letters.facts import LINE
from server.services.letters.plain import one_line
from server.services.photos import garbage, images
from server.services.units.scope import Scope
from server.services.units.tree import ancestry
from sync.errors import Refused
from sync.text import is_well_formed, normal

WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF: Final = "application/pdf"
TEXT: Final = "text/plain"
FIELDS: Final = ("form", "number", "issuer", "subject")
_HASH_LOGGED: Final = 32


@dataclass(frozen=True, slots=True)
class OriginalFile:
    """A letter's file. `path`: where it lies until it is kept."""

    path: Path
    name: str
    type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class LetterSaid:
    """Which letter it is; empty and None for what nobody said."""

    form: str = ""
    number: str = ""
    dated: date | None = None
    issuer: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class SentLetter:
    """A unit's letter, with its row if there is one, which may have the file."""

    unit: Unit
    said: LetterSaid
    row: OrderingLetter | None


def original(path: Path, name: str) -> OriginalFile:
    """Return what is kept of a file whose text was read, and so bears no mark of a secret (extraction.py).

    Raises Problem for a PDF that runs something.
    """
    with path.open("rb") as file:
        begin = file.read(1024)
    kind = WORD if begin.startswith(b"PK\x03\x04") else PDF if b"%PDF-" in begin else TEXT
    if kind == PDF and (code := images.fault(path, with_password=True)) is not None:
        raise Problem(code)
    named = one_line(normal(name)) if is_well_formed(name) else ""
    return OriginalFile(path, (named or "cong-van")[:300], kind, path.stat().st_size, file_digest(path))


def store(session: Session, blobs: Blobs, file: OriginalFile) -> None:
    """Store the bytes, also while the same ones are dropped elsewhere."""
    before = garbage.last_drop(session)
    blobs.put(file.sha256, file.path)
    garbage.keep_bytes(session)
    if garbage.last_drop(session) != before:
        blobs.put(file.sha256, file.path)


def of_draft(session: Session, draft: LetterDraft, file: OriginalFile, blobs: Blobs) -> None:
    """Keep the file of a draft's letter; it becomes the campaign's with the draft."""
    draft.sha256, draft.type, draft.size_bytes = file.sha256, file.type, file.size
    session.flush()
    store(session, blobs, file)


def from_draft(session: Session, campaign: Campaign, draft: LetterDraft) -> None:
    """Give the file of a published draft to its campaign."""
    if draft.sha256:
        row = _row(session, campaign.id, campaign.unit_id, draft.officer_id)
        row.sha256, row.file_name, row.type = draft.sha256, draft.file_name, draft.type
        row.size_bytes = draft.size_bytes
        _logged(session, row)


def hold(session: Session, scope: Scope, campaign_id: str, unit_id: str) -> Campaign:
    """Keep others from saying it until the transaction ends. Raises Problem `not_found`, `forbidden`, `archived`."""
    campaign = required(session.get(Campaign, campaign_id, with_for_update={"key_share": True}))
    refuse_if(not scope.may_see(unit_id) or not takes_part(session, campaign, unit_id), "not_found")
    refuse_if(not scope.may_write(unit_id), "forbidden")
    refuse_if(campaign.status == "archived", "archived")
    return campaign


def may_say(session: Session, scope: Scope, campaign_id: str, unit_id: str) -> None:
    """Raise Problem like `hold`, without keeping anybody from anything."""
    campaign = required(session.get(Campaign, campaign_id))
    refuse_if(not scope.may_see(unit_id) or not takes_part(session, campaign, unit_id), "not_found")
    refuse_if(not scope.may_write(unit_id), "forbidden")


def takes_part(session: Session, campaign: Campaign, unit_id: str) -> bool:
    """True if the unit has a stream in the campaign."""
    here = select(Stream.id).where(Stream.campaign_id == campaign.id, Stream.unit_id == unit_id)
    return session.scalar(here) is not None


def senders(session: Session, scope: Scope, campaign: Campaign) -> list[Unit]:
    """Return the units that the officer sees and that may send a letter in the campaign; one's own, if none does."""
    theirs = select(Unit).join(Stream, Stream.unit_id == Unit.id).where(Stream.campaign_id == campaign.id)
    seen = theirs.where(scope.sees(Unit.id)).order_by(Unit.sort_key)
    return list(session.scalars(seen.where(Unit.level != "commune"))) or list(session.scalars(seen.limit(1)))


def say(session: Session, campaign: Campaign, unit_id: str, officer_id: str, said: LetterSaid) -> None:
    """Say which letter a unit sent. Raises Refused `too_long`."""
    texts = {name: one_line(normal(str(getattr(said, name)))) for name in FIELDS}
    said = LetterSaid(**texts, dated=said.dated)
    for name in FIELDS:
        if len(getattr(said, name)) > LINE[name]:
            raise Refused("too_long", name)
    if unit_id == campaign.unit_id:
        row = session.get(CampaignLetter, campaign.id)
        if row is None:
            row = CampaignLetter(campaign_id=campaign.id, text="", facts={}, due_bases={}, outline=[])
            session.add(row)
        now = {name: getattr(said, name) for name in FIELDS} | {"dated": said.dated.isoformat() if said.dated else ""}
        rest = {name: value for name, value in row.facts.items() if name not in now}
        row.facts = rest | {name: value for name, value in now.items() if value}
        session.flush()
        log.append(session, Act.ORDERING_LETTER, ("campaign", campaign.id), new={"unit": unit_id})
        return
    letter = _row(session, campaign.id, unit_id, officer_id)
    letter.form, letter.number, letter.dated = said.form, said.number, said.dated
    letter.issuer, letter.subject = said.issuer, said.subject
    _logged(session, letter)


def attach(
    session: Session, campaign: Campaign, unit_id: str, officer_id: str, file: OriginalFile, blobs: Blobs
) -> None:
    """Keep the original file of a unit's letter in place of the one before, whose bytes stay."""
    row = _row(session, campaign.id, unit_id, officer_id)
    row.sha256, row.file_name, row.type, row.size_bytes = file.sha256, file.name, file.type, file.size
    _logged(session, row)
    store(session, blobs, file)


def _row(session: Session, campaign_id: str, unit_id: str, officer_id: str) -> OrderingLetter:
    row = session.scalar(_of(campaign_id, unit_id))
    if row is None:
        row = OrderingLetter(id=new_id(), campaign_id=campaign_id, unit_id=unit_id, officer_id=officer_id, at=now_ms())
        session.add(row)
    row.officer_id, row.at = officer_id, now_ms()
    return row


def _of(campaign_id: str, unit_id: str) -> Select[OrderingLetter]:
    return select(OrderingLetter).where(OrderingLetter.campaign_id == campaign_id, OrderingLetter.unit_id == unit_id)


def _logged(session: Session, row: OrderingLetter) -> None:
    session.flush()
    new = {"unit": row.unit_id} | ({"hash": row.sha256[:_HASH_LOGGED]} if row.sha256 else {})
    log.append(session, Act.ORDERING_LETTER, ("campaign", row.campaign_id), new=new)


def sent(session: Session, campaign: Campaign, unit: Unit) -> SentLetter:
    """Return the letter of a unit, as far as it is known."""
    row = session.scalar(_of(campaign.id, unit.id))
    if unit.id == campaign.unit_id:
        letter = session.get(CampaignLetter, campaign.id)
        facts = letter.facts if letter else {}
        dated = date.fromisoformat(facts["dated"]) if facts.get("dated") else None
        return SentLetter(unit, LetterSaid(**{name: facts.get(name, "") for name in FIELDS}, dated=dated), row)
    if row is None:
        return SentLetter(unit, LetterSaid(), None)
    return SentLetter(unit, LetterSaid(row.form, row.number, row.dated, row.issuer, row.subject), row)


def chain(session: Session, campaign: Campaign, unit_id: str) -> list[SentLetter]:
    """Return the letters of the units from the campaign's own down to this one, the highest first."""
    above = ancestry(session, unit_id)
    up_to = above.index(campaign.unit_id) + 1 if campaign.unit_id in above else len(above)
    return [sent(session, campaign, session.get_one(Unit, each)) for each in reversed(above[:up_to])]


def opened(
    session: Session, scope: Scope, campaign: Campaign, unit_id: str, blobs: Blobs
) -> tuple[OrderingLetter, BinaryIO]:
    """Open the original of a letter for units to which it goes, and for those above. Raises Problem `not_found`."""
    row = required(session.scalar(_of(campaign.id, unit_id)))
    refuse_if(not concerns(session, scope, campaign, unit_id), "not_found")
    return row, required(blobs.open(row.sha256) if row.sha256 else None)


def concerns(session: Session, scope: Scope, campaign: Campaign, unit_id: str) -> bool:
    """True if the officer sees the unit that sent it, or belongs to one below it that takes part."""
    if scope.may_see(unit_id):
        return True
    theirs = select(Stream.unit_id).where(Stream.campaign_id == campaign.id, scope.sees(Stream.unit_id)).limit(1)
    return any(unit_id in ancestry(session, each) for each in session.scalars(theirs))
