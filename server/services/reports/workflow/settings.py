"""What a paper has of its own beside its texts: subject, Kính gửi, legal bases, Nơi nhận, outline, letterhead, signer.

They are texts like the others (text/passages.py), so two who edit them lose nothing. They begin with what the
campaign's letter and the unit's last paper say. Also: what somebody should know before *Trình*.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.problem_details import refuse_if
from server.models import Campaign, CampaignLetter, Paper, Unit
from server.services.letters import citing
from server.services.letters.facts import OUTLINE
from server.services.reports import content, letterheads
from server.services.reports.content import Report, ReportPhoto, Section
from server.services.reports.letterheads import LetterheadText, signing
from server.services.reports.snapshot.freezes import FrozenFigures
from server.services.reports.text import passages
from server.services.reports.text.sections import OWN, SETTING, paragraphs
from server.services.reports.words import roman
from sync.text import fold, is_id

NAMES: Final = ("subject", "to", "bases", "recipients", "outline", "annexes", "photos", "template")
CHOSEN: Final = ("annexes", "photos", "template")
"""Settings that are ticked or chosen, not written: codes of annexes, a line each; most photos; the id of a template."""
PHOTOS: Final = (0, 6, 12, 30, 60)
"""How many photos may be chosen: a freeze has at most 60."""
NONE: Final = "none"
"""The first line of the annexes that somebody chose, so that none is a choice, too. As a template: ours."""
HEAD: Final = ("governing", "issuing", "called", "symbol", "place", "signing", "signer", "mandate")
"""How it is headed and signed: at first as the unit's letterhead says."""
_NOT_COPIED: Final = ("to", "bases")
"""A paper to another addressee cites another letter."""


@dataclass(frozen=True, slots=True)
class PaperSettings:
    """Each a list of lines; `subject` one text. `annexes`: codes of those that go with it; `photos`: most of them."""

    subject: str
    to: tuple[str, ...]
    bases: tuple[str, ...]
    recipients: tuple[str, ...]
    outline: tuple[str, ...]
    head: LetterheadText
    annexes: tuple[str, ...] = content.USUAL_ANNEXES
    photos: int = content.USUAL_PHOTOS
    template: str = ""
    """The id of its own template (templates.py); empty: it has our layout."""


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
        mandate=" ".join(lines["mandate"]),
    )
    to, bases, recipients, outline, annexes, photos, template = (lines[name] for name in NAMES[1:])
    chosen = tuple(each for each in annexes if each in content.ANNEXES) if annexes else content.USUAL_ANNEXES
    most = int(photos[0]) if photos else content.USUAL_PHOTOS
    own = "".join(each for each in template if each != NONE)
    return PaperSettings(" ".join(lines["subject"]), to, bases, recipients, outline, head, chosen, most, own)


def checked_choice(name: str, lines: Sequence[str]) -> str:
    """Return a chosen setting as it is stored. `lines`: what a form sends. Raises Problem `bad_request`."""
    if name == "photos":
        refuse_if(len(lines) != 1 or lines[0] not in map(str, PHOTOS), "bad_request")
        return lines[0]
    if name == "template":
        refuse_if(len(lines) != 1 or not (lines[0] == NONE or is_id(lines[0])), "bad_request")
        return lines[0]
    found = {line for each in lines for line in each.splitlines()} - {NONE}
    refuse_if(not found <= set(content.ANNEXES), "bad_request")
    return "\n".join((NONE, *(each for each in content.ANNEXES if each in found)))


def first(session: Session, campaign: Campaign, unit: Unit, head: LetterheadText, subject: str) -> dict[str, str]:
    """Return the first settings of a paper. `head`: the unit's letterhead."""
    letter = session.get(CampaignLetter, campaign.id)
    row = last_of(session, unit.id)
    last = passages.texts(session, passages.owner_of_paper(row)) if row else {}
    to = paragraphs(last.get(f"{SETTING}to", "")) or _to(campaign, unit, letter, head)
    lines = {
        "subject": [subject],
        "to": to,
        "bases": list(citing.bases(session, campaign, unit, to)),
        "recipients": paragraphs(last.get(f"{SETTING}recipients", "")) or list(head.recipients),
        "outline": list((letter and letter.outline) or paragraphs(last.get(f"{SETTING}outline", "")) or OUTLINE),
        **{name: paragraphs(last.get(f"{SETTING}{name}", "")) for name in CHOSEN},
    }
    said = {name: "\n".join(each) for name, each in lines.items()} | {name: getattr(head, name) for name in HEAD}
    return {f"{SETTING}{name}": text for name, text in said.items()}


