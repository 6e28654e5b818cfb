"""A draft becomes a campaign, and a campaign is amended: one act each, which a second click repeats without harm."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import local
from server.core.problem_details import Problem
from server.models import Campaign, CampaignLetter, LetterDraft, Unit
from server.services.campaigns import amending, files, lifecycle
from server.services.campaigns.lifecycle import kinds_of
from server.services.letters import drafts, facts
from server.services.letters.facts import LetterFacts, Values
from server.services.letters.recognition import reading
from server.services.letters.understanding import LINE_CHARS, Understood, understand
from server.services.units.scope import Scope

SLOGAN: Final = "slogan."
"""Inputs of an amended campaign's slogans, each with its id."""


def checked(session: Session, draft: LetterDraft) -> Understood:
    """Understand a draft as it was last saved."""
    levels = drafts.levels(session, draft.unit_id)
    sure_of = facts.worked_out(reading.read(draft.text)) if draft.text else {}
    made = understand(draft.values, levels, draft.text, sure_of)
    if not made.faults and draft.values.get("twice") != "1":
        same = lifecycle.same_one(session, draft.unit_id, made.new)
        if same is not None:
            made.faults["name"] = "same_campaign"
    return made


def published(session: Session, scope: Scope, draft_id: str) -> Campaign | None:
    """Return the campaign that this draft has become, if the officer may run it."""
    campaign = session.get(Campaign, draft_id)
    return campaign if campaign and scope.may_run(campaign) else None


def publish(session: Session, scope: Scope, draft: LetterDraft) -> Campaign | Understood:
    """Open the campaign of a draft, which ends with it; phones get it at their next exchange. Faults: nothing is done.

    Raises Problem `forbidden` if the officer may no longer open campaigns there, or the unit was merged meanwhile.
    """
    if not scope.may_open(draft.unit_id) or session.get_one(Unit, draft.unit_id).merged_at is not None:
        raise Problem("forbidden")
    made = checked(session, draft)
    if made.faults:
        return made
    campaign = lifecycle.open_campaign(session, draft.unit_id, made.new, draft.id, again=False)
    for row in drafts.files_of(session, draft):
        files.give(session, campaign.id, files.StoredFile(row.use, row.title, row.type, row.size_bytes, row.sha256))
    keep(session, campaign.id, made.letter)
    drafts.drop(session, draft)
    return campaign


def keep(session: Session, campaign_id: str, letter: LetterFacts) -> None:
    """Store the letter of a campaign; its text stays where the new one has none."""
    row = session.get(CampaignLetter, campaign_id)
    if row is None:
        row = CampaignLetter(campaign_id=campaign_id, text="")
        session.add(row)
    row.text = letter.text or row.text
    row.facts, row.due_bases = dict(letter.facts), dict(letter.due_bases)
    row.outline, row.cutoff_at = list(letter.outline), letter.cutoff_at
    session.flush()


def letter_of(session: Session, campaign_id: str) -> LetterFacts:
    """Return a campaign's letter; an empty one for a campaign that has none."""
    row = session.scalar(select(CampaignLetter).where(CampaignLetter.campaign_id == campaign_id))
    if row is None:
        return LetterFacts()
    return LetterFacts(row.text, row.facts, row.due_bases, tuple(row.outline), row.cutoff_at)


def shown(session: Session, campaign: Campaign) -> Values:
    """Return the form of a campaign to amend, as it stands."""
    letter = letter_of(session, campaign.id)
    cutoff = f"{local(letter.cutoff_at):%Y-%m-%dT%H:%M}" if letter.cutoff_at is not None else ""
    lines = {name: "\n".join(letter.facts.get(name, [])) for name in facts.LIST}
    return {
        **{name: letter.facts.get(name, "") for name in (*facts.LINE, "dated")},
        **lines,
        "name": campaign.name,
        "hotline": campaign.hotline,
        "starts_on": campaign.starts_on.isoformat(),
        "ends_on": campaign.ends_on.isoformat(),
        "due_before": campaign.due_before.isoformat(),
        **{f"due.{level}": day for level, day in campaign.due_levels.items()},
        **{f"due_basis.{level}": basis for level, basis in letter.due_bases.items()},
        **{f"{SLOGAN}{row['id']}": row["text"] for row in campaign.slogans},
        "slogans": "",
        "bases": "\n".join(campaign.bases),
        "tasks": "\n".join(campaign.tasks),
        "kinds": [kind.name for kind in kinds_of(campaign)],
        "figures": list(campaign.figures),
        **{f"expected.{each['figure']}": str(each["amount"]) for each in campaign.expected},
        "practice": "1" if campaign.practice else "",
        "review_rule": campaign.review_rule,
        "cutoff": cutoff,
        "outline": "\n".join(letter.outline or facts.OUTLINE),
    }


def mark(values: Mapping[str, object]) -> str:
    """Return a short digest of a shown form: another one at the end means that somebody amended it meanwhile."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def amend(session: Session, scope: Scope, campaign_id: str, values: Values, seen: str) -> Campaign | Understood:
    """Amend a campaign as typed. Faults: nothing is done; one of them is that `seen` is no longer its mark."""
    campaign = amending.to_amend(session, scope, campaign_id, lock=True)
    texts = {row["id"]: str(values.get(f"{SLOGAN}{row['id']}", "")).strip() for row in campaign.slogans}
    added = values.get("slogans", "")
    kinds = [*values.get("kinds", []), *(kind.name for kind in kinds_of(campaign))]  # none of those is withdrawn
    made = understand(
        values | {"kinds": kinds, "slogans": added or "\n".join(texts.values())},
        drafts.levels(session, campaign.unit_id),
    )
    for id_, text in texts.items():
        if not text:
            made.faults[f"{SLOGAN}{id_}"] = "kept"
        elif len(text) > LINE_CHARS:
            made.faults[f"{SLOGAN}{id_}"] = "too_long"
    if mark(shown(session, campaign)) != seen:
        made.faults["seen"] = "amended_meanwhile"
    if made.faults:
        return made
    if not str(added).strip():
        made.new.slogans.clear()
    amending.amend(session, campaign, made.new, texts)
    keep(session, campaign.id, made.letter)
    return campaign
