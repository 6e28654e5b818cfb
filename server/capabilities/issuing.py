"""Reports: the texts that people write, the papers on their way to the signature, the line above figures and report."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.desk.issuing import papers
from server.desk.issuing.panel import PAPERS_LINE
from server.desk.narrative import texts
from server.desk.panels import PANELS
from server.models import Campaign
from server.registration import Registration
from server.services.reports.documents.closing import CLOSING, ClosingFile
from server.services.reports.workflow.papers import signed_files


def register(add: Registration) -> None:
    """Add the pages and the line."""
    add.pages(texts.bp, papers.bp, under="nav.report")
    PANELS.add("papers", PAPERS_LINE, place=10)
    CLOSING.add("signed", _signed)


def _signed(session: Session, campaign: Campaign, unit_id: str) -> list[ClosingFile]:
    return [ClosingFile(name, sha256) for name, sha256 in signed_files(session, campaign, unit_id)]
