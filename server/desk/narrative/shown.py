"""The sections of a unit's or a paper's texts as a page shows them, and a form of them as it comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from server.core.problem_details import Problem
from server.desk.words import t
from server.models import Campaign, Paper, Unit
from server.services.reports import content
from server.services.reports.accounts import OTHER, PART
from server.services.reports.content import Section
from server.services.reports.snapshot import freezes
from server.services.reports.text import passages, sections, tokens
from server.services.reports.text.passages import Owner, TypedPassage, WrittenPassage
from server.services.reports.text.sections import (
    FIELDS,
    LONGEST,
    OWN,
    SETTING,
    PickedParagraph,
    checked,
    cleaned,
    is_part,
    paragraphs,
    title,
)
from server.services.reports.text.tokens import FigureTexts, TextPiece
from server.services.reports.workflow import making, papers, settings, templates
from server.services.reports.workflow.papers import PaperState
from server.services.units.scope import Scope

_MARKS: Final = dict(zip(FIELDS, ("I.", "III.1.", "III.2.", "III.3.", "IV.", "V."), strict=True))
_FIRST: Final = ("direction",)
"""Fields that stand before section II."""


@dataclass(frozen=True, slots=True)
class ShownSection:
    """A section on the page. `value`: the text as it is edited; `automatic`: the digest of the text it has by itself.

    `paragraphs`: the text as it is read, in pieces. `hand`: numbers that do not follow the figures; `unsaid`: labels of
    figures that an edited text leaves out.
    """

    code: str
    title: str
    it: WrittenPassage
    value: str
    digest: str
    automatic: str = ""
    paragraphs: tuple[tuple[TextPiece, ...], ...] = ()
    hand: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()
    picked: tuple[PickedParagraph, ...] = ()
    longest: int = LONGEST
    chosen: tuple[str, ...] = ()
    """What is ticked or chosen, of a setting that is not written."""

    @property
    def is_choice(self) -> bool:
        """It is ticked or chosen, not written."""
        return self.code.removeprefix(SETTING) in settings.CHOSEN

    @property
    def is_part(self) -> bool:
        """It writes itself."""
        return is_part(self.code)

    @property
    def is_edited(self) -> bool:
        """A part that somebody edited."""
        return self.is_part and bool(self.it.text)

    @property
    def is_picked_from(self) -> bool:
        """Paragraphs of units below may be picked into it."""
        return self.code in FIELDS

    @property
    def hint(self) -> str:
        """What to write here."""
        if self.is_part:
            return t("texts.part_hint")
        if self.code.startswith(SETTING):
            name = self.code.removeprefix(SETTING)
            return t(f"letterhead.{name}_hint" if name in settings.HEAD else f"setting_hint.{name}")
        return t(f"texts_hint.{self.code}") if self.code in FIELDS else ""


@dataclass(frozen=True, slots=True)
class ShownTexts:
    """A page of texts. `writes`: this person may write them now. `lost`: titles that have no place in the outline.

    `has_below`: paragraphs may be picked from other units.
    """

    campaign: Campaign
    unit: str
    paper: Paper | None
    writes: bool
    settings: list[ShownSection]
    sections: list[ShownSection]
    figures: Mapping[str, str]
    has_below: bool
    lost: tuple[str, ...] = ()
    has_charts: bool = True
    templates: tuple[tuple[str, str], ...] = ()
    """Word templates that the unit may use beside ours: id and name."""

    @property
    def choices(self) -> dict[str, tuple[object, ...]]:
        """What its page offers to tick and to choose: charts only where the locked figures have them."""
        annexes = tuple(each for each in content.ANNEXES if self.has_charts or each != content.CHARTS)
        return {"annexes": annexes, "photo_counts": tuple(settings.PHOTOS), "templates": self.templates}

    @property
    def all(self) -> list[ShownSection]:
        """Every section."""
        return [*self.settings, *self.sections]

    @property
    def by_code(self) -> dict[str, ShownSection]:
        """By code: every section."""
        return {each.code: each for each in self.all}

    @property
    def texts(self) -> dict[str, str]:
        """By section: the texts that are not empty, as they are stored."""
        return {each.code: each.it.text for each in self.all if each.it.text}

    @property
    def written(self) -> tuple[int, int]:
        """How many of the sections that people write have a text, and how many there are."""
        own = [each for each in self.sections if not each.is_part]
        return sum(1 for each in own if each.it.text), len(own)

    @property
    def mine(self) -> list[ShownSection]:
        """Those that this person writes now."""
        return [each for each in self.all if each.it.mine] if self.writes else []


def of_unit(session: Session, scope: Scope, owner: Owner, figures: FigureTexts | None = None) -> ShownTexts:
    """Return the texts of a unit. `figures`: the texts of its figures, if they were read before."""
    campaign = session.get_one(Campaign, owner.campaign)
    figures = figures or tokens.live_texts(session, scope, campaign, owner.unit)
    first = [(code, f"{_MARKS[code]} {title(code)}") for code in _FIRST]
    last_other = sorted(figures.parts, key=lambda code: code == f"{PART}{OTHER}")  # as a report has them
    parts = [
        (code, f"II.1.{mark}) {figures.parts[code].title}") for mark, code in zip("abcdefgh", last_other, strict=False)
    ]
    rest = [(code, f"{_MARKS[code]} {title(code)}") for code in FIELDS if code not in _FIRST]
    written = passages.read(session, owner, scope.officer_id)
    shown = [_section(code, name, written, figures) for code, name in (*first, *parts, *rest)]
    writes = passages.may_write(scope, campaign, owner.unit)
    return ShownTexts(campaign, owner.unit, None, writes, [], shown, figures.values, _has_below(session, owner.unit))


def of_paper(session: Session, scope: Scope, row: Paper) -> ShownTexts:
    """Return the texts and settings of a paper, under the headings of its outline."""
    freeze = freezes.read(session, scope, row.freeze_id)
    figures = tokens.automatic_texts(freeze.table, freeze.head["campaign"]["hotline"], freeze.counts)
    texts = passages.texts(session, passages.owner_of_paper(row))
    said = settings.of(texts)
    base = making.base_report(session, scope, row, said.head)
    is_supplement = row.kind == papers.SUPPLEMENT
    under = base.sections if is_supplement else settings.arranged(base.sections, said.outline)
    written = passages.read(session, passages.owner_of_paper(row), scope.officer_id)
    offered = {each.id: each.name for each in templates.offered(session, scope, row.unit_id, whole=True)}
    left_out = ("outline", *settings.CHOSEN) if is_supplement else () if offered or said.template else ("template",)
    names = [name for name in settings.NAMES if name not in left_out]
    labels = {name: t(f"setting.{name}") for name in names} | {name: t(f"letterhead.{name}") for name in settings.HEAD}
    found = [_section(f"{SETTING}{name}", label, written, figures, offered) for name, label in labels.items()]
    shown = [_section(code, name, written, figures) for code, name in _written_into(under, "")]
    lost = () if is_supplement else settings.left_out(base.sections, under, texts)
    campaign = session.get_one(Campaign, row.campaign_id)
    is_draft = papers.history(session, row).state is PaperState.DRAFT
    writes = is_draft and scope.may_draft(row.unit_id) and campaign.status != "archived"
    return ShownTexts(
        *(campaign, row.unit_id, row, writes, found, shown, figures.values),
        has_below=True,
        lost=tuple(lost),
        has_charts=freeze.has_charts,
        templates=tuple(offered.items()),
    )


def _has_below(session: Session, unit_id: str) -> bool:
    return session.scalars(select(Unit.id).where(Unit.parent_id == unit_id).limit(1)).first() is not None


def _written_into(sections: Sequence[Section], above: str) -> Iterator[tuple[str, str]]:
    for section in sections:
        mark = f"{above}{section.mark}"
        if section.code in FIELDS or section.code.startswith(OWN) or is_part(section.code):
            yield section.code, f"{mark} {section.title}"
        yield from _written_into(section.sections, mark)


def _section(
    code: str,
    name: str,
    written: Mapping[str, WrittenPassage],
    figures: FigureTexts,
    offered: Mapping[str, str] | None = None,
) -> ShownSection:
    it = written.get(code, WrittenPassage())
    own = figures.parts[code].text if code in figures.parts else ""
    stored = it.text or own
    if code.removeprefix(SETTING) in settings.CHOSEN:
        return _choice(code, name, it, offered or {})
    if not is_part(code):
        plain = tuple((TextPiece(line),) for line in paragraphs(stored))
        return ShownSection(
            code, name, it, stored, passages.digest(it.text), paragraphs=plain, picked=tuple(sections.picked(it))
        )
    kept = tuple(replace(each, text=tokens.bracketed(each.text, figures.values)) for each in it.asides)
    it = replace(it, asides=kept)
    lines = tuple(tuple(tokens.pieces(line, figures.values, own)) for line in paragraphs(stored))
    labels = tokens.labels()
    return ShownSection(
        code,
        name,
        it,
        tokens.bracketed(stored, figures.values),
        passages.digest(it.text),
        automatic=passages.digest(own),
        paragraphs=lines,
        hand=tuple(tokens.by_hand(it.text, own)) if it.text else (),
        unsaid=tuple(labels[each] for each in tokens.unsaid(it.text, own)) if it.text else (),
    )


def _choice(code: str, name: str, it: WrittenPassage, offered: Mapping[str, str]) -> ShownSection:
    """A setting that is ticked or chosen, in words where it is read. `offered`: names of templates by id."""
    said = settings.of({code: it.text})
    chosen: tuple[str, ...] = said.annexes
    words = "; ".join(t(f"documents.annex_{each}") for each in chosen)
    if code == f"{SETTING}photos":
        chosen = (str(said.photos),)
        words = t("documents.photos_most", count=said.photos) if said.photos else t("documents.photos_none")
    if code == templates.NAME:
        chosen = (said.template,)
        words = offered.get(said.template, t("texts.template_gone")) if said.template else t("texts.template_ours")
    lines = ((TextPiece(words),),) if words else ()
    return ShownSection(code, name, it, it.text, passages.digest(it.text), paragraphs=lines, chosen=chosen)


def typed(form: MultiDict[str, str]) -> dict[str, TypedPassage]:
    """Return what a form says of its sections. A part that is as it writes itself is stored as empty.

    Raises Problem `bad_request`, `bad_text`, `too_long`.
    """
    shown = _shown_figures(form.get("figures", "{}"))
    found: dict[str, TypedPassage] = {}
    for name in form:
        if not name.startswith("text."):
            continue
        code = checked(name.removeprefix("text."))
        setting = code.removeprefix(SETTING)
        chosen = settings.checked_choice(setting, form.getlist(name)) if setting in settings.CHOSEN else ""
        said = chosen or cleaned(form[name])
        if is_part(code):
            said = tokens.typed(said, shown)
            said = "" if passages.digest(said) == form.get(f"auto.{code}") else said
        version = form.get(f"version.{code}", "")
        if not (version.isascii() and version.isdecimal() and len(version) < 10):
            raise Problem("bad_request")
        found[code] = TypedPassage(said, int(version), form.get(f"shown.{code}", ""))
    return found


def _shown_figures(text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise Problem("bad_request") from error
    if not isinstance(found, dict):
        raise Problem("bad_request")
    return {str(code): str(value) for code, value in found.items()}
