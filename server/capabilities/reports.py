"""Reports: the page with its road, figures locked, texts and statements, papers, documents, forms and letterheads."""

from __future__ import annotations

from functools import partial

from flask import Flask

from server.desk.documents import documents, forms, letterhead
from server.desk.issuing import papers
from server.desk.issuing.seen import PAPERS_LINE
from server.desk.locks import frozen, lock
from server.desk.locks.panel import LOCK_LINE
from server.desk.menu import MenuEntry
from server.desk.narrative import texts
from server.desk.panels import PANELS
from server.desk.reports import report, word
from server.desk.statements import statements
from server.registration import Registration
from server.services.jobs import Jobs
from server.services.recovery.purges import ERASERS
from server.services.reports.additions import ADDITIONS
from server.services.reports.documents import (
    asking,
    closing,
    leader_sheet,
    log_book,
    report_files,
    report_forms,
    workbook,
)
from server.services.reports.documents.asking import KINDS, DocumentKind
from server.services.reports.snapshot import freeze_documents
from server.services.reports.text.statements import ADDITION
from server.serving.installation import installed


def register(add: Registration) -> None:
    """Add pages and their menu entry, lines above figures, jobs, kinds of documents, and what a purge erases."""
    add.menu(MenuEntry("nav.report", "report.show", place=30, key="b"))
    add.pages(report.bp, word.bp, texts.bp, statements.bp, papers.bp, frozen.bp, under="nav.report")
    add.pages(documents.bp, forms.bp, letterhead.bp, under="nav.report")
    add.pages(lock.bp, under="nav.figures")
    PANELS.add("locks", LOCK_LINE)
    PANELS.add("papers", PAPERS_LINE, place=10)
    ADDITIONS.add("statements", ADDITION, place=10)
    add.jobs(_jobs)
    KINDS.add("word", DocumentKind(report_files.make_word, report_files.check))
    KINDS.add("beside", DocumentKind(partial(report_files.make_word, beside=True), report_files.check))
    KINDS.add("excel", DocumentKind(workbook.make, report_files.check))
    KINDS.add("table", DocumentKind(report_files.make_table, report_files.check))
    KINDS.add("summary", DocumentKind(leader_sheet.make))
    KINDS.add("log_book", DocumentKind(log_book.make, log_book.check))
    KINDS.add("form", DocumentKind(report_forms.make, report_forms.check))
    ERASERS.add("documents", asking.erase)
    ERASERS.add("locks", freeze_documents.erase)


def _jobs(app: Flask, jobs: Jobs) -> None:
    has = installed(app)
    KINDS.add("pdf", DocumentKind(partial(report_files.make_pdf, converter=has.pdf), report_files.check))
    KINDS.add("dossier", DocumentKind(partial(closing.make, retention=has.settings.retention), may=closing.may))
    asking.register(jobs)
