"""Drafts of campaigns: kept from the first upload on, so that nothing typed is lost; seen by their officer alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.bulk import one_of
from server.core.clock import new_id, now_ms
from server.core.db import add_now
from server.core.problem_details import refuse_if, required
from server.core.shell_words import t
from server.models import Campaign, CampaignFile, CampaignLetter, LetterDraft, LetterDraftFile, Unit
from server.services.campaigns import expected, files
from server.services.campaigns.files import BadFile, NewFile
from server.services.letters import facts, originals
from server.services.letters.facts import Values
from server.services.letters.originals import OriginalFile
from server.services.letters.recognition.reading import Reading
from server.services.photos import garbage
from server.services.units.scope import RUNNERS, Scope
from server.services.units.tree import subtree
from sync.registry import KINDS

MOST: Final = 20
"""Drafts of one officer at a time."""


def units(session: Session, scope: Scope) -> list[Unit]:
    """Return the units for which the officer may open a campaign, the highest ones."""
    found = scope.highest(RUNNERS)
    return list(
        session.scalars(select(Unit).where(Unit.id.in_(found), Unit.merged_at.is_(None)).order_by(Unit.sort_key))
    )


def levels(session: Session, unit_id: str) -> list[str]:
    """Return the levels below a unit, from the top down: each may have its own due date."""
    below = [each for each in subtree(session, [unit_id]) if each != unit_id]
    theirs = one_of(Unit.id, below), Unit.merged_at.is_(None)
    found = set(session.scalars(select(Unit.level).where(*theirs).distinct()))
    return [level for level in ("province", "district", "commune") if level in found]


def may_begin(session: Session, scope: Scope) -> list[Unit]:
    """Return the units a new draft may be for. Raises Problem `forbidden` if none, `too_many_drafts`."""
    may = units(session, scope)
    refuse_if(not may, "forbidden")
    count = select(func.count()).where(LetterDraft.officer_id == scope.officer_id)
    refuse_if((session.scalar(count) or 0) >= MOST, "too_many_drafts")
    return may


def mine(session: Session, scope: Scope) -> list[LetterDraft]:
    """Return the officer's drafts, the newest first."""
    query = select(LetterDraft).where(LetterDraft.officer_id == scope.officer_id)
    return list(session.scalars(query.order_by(LetterDraft.saved_at.desc(), LetterDraft.id)))


def begin(session: Session, scope: Scope, values: Values, text: str = "", file_name: str = "") -> LetterDraft:
    """Make a draft for the first unit that the officer may open campaigns for. Raises Problem like `may_begin`."""
    may = may_begin(session, scope)
    return add_now(
        session,
        LetterDraft(
            id=new_id(),
            officer_id=scope.officer_id,
            unit_id=may[0].id,
            file_name=file_name[:300],
            text=text,
            values=values,
            saved_at=now_ms(),
            made_at=now_ms(),
        ),
    )


def from_letter(
    session: Session, scope: Scope, letter: Reading, file: OriginalFile | None, blobs: Blobs
) -> LetterDraft:
    """Make a draft with what was recognised in a letter as proposals. Reading takes time: not in this transaction.

    `file`: the letter's own, which is kept; None for a text that was pasted.
    """
    draft = begin(session, scope, facts.proposed(letter), letter.text, file.name if file else "")
    if file:
        originals.of_draft(session, draft, file, blobs)
    return draft


def from_campaign(session: Session, scope: Scope, campaign_id: str) -> LetterDraft:
    """Make a draft like an earlier campaign, with its files. Days and the letter's own facts are left out."""
    earlier = scope.seen(session.get(Campaign, campaign_id))
    refuse_if(not scope.may_run(earlier), "forbidden")
    draft = begin(session, scope, copied(session, earlier))
    if scope.may_open(earlier.unit_id):
        draft.unit_id = earlier.unit_id
    for row in earlier.files:
        keep(session, draft, kept_of(row))
    session.flush()
    return draft


