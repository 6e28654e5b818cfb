"""Which sections people write, what they wrote in them, and paragraphs picked from units below.

People write the fields of sections I, III, IV and V; the parts of II write themselves until somebody edits them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.core.problem_details import Problem, refuse_if
from server.models import Campaign, Officer, Passage, Unit
from server.services.reports import letterheads
from server.services.reports.accounts import PART
from server.services.reports.content import Report, Section
from server.services.reports.text import passages, tokens
from server.services.reports.text.passages import Owner, WrittenPassage
from server.services.reports.text.tokens import printed
from server.services.reports.words import legible, text
from server.services.units.scope import Scope
from server.services.units.tree import subtree
from sync.text import is_well_formed, normal

FIELDS: Final = ("direction", "strengths", "difficulties", "causes", "ahead", "proposals")
"""Short fields; a report has them under headings of these names (reports/words.vi.json)."""
SETTING: Final = "set."
"""Before the name of a paper's setting, which is kept as a text like the others (workflow/settings.py)."""
OWN: Final = "own."
"""Before the mark of a heading of an outline that is none of the usual ones."""
LONGEST: Final = 20_000
"""Most characters of a section."""
_PARTS: Final = re.compile(rf"{re.escape(PART)}[a-z]{{1,20}}")
_OTHERS: Final = re.compile(rf"(?:{re.escape(SETTING)}|{re.escape(OWN)})[a-z0-9]{{1,20}}")


def is_part(section: str) -> bool:
    """True for a part of section II: figures stand in its text."""
    return section.startswith(PART)


def checked(section: str) -> str:
    """Return the code of a section. Raises Problem `bad_request` for anything else."""
    if section in FIELDS or _PARTS.fullmatch(section) or _OTHERS.fullmatch(section):
        return section
    raise Problem("bad_request")


def title(section: str) -> str:
    """Return the usual heading of a field."""
    return text(section)


def paragraphs(typed: str) -> list[str]:
    """Return the paragraphs of a text: one a line, without blank ones."""
    lines = (re.sub(r"[ \t\u00a0]+", " ", line).strip() for line in typed.splitlines())
    return [line for line in lines if line]


def cleaned(typed: str) -> str:
    """Return a typed text as it is stored. Raises Problem `bad_text` or `too_long`."""
    refuse_if(not is_well_formed(typed), "bad_text", "text")
    made = "\n".join(paragraphs(normal(typed)))
    refuse_if(len(made) > LONGEST, "too_long", "text")
    return made


# A report's sections with what people wrote in them.
def filled_today(session: Session, scope: Scope, campaign: Campaign, unit_id: str, report: Report) -> Report:
    """Return a unit's draft of today's figures with its texts."""
    texts = passages.texts(session, Owner(campaign.id, unit_id))
    has_parts = any(is_part(code) for code in texts)
    values = tokens.live_texts(session, scope, campaign, unit_id).values if has_parts else {}
    return filled(report, texts, values) if texts else report


def filled(report: Report, texts: Mapping[str, str], values: Mapping[str, str]) -> Report:
    """Return the report with these texts. `values`: the amounts of figures as printed.

    A field follows what stands there of itself. An edited part of section II takes the place of the automatic one.
    Section II.2 says "có báo cáo riêng", whatever anybody wrote.
    """
    return legible(replace(report, sections=tuple(_filled(report.sections, texts, values))))


def _filled(sections: tuple[Section, ...], texts: Mapping[str, str], values: Mapping[str, str]) -> Iterator[Section]:
    for section in sections:
        said, inner = texts.get(section.code, ""), tuple(_filled(section.sections, texts, values))
        if said and is_part(section.code):
            edited = tuple(paragraphs(printed(said, values)))
            yield replace(section, sentences=edited, sections=inner)
        elif said and (section.code in FIELDS or section.code.startswith(OWN)):
            both = (*section.sentences, *paragraphs(said))
            yield replace(section, sentences=both, blank=False, sections=inner)
        else:
            yield replace(section, sections=inner)


# Paragraphs from units below, picked into one's own text with the name of the unit that wrote them.
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
    return f"{said.rstrip('.;,: ')} ({letterheads.within(unit)})."


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