def headed(session: Session, campaign: Campaign, unit: Unit, head: LetterheadText, *, own: bool) -> dict[str, str]:
    """Return what follows from who issues it: head and signature, whom it goes to, what it cites, who gets a copy.

    `own`: the unit itself, which answers who the campaign's letter says.
    """
    to = _to(campaign, unit, session.get(CampaignLetter, campaign.id), head) if own else list(head.addressees)
    lines = {
        "to": to,
        "bases": citing.bases(session, campaign, unit, to),
        "recipients": head.recipients,
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


# The sections of a report under the headings of an outline, as a letter or an office asks for them.
#
# A heading is known by its words; one that is none of the usual ones gets a section to write into. Section II.2, on
# victims, says "có báo cáo riêng" wherever it stands.
_JUDGED: Final = {
    "strengths": r"uu diem|thuan loi|mat duoc|ket qua dat duoc",
    "difficulties": r"kho khan|han che|ton tai|vuong mac",
    "causes": r"nguyen nhan",
}
_WORDS: Final = {
    "victims": r"nan nhan",
    "money": r"kinh phi",
    "ahead": r"phuong huong|thoi gian toi|ke hoach .*tiep theo",
    "proposals": r"kien nghi|de xuat",
    "judgement": r"danh gia|nhan xet",
    "direction": r"chi dao|trien khai|quan triet|ban hanh",
    "results": r"ket qua",
    "outreach": r"tuyen truyen|truyen thong",
}
_MARK: Final = 8
"""Hex digits of the mark of a heading."""


@dataclass(frozen=True, slots=True)
class OutlinedHeading:
    """A heading and the sections that stand under it. None: one to write into, `own` is its code."""

    heading: str
    codes: tuple[str, ...]
    own: str


def read_outline(headings: Sequence[str]) -> list[OutlinedHeading]:
    """Return what each heading stands for; nothing stands twice."""
    found = [(heading, _codes(heading)) for heading in headings]
    parts = {code for _, codes in found for code in codes} & {"victims", "money"}
    used: set[str] = set()
    made = []
    for heading, codes in found:
        known = tuple("outreach" if code == "results" and parts else code for code in codes)
        left = tuple(code for code in known if code not in used)
        used |= set(left)
        mark = hashlib.sha256(fold(heading).encode()).hexdigest()[:_MARK]
        made.append(OutlinedHeading(heading, left, f"{OWN}{mark}"))
    return made


def _codes(heading: str) -> tuple[str, ...]:
    words = fold(heading)
    judged = tuple(code for code, form in _JUDGED.items() if re.search(form, words))
    if judged and not re.search(_WORDS["judgement"], words):
        return judged
    return next(((code,) for code, form in _WORDS.items() if re.search(form, words)), ())


def arranged(sections: Sequence[Section], headings: Sequence[str]) -> tuple[Section, ...]:
    """Return the sections under these headings, numbered I, II, ...; as they are without any heading."""
    if not headings:
        return tuple(sections)
    known = {section.code: section for section in _all(sections) if section.code}
    return tuple(_under(each, f"{roman(place)}.", known) for place, each in enumerate(read_outline(headings), 1))


def _under(each: OutlinedHeading, mark: str, known: dict[str, Section]) -> Section:
    found = [known[code] for code in each.codes if code in known]
    if not found:
        return Section(mark, each.heading, blank=True, code=each.own)
    if len(found) == 1:
        return replace(found[0], mark=mark, title=each.heading)
    inner = tuple(replace(section, mark=f"{place}.") for place, section in enumerate(found, 1))
    return Section(mark, each.heading, sections=inner)


def left_out(sections: Sequence[Section], arranged_ones: Sequence[Section], texts: dict[str, str]) -> list[str]:
    """Return titles of sections that have a text and no place under the headings."""
    here = {section.code for section in _all(arranged_ones)}
    return [each.title for each in _all(sections) if each.code and texts.get(each.code) and each.code not in here]


def _all(sections: Sequence[Section]) -> Iterator[Section]:
    for section in sections:
        yield section
        yield from _all(section.sections)


# What somebody should know before a report is presented: nothing of it is refused, and no number is asked for.
DOTTED: Final = ("……", "....")
CODES: Final = ("template", "silent", "sections", "to", "bases", "recipients", "signer", "mandate", "ended", "faces")


@dataclass(frozen=True, slots=True)
class PreflightFinding:
    """One thing to look at. `code`: one of CODES; `what`: the units or sections that it is about."""

    code: str
    what: tuple[str, ...] = ()


def preflight(
    found: FrozenFigures,
    report: Report,
    said: PaperSettings,
    ended: str = "",
    faces: Sequence[ReportPhoto] = (),
    *,
    lacks_template: bool = False,
) -> list[PreflightFinding]:
    """Return what is silent, unwritten or left dotted in a report as it would be presented.

    `ended`: the last day of who signs, if it is over. `faces`: photos of which nobody said whether they show one.
    `lacks_template`: its template was withdrawn.
    """
    units = tuple(letterheads.within(row.unit.name) for row in found.silent)
    empty = tuple(_unwritten(report.sections))
    checks = {
        "template": ("",) if lacks_template else (),
        "silent": units,
        "sections": empty,
        "to": () if said.to and not _dotted(said.to) else ("",),
        "bases": () if said.bases and not _dotted(said.bases) else ("",),
        "recipients": () if said.recipients and not _dotted(said.recipients) else ("",),
        "signer": () if said.head.signer and said.head.signing else ("",),
        "mandate": ("",) if letterheads.is_by_proxy(said.head.signing) and not said.head.mandate else (),
        "ended": (ended,) if ended else (),
        "faces": tuple(dict.fromkeys(photo.name for photo in faces)),
    }
    return [PreflightFinding(code, tuple(filter(None, checks[code]))) for code in CODES if checks[code]]


def _unwritten(sections: Sequence[Section]) -> Iterator[str]:
    """Yield titles of sections that a person should write and nobody has, or that have dots in them."""
    for section in sections:
        if (section.blank and not section.sentences and not section.sections) or _dotted(section.sentences):
            yield section.title
        yield from _unwritten(section.sections)


def _dotted(lines: Sequence[str]) -> bool:
    return any(dots in line for line in lines for dots in DOTTED)
