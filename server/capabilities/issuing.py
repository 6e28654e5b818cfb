"""Reports: the texts that people write, the papers on their way to the signature, the line above figures and report."""

from __future__ import annotations

from server.desk.issuing import papers
from server.desk.issuing.panel import PAPERS_LINE
from server.desk.narrative import texts
from server.desk.panels import PANELS
from server.registration import Registration


def register(add: Registration) -> None:
    """Add the pages and the line."""
    add.pages(texts.bp, papers.bp, under="nav.report")
    PANELS.add("papers", PAPERS_LINE, place=10)
