"""A paper as plain data: the freeze's report with the paper's own settings and texts; and how a paper begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.orm import Session

from server.core.bulk import inserting
from server.core.clock import now_ms, today
from server.core.db import add_now
from server.core.problem_details import refuse_if, required
from server.models import Campaign, Freeze, Paper, PaperStep, Unit
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.letters.citing import official_day
from server.services.reports import letterheads
from server.services.reports.content import CHARTS, Annex, Report, numbered
from server.services.reports.draft import addressed, with_and
from server.services.reports.letterheads import LetterheadText
from server.services.reports.snapshot import freezes, steps, supplement
from server.services.reports.snapshot.supplement import FollowedPaper
from server.services.reports.text import passages, tokens
from server.services.reports.text.passages import Owner
from server.services.reports.text.sections import OWN, SETTING, filled
from server.services.reports.words import legible, text
from server.services.reports.workflow import papers, settings, templates
from server.services.reports.workflow.papers import KINDS, REPLACEMENT, REPORT, SUPPLEMENT, PaperAct, PaperState
from server.services.reports.workflow.settings import PaperSettings
from server.services.units.scope import Scope

REASON: Final = f"{OWN}reason"
"""The text of a supplementary report that says why."""


def composed(session: Session, scope: Scope, row: Paper, texts: Mapping[str, str]) -> Report:
    """Return the report with these texts, without its photos and lists, as it is presented."""
    found = freezes.read(session, scope, row.freeze_id)
    said = settings.of(texts)
    base = base_report(session, scope, row, said.head, charts=CHARTS in said.annexes)
    if row.kind != SUPPLEMENT:
        base = replace(base, sections=settings.arranged(base.sections, said.outline))
    values = tokens.automatic_texts(found.table, found.head["campaign"]["hotline"], found.counts).values
    return legible(filled(_set(base, said), texts, values))


def base_report(session: Session, scope: Scope, row: Paper, head: LetterheadText, *, charts: bool = False) -> Report:
    """Return the report as the freeze and a letterhead make it, before the paper's texts. `charts`: with them."""
    found = freezes.read(session, scope, row.freeze_id)
    if not row.follows_id:
        return freezes.frozen_report(found, head, charts=charts)
    followed = papers.history(session, papers.get(session, scope, row.follows_id))
    before, named = freezes.read(session, scope, followed.row.freeze_id), named_as(followed)
    if row.kind == SUPPLEMENT:
        made = supplement.report(session, before, found, head, named)
        why, *others = made.sections
        return replace(made, sections=(replace(why, code=REASON), *others))
    base = freezes.frozen_report(found, head, charts=charts)
    return _replacing(base, named, head.called, supplement.changes(session, before, found, base))


def named_as(followed: papers.PaperHistory) -> FollowedPaper:
    """Return how a later report names an issued one. Raises Problem `paper_step` if it has no number yet."""
    issued = required(followed.issued, "paper_step")
    day = required(issued.doc_date, "paper_step")
    spelt = dict(zip(("day", "month", "year"), official_day(day).split("/"), strict=True))
    dated = text("followed_named_dated", number=issued.doc_number, **spelt)
    return FollowedPaper(text("followed_named", number=issued.doc_number), dated)


def _replacing(base: Report, named: FollowedPaper, body: str, changes: tuple[Annex, ...]) -> Report:
    """A whole report that says which one it replaces, with the table of what differs before its photos."""
    *others, photos = base.annexes
    says = text("replacement_opening" if changes else "replacement_same", paper=named.dated, body=body)
    return replace(
        base,
        subject=text("replacement_subject", subject=base.subject, paper=named.name),
        opening=(*base.opening, says),
        annexes=numbered((*others, *changes, photos)),
        file_name=base.file_name.replace("bao-cao-", "bao-cao-thay-the-", 1),
    )


def _set(base: Report, said: PaperSettings) -> Report:
    """The settings in place of those of the campaign."""
    bases = [text("opening_bases", bases=with_and(_bare(said.bases)))] if said.bases else []
    own = _without_bases(base)
    return replace(
        base,
        subject=said.subject or base.subject,
        to=addressed(_bare(said.to) if len(said.to) > 1 else said.to),
        opening=(*bases, *own),
        recipients=(base.recipients[0], *(said.recipients or base.recipients[1:])),
    )


def _without_bases(base: Report) -> tuple[str, ...]:
    """The opening without the campaign's own bases, which are its first sentence if it has any."""
    start, _, _ = text("opening_bases", bases="\0").partition("\0")
    return tuple(said for place, said in enumerate(base.opening) if place or not said.startswith(start))


def _bare(lines: Sequence[str]) -> list[str]:
    """Lines of a list without the signs at their ends."""
    return [line.rstrip(";. ") for line in lines]


# A paper begins: a report of the figures that are locked now, or one that follows an issued report.
@dataclass(frozen=True, slots=True)
class NewPaper:
    """What is to be made. `id`: chosen by the page, so that a second click makes no second report.

    `unit`, `campaign`: whose locked figures.
    `follows`: the issued report that it adds to or replaces. `issuer`: who issues it (letterheads.issuers); empty as
    its last report, or the first time as the unit's letterhead says.
    """

    id: str
    unit: str
    campaign: str
    kind: str = REPORT
    follows: str = ""
    issuer: str = ""


