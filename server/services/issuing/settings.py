"""What a paper has of its own beside its texts: subject, Kính gửi, legal bases, Nơi nhận, outline, letterhead, signer.

They are texts like the others (services/narrative/), so two who edit them lose nothing. They begin with what the
campaign's letter and the unit's last paper say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import Campaign, CampaignLetter, Paper, Unit
from server.services.letterheads import LetterheadText, signing
from server.services.letters import citing
from server.services.letters.facts import OUTLINE
from server.services.narrative import owners, passages
from server.services.narrative.sections import SETTING, paragraphs

NAMES: Final = ("subject", "to", "bases", "recipients", "outline")
HEAD: Final = ("governing", "issuing", "called", "symbol", "place", "signing", "signer")
"""How it is headed and signed: at first as the unit's letterhead says."""
_NOT_COPIED: Final = ("to", "bases")
"""A paper to another addressee cites another letter."""


@dataclass(frozen=True, slots=True)
class PaperSettings:
    """Each a list of lines; `subject` one text."""

    subject: str
    to: tuple[str, ...]
    bases: tuple[str, ...]
    recipients: tuple[str, ...]
    outline: tuple[str, ...]
    head: LetterheadText


def of(texts: Mapping[str, str]) -> PaperSettings:
    """Return the settings among a paper's texts."""
    lines = {name: tuple(paragraphs(texts.get(f"{SETTING}{name}", ""))) for name in (*NAMES, *HEAD)}
    head = LetterheadText(
        governing="\n".join(lines["governing"]).upper(),
        issuing="\n".join(lines["issuing"]).upper(),
        called=" ".join(lines["called"]),
        symbol="".join(lines["symbol"]).upper().removeprefix("/"),
        place=" ".join(lines["place"]),
        signing=signing("\n".join(lines["signing"])),
        signer=" ".join(lines["signer"]),
    )
    to, bases, recipients, outline = (lines[name] for name in NAMES[1:])
    return PaperSettings(" ".join(lines["subject"]), to, bases, recipients, outline, head)


def first(session: Session, campaign: Campaign, unit: Unit, head: LetterheadText, subject: str) -> dict[str, str]:
    """Return the first settings of a paper. `head`: the unit's letterhead."""
    letter = session.get(CampaignLetter, campaign.id)
    row = last_of(session, unit.id)
    last = passages.texts(session, owners.of_paper(row)) if row else {}
    to = paragraphs(last.get(f"{SETTING}to", "")) or _to(campaign, unit, letter, head)
    lines = {
        "subject": [subject],
        "to": to,
        "bases": list(citing.bases(session, campaign, unit, to)),
        "recipients": paragraphs(last.get(f"{SETTING}recipients", "")) or list(head.recipients),
        "outline": list((letter and letter.outline) or paragraphs(last.get(f"{SETTING}outline", "")) or OUTLINE),
    }
    said = {name: "\n".join(each) for name, each in lines.items()} | {name: getattr(head, name) for name in HEAD}
    return {f"{SETTING}{name}": text for name, text in said.items()}


def copied(texts: Mapping[str, str]) -> dict[str, str]:
    """Return the texts that a sibling begins with: all, but whom it is addressed to and what it cites."""
    return dict(texts) | {f"{SETTING}{name}": "" for name in _NOT_COPIED}


def last_of(session: Session, unit_id: str, campaign_id: str = "", kind: str = "") -> Paper | None:
    """Return the unit's last paper, of whatever campaign and kind if none is given."""
    query = select(Paper).where(Paper.unit_id == unit_id)
    query = query.where(Paper.campaign_id == campaign_id) if campaign_id else query
    query = query.where(Paper.kind == kind) if kind else query
    return session.scalars(query.order_by(Paper.made_at.desc(), Paper.id).limit(1)).first()


def _to(campaign: Campaign, unit: Unit, letter: CampaignLetter | None, head: LetterheadText) -> list[str]:
    """Who the letter says is above the campaign's own level; else the letterhead's; else the letter's issuer."""
    facts: Mapping[str, Any] = letter.facts if letter else {}
    is_own = unit.id == campaign.unit_id
    if is_own and facts.get("above"):
        return [str(facts["above"])]
    if head.addressees:
        return list(head.addressees)
    return [] if is_own or not facts.get("issuer") else [str(facts["issuer"])]
