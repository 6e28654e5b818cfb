"""Reports: a unit's figures as an official document, first as plain data (`report`), then as a Word file (`word`)."""

from server.services.reports import accounts, content, draft, grids, listings, names, plain, seams, word
from server.services.reports.accounts import clock, silent_names
from server.services.reports.content import Annex, ChangeLine, Report, ReportPhoto, Section
from server.services.reports.draft import report
from server.services.reports.gather import Gathered, gather, waiting
from server.services.reports.legible import legible
from server.services.reports.numbers import dotted, official_day, padded
from server.services.reports.words import text

__all__ = [
    "Annex",
    "ChangeLine",
    "Gathered",
    "Report",
    "ReportPhoto",
    "Section",
    "accounts",
    "clock",
    "content",
    "dotted",
    "draft",
    "gather",
    "grids",
    "legible",
    "listings",
    "names",
    "official_day",
    "padded",
    "plain",
    "report",
    "seams",
    "silent_names",
    "text",
    "waiting",
    "word",
]