def make(session: Session, scope: Scope, new: NewPaper) -> Paper:
    """Make it, a draft with the unit's texts, or those of its last report of the campaign, or of the one it replaces.

    Raises Problem `not_found`, `forbidden`, `archived`, `unit_merged`, `paper_not_locked` (no figures are locked), and
    for one that follows `paper_step` (that one is not issued), `paper_replaced` or `paper_no_newer`.
    """
    refuse_if(new.kind not in KINDS or bool(new.follows) != (new.kind != REPORT), "bad_request")
    required(session.get(Campaign, new.campaign))
    refuse_if(not scope.may_see(new.unit), "not_found")
    refuse_if(not scope.may_draft(new.unit), "forbidden")
    locks = steps.history(session, new.unit, new.campaign)
    refuse_if(not locks.is_locked, "paper_not_locked")
    followed = _followed(session, scope, new, locks.freezes[-1])
    row = Paper(
        id=new.id,
        campaign_id=new.campaign,
        unit_id=new.unit,
        kind=new.kind,
        freeze_id=locks.freezes[-1],
        follows_id=new.follows or None,
        made_by=scope.officer_id,
        made_at=now_ms(),
    )
    papers.check_open(session, scope, row)
    first = _texts(session, scope, row, followed) | _issued_by(session, row, new.issuer)
    first = templates.without_withdrawn(session, scope, row.unit_id, first)
    values = {name: getattr(row, name) for name in Paper.__table__.columns.keys()}  # noqa: SIM118  # no mapping
    adding = inserting(session, Paper).values(values).on_conflict_do_nothing().returning(Paper.id)
    if session.scalar(adding) is None:  # made by another click
        return papers.get(session, scope, new.id)
    passages.begin(session, passages.owner_of_paper(row), scope.officer_id, first)
    begun = PaperStep(paper_id=row.id, act=PaperAct.MAKE.value, state=PaperState.DRAFT.value, freeze_id=row.freeze_id)
    add_now(session, begun.follow(0, scope.officer_id, row.made_at))
    said = {"unit": row.unit_id, "campaign": row.campaign_id, "freeze": row.freeze_id, "status": begun.state}
    log.append(session, Act.PAPER_MADE, ("paper", row.id), new=said)
    return session.get_one(Paper, row.id)


def _issued_by(session: Session, row: Paper, issuer: str) -> dict[str, str]:
    """The settings that follow from who issues it. Raises Problem `bad_request` for an unknown one."""
    if not issuer:
        return {}
    campaign, unit = session.get_one(Campaign, row.campaign_id), session.get_one(Unit, row.unit_id)
    head = required(letterheads.issuers(session, unit, today(), campaign).get(issuer), "bad_request")
    if issuer == "own" and _was_issued_by(session, row, head):
        return {}
    return settings.headed(session, campaign, unit, head, own=issuer == "own")


def _was_issued_by(session: Session, row: Paper, head: LetterheadText) -> bool:
    """Whether the reports that its texts are taken from have this head: what a clerk amended in them stays."""
    before = (settings.last_of(session, row.unit_id), settings.last_of(session, row.unit_id, row.campaign_id, REPORT))
    said = (settings.of(passages.texts(session, passages.owner_of_paper(each))).head for each in before if each)
    return all(each.issuing.split() == head.issuing.upper().split() for each in said)


def _followed(session: Session, scope: Scope, new: NewPaper, freeze: str) -> papers.PaperHistory | None:
    if not new.follows:
        return None
    found = papers.history(session, papers.get(session, scope, new.follows))
    refuse_if((found.row.unit_id, found.row.campaign_id) != (new.unit, new.campaign), "not_found")
    check_followed(found)
    old, now = (session.get_one(Freeze, each) for each in (found.row.freeze_id, freeze))
    refuse_if(old.id == now.id, "paper_no_newer")
    return found


def check_followed(found: papers.PaperHistory) -> None:
    """Raise Problem unless another report may follow this one: `paper_step`, `paper_replaced`."""
    refuse_if(found.state is not PaperState.ISSUED, "paper_step")
    refuse_if(found.replaced_by, "paper_replaced")


def _texts(session: Session, scope: Scope, row: Paper, followed: papers.PaperHistory | None) -> dict[str, str]:
    """The first texts: settings, and what was written."""
    campaign, unit = session.get_one(Campaign, row.campaign_id), session.get_one(Unit, row.unit_id)
    head = letterheads.in_force(session, unit, today(), campaign)
    subject = base_report(session, scope, row, head).subject
    said = settings.first(session, campaign, unit, head, subject)
    if followed is None:
        texts = passages.texts(session, Owner(campaign.id, unit.id)) | said
        sibling = settings.last_of(session, unit.id, campaign.id, REPORT)
        if sibling is None:
            return texts
        return texts | settings.copied(passages.texts(session, passages.owner_of_paper(sibling)))
    before = passages.texts(session, passages.owner_of_paper(followed.row))
    kept = {code: text for code, text in before.items() if code.startswith(SETTING) or row.kind == REPLACEMENT}
    if row.kind == SUPPLEMENT:
        kept.pop(f"{SETTING}outline", None)
    return said | kept | {f"{SETTING}subject": subject}
