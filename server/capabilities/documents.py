"""Documents made by jobs, forms to fill, letterheads; what a purge deletes of documents."""

from __future__ import annotations

from functools import partial

from flask import Flask

from server.desk.documents import documents, forms, letterhead
from server.registration import Registration
from server.services.jobs import Jobs
from server.services.recovery.purges import ERASERS
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
from server.serving.installation import installed


def register(add: Registration) -> None:
    """Add pages, jobs, kinds of documents, and what a purge erases."""
    add.pages(documents.bp, forms.bp, letterhead.bp, under="nav.report")
    add.jobs(_jobs)
    KINDS.add("word", DocumentKind(report_files.make_word, report_files.check))
    KINDS.add("beside", DocumentKind(report_files.make_beside, report_files.check))
    KINDS.add("excel", DocumentKind(workbook.make, report_files.check))
    KINDS.add("table", DocumentKind(report_files.make_table, report_files.check))
    KINDS.add("summary", DocumentKind(leader_sheet.make))
    KINDS.add("log_book", DocumentKind(log_book.make, log_book.check))
    KINDS.add("form", DocumentKind(report_forms.make, report_forms.check))
    KINDS.add("dossier", DocumentKind(closing.make, may=closing.may))
    ERASERS.add("documents", asking.erase)


def _jobs(app: Flask, jobs: Jobs) -> None:
    KINDS.add("pdf", DocumentKind(partial(report_files.make_pdf, converter=installed(app).pdf), report_files.check))
    asking.register(jobs)
