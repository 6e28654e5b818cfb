"""Texts section by section: who writes one holds it; whoever comes too late loses no word of theirs.

A section is held from the click on *Sửa* until it is closed, or ten minutes after the last save; then somebody else may
take it over. A save by who no longer holds it, or on a text that has changed since, is kept aside and shown beside the
section, until a person takes it or drops it. Whether somebody may write here at all, the caller has checked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from server.core.bulk import grouped, inserting
from server.core.clock import new_id, now_ms
from server.core.problem_details import Problem, refuse_if, required
from server.models import Campaign, Officer, Paper, Passage, PassageAside
from server.services.units.scope import Scope


@dataclass(frozen=True, slots=True)
class Owner:
    """A unit in a campaign, or one of its papers."""

    campaign: str
    unit: str
    paper: str | None = None

    @property
    def id(self) -> str:
        """The id that its texts are stored under."""
        return self.paper or self.unit


def owner_of_paper(paper: Paper) -> Owner:
    """Return the owner of a paper's texts."""
    return Owner(paper.campaign_id, paper.unit_id, paper.id)


def may_write(scope: Scope, campaign: Campaign, unit_id: str) -> bool:
    """True for a member of the unit, while the campaign is not archived."""
    return campaign.status != "archived" and scope.today(unit_id) == unit_id and scope.is_member(unit_id)


def owner_of_unit(session: Session, scope: Scope, campaign_id: str, unit_id: str, *, write: bool = False) -> Owner:
    """Return the owner of a unit's texts that the officer may read, or with `write` write.

    Raises Problem `not_found`, `archived`, `unit_merged` or `forbidden`.
    """
    campaign = required(session.get(Campaign, campaign_id))
    refuse_if(not scope.may_see(unit_id), "not_found")
    refuse_if(write and campaign.status == "archived", "archived")
    refuse_if(write and scope.today(unit_id) != unit_id, "unit_merged")
    refuse_if(write and not may_write(scope, campaign, unit_id), "forbidden")
    return Owner(campaign_id, unit_id)


HOLD_MS: Final = 10 * 60 * 1000
"""How long a section stays somebody's after their last save."""


@dataclass(frozen=True, slots=True)
class Aside:
    """A text that was kept beside a section."""

    id: str
    by: str
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class WrittenPassage:
    """A section as a person sees it. `holder`: who writes it now, by name; `mine`: that is this person."""

    text: str = ""
    version: int = 0
    by: str = ""
    at: int = 0
    holder: str = ""
    held_at: int = 0
    mine: bool = False
    sources: tuple[Mapping[str, Any], ...] = ()
    asides: tuple[Aside, ...] = ()

    @property
    def is_taken(self) -> bool:
        """Somebody else is writing it."""
        return bool(self.holder) and not self.mine


@dataclass(frozen=True, slots=True)
class TypedPassage:
    """What a form sends of a section: its text as it is stored, the version, and the digest of the text it showed."""

    text: str
    version: int
    shown: str


@dataclass
class SavedPassages:
    """`saved`: by section, the version that stands now. `aside`: sections whose text was kept beside."""

    saved: dict[str, int] = field(default_factory=dict)
    aside: list[str] = field(default_factory=list)
    changed: bool = False


