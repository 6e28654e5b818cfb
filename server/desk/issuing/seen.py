"""A report as its page and the list show it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import Campaign, Paper, PaperVersion, Unit
from server.services.reports.snapshot import freezes, steps
from server.services.reports.snapshot.freezes import spoken
from server.services.reports.text import passages
from server.services.reports.workflow import paper_documents, papers, settings
from server.services.reports.workflow.papers import PaperAct, PaperStanding, PaperState
from server.services.units.scope import Scope
from sync.figures import every_figure
from sync.text import fold

MOST_CHANGES: Final = 40
"""Most figures that moved on the page; the document has all."""


@dataclass(frozen=True, slots=True)
class SeenPaper:
    """A report of a list: `to`: whom it is addressed to."""

    it: PaperStanding
    to: tuple[str, ...]


def row_of(session: Session, standing: PaperStanding) -> SeenPaper:
    """Return a report of a list."""
    texts = passages.texts(session, passages.owner_of_paper(standing.row))
    return SeenPaper(standing, settings.of(texts).to)


def page_of(session: Session, scope: Scope, row: Paper) -> dict[str, Any]:
    """Return what the page of a report shows."""
    it = papers.standing(session, row)
    locks = steps.standing(session, row.unit_id, row.campaign_id)
    newer = papers.newer(session, row) if it.state is not PaperState.ISSUED else None
    changes = papers.differs(session, scope, row, newer) if newer else []
    acts = papers.acts(session, scope, it)
    follows = papers.standing(session, papers.get(session, scope, row.follows_id)) if row.follows_id else None
    later = session.scalars(select(Paper).where(Paper.follows_id == row.id).order_by(Paper.made_at)).all()
    mine = it.presented is not None and it.presented.officer_id == scope.officer_id
    texts = passages.texts(session, passages.owner_of_paper(row))
    said, report = settings.of(texts), paper_documents.shown(session, scope, it)
    submits = PaperAct.SUBMIT in acts and it.state is PaperState.DRAFT
    figures = freezes.read(session, scope, row.freeze_id) if submits else None
    return {
        "it": it,
        "preflight": settings.preflight(figures, report, said) if figures else [],
        "acts": acts,
        "next": next((act for act in acts if act not in (PaperAct.BACK, PaperAct.MOVE)), None),
        "needs_person": mine or it.state is PaperState.APPROVED,
        "states": list(PaperState),
        "unit": session.get_one(Unit, row.unit_id),
        "campaign": session.get_one(Campaign, row.campaign_id),
        "report": report,
        "said": said,
        "id": spoken(row.freeze_id),
        "newer": newer and spoken(newer),
        "unlocked": not locks.is_locked and it.state is not PaperState.ISSUED,
        "changes": changes[:MOST_CHANGES],
        "more_changes": max(0, len(changes) - MOST_CHANGES),
        "labels": {figure.code: figure.label for figure in every_figure()},
        "follows": follows,
        "later": papers.standings(session, later),
        "may_follow": _may_follow(scope, it, locks.freezes[-1] if locks.is_locked else ""),
        "writes": it.state is PaperState.DRAFT and PaperAct.SUBMIT in acts,
        "numbers": {v.id: v for v in session.scalars(select(PaperVersion).where(PaperVersion.paper_id == row.id))},
        "whole": paper_documents.is_whole,
    }


def _may_follow(scope: Scope, it: PaperStanding, freeze: str) -> str:
    """Return `now` if a report may follow this one now, `lock` if the figures must be locked again first, else ``."""
    if it.state is not PaperState.ISSUED or it.replaced_by or not scope.may_draft(it.row.unit_id):
        return ""
    return "now" if freeze and freeze != it.row.freeze_id else "lock"


def file_name(it: PaperStanding) -> str:
    """Return the name of a signed PDF as it is downloaded."""
    number = it.issued.doc_number if it.issued else ""
    return f"bao-cao-da-ky-{re.sub(r'[^a-z0-9]+', '-', fold(number)).strip('-') or 'chua-co-so'}.pdf"
