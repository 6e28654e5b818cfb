"""Paragraphs from units below, picked into one's own text with the name of the unit that wrote them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.models import Officer, Passage, Unit
from server.services.narrative import passages
from server.services.narrative.owners import Owner
from server.services.narrative.passages import WrittenPassage
from server.services.narrative.sections import cleaned, paragraphs
from server.services.reports import names
from server.services.units.tree import subtree

ON_A_PAGE: Final = 50
"""Most texts of a page: a province has hundreds of communes."""


@dataclass(frozen=True, slots=True)
class OfferedParagraph:
    """A paragraph of a unit below. `key`: what a form sends back. `taken`: it was picked before."""

    key: str
    unit: str
    text: str
    by: str
    at: int
    taken: bool


@dataclass(frozen=True, slots=True)
class PickedParagraph:
    """What became of a picked paragraph: `kept`, word for word, or edited since."""

    unit: str
    text: str
    kept: bool


def offered(session: Session, owner: Owner, section: str, start: int) -> tuple[list[OfferedParagraph], bool]:
    """Return paragraphs of this section from all units below, from a place on; and whether there are more.

    For a paper also those of its own unit, which may have been written after the lock.
    """
    below = [unit for unit in subtree(session, [owner.unit]) if unit != owner.unit or owner.paper]
    query = (
        select(Passage, Unit.name, Officer.name)
        .join(Unit, Unit.id == Passage.unit_id)
        .outerjoin(Officer, Officer.id == Passage.edited_by)
        .where(
            Passage.campaign_id == owner.campaign,
            Passage.section == section,
            Passage.paper_id.is_(None),
            Passage.unit_id.in_(below),
            Passage.text != "",
        )
        .order_by(Unit.level.desc(), Unit.sort_key, Unit.id)
    )
    rows = session.execute(query.offset(start).limit(ON_A_PAGE + 1)).all()
    taken = _taken(session, owner, section)
    found = [
        OfferedParagraph(_key(row.id, said), unit, said, by or "", row.edited_at or 0, said in taken)
        for row, unit, by in rows[:ON_A_PAGE]
        for said in paragraphs(row.text)
    ]
    return found, len(rows) > ON_A_PAGE


def pick(session: Session, owner: Owner, officer_id: str, section: str, keys: Collection[str]) -> int:
    """Add the chosen paragraphs, each with the name of its unit. Returns how many were there still.

    Raises Problem `text_held`, `too_long`.
    """
    below = set(subtree(session, [owner.unit]))
    ids = {key.partition(".")[0] for key in keys}
    query = select(Passage, Unit.name).join(Unit, Unit.id == Passage.unit_id)
    here = query.where(Passage.id.in_(ids), Passage.campaign_id == owner.campaign, Passage.section == section)
    rows = session.execute(here.order_by(Unit.level.desc(), Unit.sort_key, Unit.id)).all()
    chosen = [
        (row.unit_id, unit, said)
        for row, unit in rows
        if row.unit_id in below and row.paper_id is None
        for said in paragraphs(row.text)
        if _key(row.id, said) in keys
    ]
    if chosen:
        at, text = now_ms(), passages.texts(session, owner).get(section, "")
        added = "\n".join(said if id_ == owner.unit else attributed(said, unit) for id_, unit, said in chosen)
        sources = [{"unit": id_, "name": unit, "text": said, "at": at, "by": officer_id} for id_, unit, said in chosen]
        passages.write(session, owner, officer_id, section, cleaned(f"{text}\n{added}"), sources)
    return len(chosen)


def attributed(said: str, unit: str) -> str:
    """Return a paragraph with the name of its unit at the end.

    >>> attributed("Người dân hưởng ứng.", "Xã Nhân La")
    'Người dân hưởng ứng (xã Nhân La).'
    """
    return f"{said.rstrip('.;,: ')} ({names.within(unit)})."


def picked(passage: WrittenPassage) -> Iterator[PickedParagraph]:
    """Yield what was picked into this text, in the order of picking."""
    lines = set(paragraphs(passage.text))
    for source in passage.sources:
        whole = {source["text"], attributed(source["text"], source["name"])}
        yield PickedParagraph(source["name"], source["text"], bool(whole & lines))


def _taken(session: Session, owner: Owner, section: str) -> set[str]:
    mine = Passage.campaign_id == owner.campaign, Passage.owner == owner.id, Passage.section == section
    return {source["text"] for found in session.scalars(select(Passage.sources).where(*mine)) for source in found}


def _key(passage_id: str, said: str) -> str:
    return f"{passage_id}.{hashlib.sha256(said.encode()).hexdigest()[:16]}"