def digest(text: str) -> str:
    """Return the digest of a text that a form shows."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def texts(session: Session, owner: Owner) -> dict[str, str]:
    """By section: the texts that are not empty."""
    rows = session.execute(select(Passage.section, Passage.text).where(*_of(owner), Passage.text != ""))
    return {section: text for section, text in rows}  # noqa: C416  # rows are no plain pairs for mypy


def read(session: Session, owner: Owner, officer_id: str) -> dict[str, WrittenPassage]:
    """By section: what is written, by whom, and what was kept aside."""
    editor, holder, at = aliased(Officer), aliased(Officer), now_ms()
    rows = session.execute(
        select(Passage, editor.name, holder.name)
        .outerjoin(editor, editor.id == Passage.edited_by)
        .outerjoin(holder, holder.id == Passage.held_by)
        .where(*_of(owner))
    )
    found = {row.id: (row, by or "", held or "") for row, by, held in rows}
    kept = select(PassageAside, Officer.name).join(Officer, Officer.id == PassageAside.officer_id)
    open_ones = kept.where(PassageAside.passage_id.in_(found), PassageAside.settled_at.is_(None))
    asides = grouped(
        (row.passage_id, Aside(row.id, by, row.text, row.at))
        for row, by in session.execute(open_ones.order_by(PassageAside.at))
    )
    return {
        row.section: WrittenPassage(
            text=row.text,
            version=row.version,
            by=by,
            at=row.edited_at or 0,
            holder=held if _is_held(row, at) else "",
            held_at=row.held_at or 0,
            mine=_is_held(row, at) and row.held_by == officer_id,
            sources=tuple(row.sources),
            asides=tuple(asides.get(id_, ())),
        )
        for id_, (row, by, held) in found.items()
    }


def begin(session: Session, owner: Owner, officer_id: str, first: Mapping[str, str]) -> None:
    """Give a new owner its first texts."""
    at = now_ms()
    for section, text in first.items():
        row = _new(owner, section) | {"text": text, "version": 1, "edited_by": officer_id, "edited_at": at}
        session.execute(inserting(session, Passage).values(row).on_conflict_do_nothing())


def hold(session: Session, owner: Owner, officer_id: str, sections: Collection[str]) -> list[str]:
    """Take these sections, but for those that somebody else is writing. Returns the sections that were taken."""
    at = now_ms()
    taken = [row for row in locked(session, owner, sections).values() if _is_free(row, officer_id, at)]
    for row in taken:
        row.held_by, row.held_at = officer_id, at
    session.flush()
    return [row.section for row in taken]


def let_go(session: Session, owner: Owner, officer_id: str, sections: Collection[str]) -> None:
    """Give up what this person holds of these sections."""
    for row in locked(session, owner, sections).values():
        if row.held_by == officer_id:
            row.held_by = row.held_at = None
    session.flush()


def check_nobody_else(session: Session, owner: Owner, officer_id: str) -> None:
    """Raise Problem `text_held` if somebody else is writing a section; give up what this person holds."""
    rows = session.scalars(select(Passage).where(*_of(owner), Passage.held_by.is_not(None)))
    held = locked(session, owner, [row.section for row in rows])
    refuse_if(not all(_is_free(row, officer_id, now_ms()) for row in held.values()), "text_held")
    let_go(session, owner, officer_id, held)


def save(
    session: Session, owner: Owner, officer_id: str, typed: Mapping[str, TypedPassage], *, closed: bool = False
) -> SavedPassages:
    """Save each section, or keep its text aside if somebody else writes it now or has changed it since.

    `closed`: nothing is edited here any more, so every edit is kept aside.
    """
    at, made = now_ms(), SavedPassages()
    for section, row in locked(session, owner, typed).items():
        said = typed[section]
        is_edit = digest(said.text) != said.shown and said.text != row.text
        if not closed and _is_free(row, officer_id, at) and (said.version == row.version or not is_edit):
            row.held_by, row.held_at = officer_id, at
            if is_edit:
                _write(row, officer_id, at, said.text)
                made.changed = True
            if said.version == row.version or is_edit or said.text == row.text:
                made.saved[section] = row.version
        elif is_edit:
            _keep_aside(session, row, officer_id, at, said.text)
            made.aside.append(section)
    session.flush()
    return made


def write(session: Session, owner: Owner, officer_id: str, section: str, text: str, source: Iterable[Any] = ()) -> None:
    """Replace a text that nobody else is writing. Raises Problem `text_held`."""
    row, at = locked(session, owner, [section])[section], now_ms()
    refuse_if(not _is_free(row, officer_id, at), "text_held")
    _write(row, officer_id, at, text)
    row.sources = [*row.sources, *source]
    session.flush()


def settle(session: Session, owner: Owner, officer_id: str, aside_id: str, *, take: bool) -> str:
    """Take a text that was kept aside, or drop it; what it replaces is then kept aside. Returns the section.

    Raises Problem `not_found`, `text_held`.
    """
    aside = session.get(PassageAside, aside_id)
    row = session.get(Passage, aside.passage_id) if aside else None
    if aside is None or row is None or (row.campaign_id, row.owner) != (owner.campaign, owner.id):
        raise Problem("not_found")
    row, at = locked(session, owner, [row.section])[row.section], now_ms()
    session.refresh(aside)
    if aside.settled_at is not None:  # by another click
        return row.section
    if take:
        refuse_if(not _is_free(row, officer_id, at), "text_held")
        if row.text:
            _keep_aside(session, row, row.edited_by or officer_id, at, row.text, but=aside.id)
        _write(row, officer_id, at, aside.text)
    aside.settled_at = at
    session.flush()
    return row.section


def locked(session: Session, owner: Owner, sections: Collection[str]) -> dict[str, Passage]:
    """Lock rows of these sections, made where they are missing, always in the same order."""
    for section in sorted(sections):
        session.execute(inserting(session, Passage).values(_new(owner, section)).on_conflict_do_nothing())
    here = select(Passage).where(*_of(owner), Passage.section.in_(sections)).order_by(Passage.section)
    rows = session.scalars(here.with_for_update().execution_options(populate_existing=True))
    return {row.section: row for row in rows}


def _of(owner: Owner) -> tuple[Any, ...]:
    return Passage.campaign_id == owner.campaign, Passage.owner == owner.id


def _new(owner: Owner, section: str) -> dict[str, Any]:
    whose = {"campaign_id": owner.campaign, "unit_id": owner.unit, "paper_id": owner.paper, "owner": owner.id}
    return {"id": new_id(), **whose, "section": section, "text": "", "version": 0, "sources": []}


def _is_held(row: Passage, at: int) -> bool:
    return row.held_by is not None and at < (row.held_at or 0) + HOLD_MS


def _is_free(row: Passage, officer_id: str, at: int) -> bool:
    return row.held_by == officer_id or not _is_held(row, at)


def _write(row: Passage, officer_id: str, at: int, text: str) -> None:
    row.text, row.version, row.edited_by, row.edited_at = text, row.version + 1, officer_id, at


def _keep_aside(session: Session, row: Passage, officer_id: str, at: int, text: str, but: str = "") -> None:
    """One row a person and section, whose later text replaces the earlier one: they come every few seconds."""
    theirs = PassageAside.passage_id == row.id, PassageAside.officer_id == officer_id
    standing = select(PassageAside).where(*theirs, PassageAside.settled_at.is_(None), PassageAside.id != but)
    kept = session.scalars(standing.limit(1)).first()
    if kept is None:
        kept = PassageAside(id=new_id(), passage_id=row.id, officer_id=officer_id)
        session.add(kept)
    kept.text, kept.at = text, at
