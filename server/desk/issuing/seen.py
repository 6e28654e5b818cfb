"""The page of a unit's report: its paper, or before there is one the draft of today's figures; with its road."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any, Final

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import new_id, today
from server.desk.formats import day
from server.desk.narrative import shown
from server.desk.narrative.shown import ShownTexts
from server.desk.panels import Panel
from server.desk.reports import road
from server.desk.review import flagged
from server.desk.units import unit_field
from server.models import Campaign, Paper, PaperVersion, Unit
from server.services.campaigns import choices
from server.services.figures.table import Counting
from server.services.reports import draft, letterheads, words
from server.services.reports.documents import dissolved
from server.services.reports.snapshot import freezes, steps
from server.services.reports.snapshot.freezes import spoken
from server.services.reports.text import passages, sections, tokens
from server.services.reports.text.passages import Owner
from server.services.reports.text.sections import FIELDS
from server.services.reports.workflow import paper_documents, papers, settings
from server.services.reports.workflow.papers import PaperAct, PaperHistory, PaperState
from server.services.units.scope import Scope
from sync.figures import every_figure
from sync.text import fold

MOST_CHANGES: Final = 40
"""Most figures that moved on the page; the document has all."""


SeenPaper = dict[str, Any]
"""A report of a list: `to`: whom it is addressed to."""


def row_of(session: Session, standing: PaperHistory) -> SeenPaper:
    """Return a report of a list."""
    texts = passages.texts(session, passages.owner_of_paper(standing.row))
    return {"it": standing, "to": settings.of(texts).to}


def unit_page(  # whose figures, beside which papers, and how much of it
    session: Session,
    scope: Scope,
    campaign: Campaign,
    unit_id: str,
    found: Sequence[PaperHistory],
    *,
    whole: bool = False,
) -> dict[str, Any]:
    """Return what the page shows of today's figures: before a report is made, or beside one. `found`: its papers.

    Of very many units the draft is there with `whole` alone.
    """
    unit = session.get_one(Unit, unit_id)
    if not whole and road.is_large(session, campaign, unit_id):
        texts = shown.of_unit(session, scope, Owner(campaign.id, unit_id))
        figures = road.figures_here(session, scope, campaign, unit_id)
        return _page(session, scope, (campaign, unit), figures, texts, None, found) | {"report": None}
    read = draft.basis(session, scope, campaign, unit_id)
    automatic = tokens.automatic_texts(read.table, campaign.hotline, Counting())
    texts = shown.of_unit(session, scope, Owner(campaign.id, unit_id), automatic)
    report = sections.filled(draft.written(read), texts.texts, automatic.values)
    figures = road.figures_here(session, scope, campaign, unit_id, read)
    return _page(session, scope, (campaign, unit), figures, texts, None, found) | {
        "report": report,
        "opens": lambda annex: url_for(
            "report.show", campaign=campaign.id, unit=unit_id, now=1, annex=annex, _anchor="annex"
        ),
    }


def page_of(session: Session, scope: Scope, row: Paper) -> dict[str, Any]:
    """Return what the page of a report shows."""
    it = papers.history(session, row)
    campaign, unit = session.get_one(Campaign, row.campaign_id), session.get_one(Unit, row.unit_id)
    figures = road.figures_here(session, scope, campaign, row.unit_id)
    newer = papers.newer(session, row) if it.state is not PaperState.ISSUED else None
    changes = papers.differs(session, scope, row, newer) if newer else []
    acts = papers.acts(session, scope, it)
    follows = papers.history(session, papers.get(session, scope, row.follows_id)) if row.follows_id else None
    later = session.scalars(select(Paper).where(Paper.follows_id == row.id).order_by(Paper.made_at)).all()
    mine = it.presented is not None and it.presented.officer_id == scope.officer_id
    texts = shown.of_paper(session, scope, row)
    said = settings.of(passages.texts(session, passages.owner_of_paper(row)))
    report = paper_documents.shown(session, scope, it)
    submits = PaperAct.SUBMIT in acts and it.state is PaperState.DRAFT
    frozen = freezes.read(session, scope, row.freeze_id) if submits else None
    faces = paper_documents.unanswered(session, scope, row) if submits else []
    standing, ended = figures.standing, letterheads.ended(session, row.unit_id, said.head, today())
    found = papers.of_unit(session, row.unit_id, row.campaign_id)
    lacks = bool(said.template) and said.template not in dict(texts.templates) and row.kind != papers.SUPPLEMENT
    over = day(ended) if ended else ""
    return _page(session, scope, (campaign, unit), figures, texts, it, found) | {
        "report": report,
        "preflight": settings.preflight(frozen, report, said, over, faces, lacks_template=lacks) if frozen else [],
        "template": paper_documents.template_name(session, scope, it),
        "faces": faces,
        "faces_since": _answered_since(session, it, acts),
        "acts": acts,
        "next": next((act for act in acts if act not in (PaperAct.BACK, PaperAct.MOVE)), None),
        "needs_person": mine or it.state is PaperState.APPROVED,
        "said": said,
        "id": spoken(row.freeze_id),
        "newer": newer and spoken(newer),
        "unlocked": not standing.is_locked and it.state is not PaperState.ISSUED,
        "changes": changes[:MOST_CHANGES],
        "more_changes": max(0, len(changes) - MOST_CHANGES),
        "kept_labels": {figure.label[tokens.LANG]: figure.label for figure in every_figure()},
        "labels": {figure.code: figure.label for figure in every_figure()},
        "follows": follows,
        "later": papers.histories(session, later),
        "may_follow": _may_follow(scope, it, figures.freeze if standing.is_locked else ""),
        "numbers": {v.id: v for v in session.scalars(select(PaperVersion).where(PaperVersion.paper_id == row.id))},
        "whole": paper_documents.is_whole,
        "opens": lambda annex: url_for("papers.show", paper=row.id, annex=annex, _anchor="annex"),
    }


_ENDING: Final = {PaperAct.APPROVE, PaperAct.SIGN, PaperAct.ISSUE}


def _answered_since(session: Session, it: PaperHistory, acts: Collection[PaperAct]) -> list[str]:
    """Return the records of whose photos something else holds than when it was presented, for who acts on it now."""
    version = it.presented.version_id if it.presented and _ENDING & {*acts} else None
    if version is None:
        return []
    found = paper_documents.answered_since(session, session.get_one(PaperVersion, version))
    return list(dict.fromkeys(photo.name for photo in found))


def _page(  # whose report, what of it was read, and which one it is
    session: Session,
    scope: Scope,
    about: tuple[Campaign, Unit],
    figures: road.FiguresHere,
    texts: ShownTexts,
    it: PaperHistory | None,
    found: Sequence[PaperHistory],
) -> dict[str, Any]:
    """Return what the page shows, whichever report it is."""
    campaign, unit = about
    unit_id = unit.id
    mine = {"paper": it.row.id} if it else {"campaign": campaign.id, "unit": unit_id}
    return {
        "it": it,
        "texts": texts,
        "args": mine | {"here": "1"},
        "figures": figures,
        "stations": road.stations(session, campaign, figures, texts, it),
        "unit": unit,
        "campaign": campaign,
        "campaigns": choices.campaigns(session, scope),
        "field": unit_field(session, scope, unit_id, merged=False),
        "flagged": flagged.read(session, scope, campaign, unit_id),
        "others": [row_of(session, each) for each in found if it is None or each.row.id != it.row.id],
        "olds": dissolved.left_units(session, scope, unit_id),
        "issuers": _issuers(session, campaign, unit) if figures.makes and not figures.preview else [],
        "new": {kind: new_id() for kind in papers.KINDS},
        "words": words.text,
        **texts.choices,
    }


def _issuers(session: Session, campaign: Campaign, unit: Unit) -> list[tuple[str, str]]:
    """Return who may issue a new report: a code and a name for each, as the unit's letterhead says first."""
    found = letterheads.issuers(session, unit, today(), campaign)
    return [(code, head.called) for code, head in found.items()]


