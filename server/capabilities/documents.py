"""Documents made by jobs, forms to fill, letterheads; what a purge deletes of documents."""

from __future__ import annotations

from functools import partial

from flask import Flask

from server.desk.documents import documents, forms, letterhead
from server.registration import Registration
from server.services.documents import (
    closing,
    keeping,
    log_book,
    making,
    purging,
    source,
    standing_table,
    summary,
    word_file,
    workbook,
)
from server.services.documents.kinds import KINDS, DocumentKind
from server.services.jobs import Jobs
from server.services.recovery.purges import ERASERS
from server.serving.installation import installed


def register(add: Registration) -> None:
    """Add pages, jobs, kinds of documents, and what a purge erases."""
    add.pages(documents.bp, forms.bp, letterhead.bp, under="nav.report")
    add.jobs(_jobs)
    KINDS.add("word", DocumentKind(word_file.make, source.check))
    KINDS.add("beside", DocumentKind(word_file.make_beside, source.check))
    KINDS.add("excel", DocumentKind(workbook.make, source.check))
    KINDS.add("table", DocumentKind(standing_table.make, source.check))
    KINDS.add("summary", DocumentKind(summary.make))
    KINDS.add("log_book", DocumentKind(log_book.make, log_book.check))
    KINDS.add("form", DocumentKind(keeping.make, keeping.check))
    KINDS.add("dossier", DocumentKind(closing.make, may=closing.may))
    ERASERS.add("documents", purging.erase)


def _jobs(app: Flask, jobs: Jobs) -> None:
    KINDS.add("pdf", DocumentKind(partial(word_file.make_pdf, converter=installed(app).pdf), source.check))
    making.register(jobs)