def copied(session: Session, earlier: Campaign) -> Values:
    """Return the form of a campaign to copy: what the next year asks again, without what only its letter says."""
    letter = session.get(CampaignLetter, earlier.id)
    values = facts.blank() | {
        "name": earlier.name,
        "hotline": earlier.hotline,
        "slogans": "\n".join(row["text"] for row in earlier.slogans),
        "tasks": "\n".join(earlier.tasks),
        "figures": list(earlier.figures),
        "review_rule": earlier.review_rule,
        **{
            f"expected.{each['figure']}": expected.as_typed(each["figure"], each["amount"])
            for each in earlier.expected
            if each["amount"]
        },
        "expected_own": "\n".join(expected.lines(session, earlier.expected)),
    }
    values["kinds"] = list(earlier.kinds) or [kind.name for kind in KINDS.recorded()]
    if letter:
        kept = ("place", "above", "issuer", "event", "signer_role")
        values |= {name: letter.facts[name] for name in kept if name in letter.facts}
        values |= {name: "\n".join(letter.facts.get(name, [])) for name in facts.LIST}
        if letter.outline:
            values["outline"] = "\n".join(letter.outline)
    return values


def get(session: Session, scope: Scope, draft_id: str, *, lock: bool = False) -> LetterDraft:
    """Return a draft of the officer's; with `lock` until the transaction ends. Raises Problem `not_found`."""
    draft = required(session.get(LetterDraft, draft_id, with_for_update=lock or None))
    refuse_if(draft.officer_id != scope.officer_id, "not_found")
    return draft


def save(session: Session, scope: Scope, draft: LetterDraft, values: Values) -> None:
    """Keep what was typed, right or wrong."""
    unit = values.get("unit")
    if isinstance(unit, str) and unit in {each.id for each in units(session, scope)}:
        draft.unit_id = unit
    draft.values = values
    draft.saved_at = now_ms()
    session.flush()


def drop(session: Session, draft: LetterDraft) -> None:
    """Delete a draft. The bytes of its files stay, as they do for a campaign's."""
    session.execute(delete(LetterDraftFile).where(LetterDraftFile.draft_id == draft.id))
    session.execute(delete(LetterDraft).where(LetterDraft.id == draft.id))
    session.flush()


def files_of(session: Session, draft: LetterDraft) -> Sequence[LetterDraftFile]:
    """Return the files that the draft's campaign will have."""
    query = select(LetterDraftFile).where(LetterDraftFile.draft_id == draft.id)
    return session.scalars(query.order_by(LetterDraftFile.use.desc(), LetterDraftFile.title, LetterDraftFile.id)).all()


def add_file(session: Session, blobs: Blobs, draft: LetterDraft, new: NewFile) -> None:
    """Add a file to the draft. Raises as `files.type_of`."""
    kept = files.stored(new)
    keep(session, draft, kept)
    garbage.keep_bytes(session)
    blobs.put(kept.sha256, new.path)


def keep(session: Session, draft: LetterDraft, kept: files.StoredFile) -> None:
    """Note a stored file for the draft's campaign. The same file again changes title and answer. Raises BadFile."""
    there = files_of(session, draft)
    same = next((row for row in there if (row.use, row.sha256) == (kept.use, kept.sha256)), None)
    if same:
        same.title = kept.title
        same.hotline = same.hotline if kept.hotline is None else kept.hotline
    elif len(there) >= files.MOST_FILES:
        raise BadFile(t("A campaign has at most {most} files.", most=files.MOST_FILES))
    else:
        session.add(LetterDraftFile(id=new_id(), draft_id=draft.id, **asdict(kept)))
    session.flush()


def kept_of(row: CampaignFile | LetterDraftFile) -> files.StoredFile:
    """Return what is kept of the file, for another campaign or draft."""
    return files.StoredFile(row.use, row.title, row.type, row.size_bytes, row.sha256, row.hotline)


def answer(session: Session, draft: LetterDraft, file_id: str, hotline: bool | None) -> None:  # noqa: FBT001  # the answer itself
    """Say whether a file of the draft advertises the hotline (SPEC F-25). Raises Problem `not_found`."""
    row = required(next((row for row in files_of(session, draft) if row.id == file_id), None))
    row.hotline = hotline
    session.flush()


def remove_file(session: Session, draft: LetterDraft, file_id: str) -> None:
    """Take a file out of the draft; an unknown one is none."""
    session.execute(delete(LetterDraftFile).where(LetterDraftFile.id == file_id, LetterDraftFile.draft_id == draft.id))
    session.flush()
