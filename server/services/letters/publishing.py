"""A draft becomes a campaign, and a campaign is amended: one act each, which a second click repeats without harm."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import local
from server.core.problem_details import Problem, refuse_if
from server.models import Campaign, CampaignLetter, LetterDraft, Unit
from server.models.installation import lock_catalog
from server.services.campaigns import amending, expected, files, lifecycle
from server.services.campaigns.expected import UnitNames
from server.services.campaigns.lifecycle import OWN_DUE, kinds_of
from server.services.letters import drafts, facts, originals
from server.services.letters.facts import LetterFacts, Values
from server.services.letters.plain import one_line
from server.services.letters.recognition import reading
from server.services.letters.understanding import LINE_CHARS, OWN, CheckedLetter, understand
from server.services.units.scope import Scope
from sync.text import is_well_formed, normal

SLOGAN: Final = "slogan."
"""Inputs of an amended campaign's slogans, each with its id."""


def sure_of(text: str) -> dict[str, str]:
    """Return what was worked out of a draft's text, which stays as it is. Reading takes time: not while writing."""
    return facts.worked_out(reading.read(text)) if text else {}


def checked(session: Session, scope: Scope, draft: LetterDraft, sure: Mapping[str, str] | None = None) -> CheckedLetter:
    """Understand a draft as it was last saved. `sure`: what `sure_of` returned; without it the text is read here.

    Raises Problem `forbidden` if the officer may open campaigns nowhere.
    """
    levels = drafts.levels(session, draft.unit_id)
    units = _names(session, draft.unit_id, draft.values)
    sure = sure_of(draft.text) if sure is None else sure
    own = session.get_one(Unit, draft.unit_id).level
    made = understand(draft.values, levels, draft.text, sure, units, own)
    may = {unit.id for unit in drafts.units(session, scope)}
    refuse_if(not may, "forbidden")
    if not scope.may_open(draft.unit_id) or session.get_one(Unit, draft.unit_id).merged_at is not None:
        made.faults["unit"] = "unit_gone"
    if not made.faults and draft.values.get("twice") != "1":
        same = lifecycle.same_one(session, draft.unit_id, made.new)
        if same is not None:
            made.faults["name"] = "same_campaign"
    return made


def _names(session: Session, unit_id: str, values: Values) -> UnitNames:
    """The units that a form may name; none where it names none."""
    return expected.names(session, unit_id) if values.get(OWN) else {}


def published(session: Session, scope: Scope, draft_id: str) -> Campaign | None:
    """Return the campaign that this draft has become, if the officer may run it."""
    campaign = session.get(Campaign, draft_id)
    return campaign if campaign and scope.may_run(campaign) else None


def publish(session: Session, scope: Scope, draft_id: str, sure: Mapping[str, str]) -> Campaign | CheckedLetter:
    """Open the campaign of a draft, which ends with it; phones get it at their next exchange. Faults: nothing is done.

    A draft that is gone became a campaign by another click: that one is returned. Units and campaigns are
    locked, then the draft: of two clicks, or two officers with the same letter, the second sees what the first opened.
    Raises Problem `not_found`, or `forbidden` if the officer may no longer open campaigns.
    """
    lock_catalog(session)  # first: a merger, a split or a handover has it, and takes rows of units or drafts next
    draft = session.get(LetterDraft, draft_id, with_for_update=True)
    if draft is None and (done := published(session, scope, draft_id)):
        return done
    if draft is None or draft.officer_id != scope.officer_id:
        raise Problem("not_found")
    session.get(Unit, draft.unit_id, populate_existing=True)
    made = checked(session, scope, draft, sure)
    if made.faults:
        return made
    campaign = lifecycle.open_campaign(session, draft.unit_id, made.new, draft.id, drawn_at=draft.made_at)
    for row in drafts.files_of(session, draft):
        files.give(session, campaign.id, drafts.kept_of(row))
    keep(session, campaign.id, made.letter)
    originals.from_draft(session, campaign, draft)
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
    letter, own = letter_of(session, campaign.id), session.get_one(Unit, campaign.unit_id).level
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
        **{f"due.{level}": day for level, day in campaign.due_levels.items() if level != own},
        OWN_DUE: campaign.due_levels.get(own, ""),
        **{f"due_basis.{level}": basis for level, basis in letter.due_bases.items()},
        **{f"{SLOGAN}{row['id']}": row["text"] for row in campaign.slogans},
        "slogans": "",
        "bases": "\n".join(campaign.bases),
        "tasks": "\n".join(campaign.tasks),
        "kinds": [kind.name for kind in kinds_of(campaign)],
        "figures": list(campaign.figures),
        **{
            f"expected.{each['figure']}": expected.as_typed(each["figure"], each["amount"])
            for each in campaign.expected
            if each["amount"]
        },
        OWN: "\n".join(expected.lines(session, campaign.expected)),
        "practice": "1" if campaign.practice else "",
        "review_rule": campaign.review_rule,
        "cutoff": cutoff,
        "outline": "\n".join(letter.outline or facts.OUTLINE),
    }


def mark(values: Mapping[str, object]) -> str:
    """Return short digests of a shown form's inputs: others at the end mean that somebody amended it meanwhile."""
    return " ".join(f"{name}={_digest(value)}" for name, value in sorted(values.items()))


def merged(typed: Values, seen: str, now: Values) -> Values:
    """Return what was typed on the form with the mark `seen`; an input left as it was shown has what it has now."""
    was = dict(each.split("=", 1) for each in seen.split(" ") if "=" in each)
    return typed | {
        name: now.get(name, "")
        for name in {*now, *was}
        if name not in typed or _digest(typed[name]) == was.get(name, _digest(""))
    }


def _digest(value: object) -> str:
    """Return the same for a text however a browser ends its lines, and for a list in any order."""
    same = sorted(value) if isinstance(value, list) else str(value).replace("\r\n", "\n").strip()
    return hashlib.sha256(json.dumps(same or "").encode()).hexdigest()[:8]


def _line(value: object) -> str:
    """Return a slogan as it is stored; empty for a text that cannot be."""
    text = str(value)
    return one_line(normal(text)) if is_well_formed(text) else ""


def amend(session: Session, scope: Scope, campaign_id: str, values: Values, seen: str) -> Campaign | CheckedLetter:
    """Amend a campaign as typed. Faults: nothing is done; one of them is that `seen` is no longer its mark."""
    campaign = amending.to_amend(session, scope, campaign_id, lock=True)
    if mark(shown(session, campaign)) != seen:
        made = understand(values, ())
        made.faults = {"seen": "amended_meanwhile"}
        return made
    texts = {row["id"]: _line(values.get(f"{SLOGAN}{row['id']}", "")) for row in campaign.slogans}
    added = values.get("slogans", "")
    kinds = [*values.get("kinds", []), *(kind.name for kind in kinds_of(campaign))]  # none of those is withdrawn
    made = understand(
        values | {"kinds": kinds, "slogans": added or "\n".join(texts.values())},
        drafts.levels(session, campaign.unit_id),
        units=_names(session, campaign.unit_id, values),
        own=session.get_one(Unit, campaign.unit_id).level,
    )
    for id_, text in texts.items():
        if not text:
            made.faults[f"{SLOGAN}{id_}"] = "kept"
        elif len(text) > LINE_CHARS:
            made.faults[f"{SLOGAN}{id_}"] = "too_long"
    if made.faults:
        return made
    if not str(added).strip():
        made.new.slogans.clear()
    amending.amend(session, campaign, made.new, texts)
    keep(session, campaign.id, made.letter)
    return campaign