def _may_follow(scope: Scope, it: PaperHistory, freeze: str) -> str:
    """Return `now` if a report may follow this one now, `lock` if the figures must be locked again first, else ``."""
    if it.state is not PaperState.ISSUED or it.replaced_by or not scope.may_draft(it.row.unit_id):
        return ""
    return "now" if freeze and freeze != it.row.freeze_id else "lock"


def file_name(it: PaperHistory) -> str:
    """Return the name of a signed PDF as it is downloaded."""
    number = it.issued.doc_number if it.issued else ""
    return f"bao-cao-da-ky-{re.sub(r'[^a-z0-9]+', '-', fold(number)).strip('-') or 'chua-co-so'}.pdf"


# The line that leads to the texts and papers.
MOST: Final = 4
"""Most papers of the line; the page has all."""


PaperLink = dict[str, Any]
"""A paper by what people know it by. `number`: the one that the registry gave it; empty before."""


PapersLine = dict[str, Any]
"""`written`: how many of the short fields have a text. `makes`: the id of a report to make now; empty for none."""


def _read_papers(session: Session, scope: Scope, campaign: Campaign, unit_id: str) -> PapersLine | None:
    texts = passages.texts(session, passages.Owner(campaign.id, unit_id))
    found = papers.of_unit(session, unit_id, campaign.id)
    open_now = campaign.status != "archived" and scope.today(unit_id) == unit_id
    is_locked = steps.history(session, unit_id, campaign.id).is_locked
    makes = open_now and is_locked and scope.may_draft(unit_id)
    return {
        "unit": unit_id,
        "campaign": campaign.id,
        "writes": passages.may_write(scope, campaign, unit_id),
        "written": sum(1 for code in FIELDS if code in texts),
        "fields": len(FIELDS),
        "papers": [_link(session, each) for each in found[:MOST]],
        "more": len(found) > MOST,
        "makes": new_id() if makes else "",
    }


def _link(session: Session, each: PaperHistory) -> PaperLink:
    to = settings.of(passages.texts(session, passages.owner_of_paper(each.row))).to
    number = each.issued.doc_number if each.issued else ""
    return {"id": each.row.id, "kind": each.row.kind, "state": each.state.value, "to": "; ".join(to), "number": number}


PAPERS_LINE: Final = Panel("desk/issuing/line.html", _read_papers)
