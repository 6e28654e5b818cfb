"""What a paper has of its own beside its texts: subject, Kính gửi, legal bases, Nơi nhận, outline.

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
from server.services.letters.facts import OUTLINE
from server.services.narrative import owners, passages
from server.services.narrative.sections import SETTING, paragraphs
from server.services.reports import Report, text

NAMES: Final = ("subject", "to", "bases", "recipients", "outline")


@dataclass(frozen=True, slots=True)
class PaperSettings:
    """Each a list of lines; `subject` one text."""

    subject: str
    to: tuple[str, ...]
    bases: tuple[str, ...]
    recipients: tuple[str, ...]
    outline: tuple[str, ...]


def of(texts: Mapping[str, str]) -> PaperSettings:
    """Return the settings among a paper's texts."""
    lines = {name: tuple(paragraphs(texts.get(f"{SETTING}{name}", ""))) for name in NAMES}
    return PaperSettings(" ".join(lines["subject"]), *(lines[name] for name in NAMES[1:]))


def first(session: Session, campaign: Campaign, unit: Unit, said: Report) -> dict[str, str]:
    """Return the first settings of a paper. `said`: the report as the freeze has it."""
    letter = session.get(CampaignLetter, campaign.id)
    last = _last(session, unit.id)
    lines = {
        "subject": [said.subject],
        "to": paragraphs(last.get(f"{SETTING}to", "")) or _to(campaign, unit, letter, said),
        "bases": _bases(campaign, unit, letter),
        "recipients": paragraphs(last.get(f"{SETTING}recipients", "")) or list(said.recipients[1:]),
        "outline": list((letter and letter.outline) or paragraphs(last.get(f"{SETTING}outline", "")) or OUTLINE),
    }
    return {f"{SETTING}{name}": "\n".join(each) for name, each in lines.items()}


def _last(session: Session, unit_id: str) -> dict[str, str]:
    """The texts of the unit's last paper, of whatever campaign."""
    query = select(Paper).where(Paper.unit_id == unit_id).order_by(Paper.made_at.desc(), Paper.id).limit(1)
    row = session.scalars(query).first()
    return passages.texts(session, owners.of_paper(row)) if row else {}


def _to(campaign: Campaign, unit: Unit, letter: CampaignLetter | None, said: Report) -> list[str]:
    """Who the letter says is above the campaign's own level; else the letterhead's; else the letter's issuer."""
    facts: Mapping[str, Any] = letter.facts if letter else {}
    is_own = unit.id == campaign.unit_id
    if is_own and facts.get("above"):
        return [str(facts["above"])]
    lines = said.to.removeprefix(text("to_many")).splitlines()
    named = [line.strip(" -;.") for line in lines if line.strip(" -;.")]
    if named and named != [text("nobody")]:
        return named
    return [] if is_own or not facts.get("issuer") else [str(facts["issuer"])]


def _bases(campaign: Campaign, unit: Unit, letter: CampaignLetter | None) -> list[str]:
    own = letter.due_bases.get(unit.level) if letter else None
    return list(dict.fromkeys([*campaign.bases, *([str(own)] if own else [])]))
