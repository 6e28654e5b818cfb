"""Reports: a unit's figures as an official document, first as plain data (`report`), then as a Word file (`word`)."""

from server.services.reports import draft, names, plain, word
from server.services.reports.accounts import DIRECTION, OTHER, PART, clock, silent_names
from server.services.reports.content import Annex, ChangeLine, Report, ReportPhoto, Section
from server.services.reports.draft import report
from server.services.reports.gather import Gathered, gather, waiting
from server.services.reports.legible import legible
from server.services.reports.numbers import dotted, official_day, padded
from server.services.reports.prose import account
from server.services.reports.words import parts, text

__all__ = [
    "DIRECTION",
    "OTHER",
    "PART",
    "Annex",
    "ChangeLine",
    "Gathered",
    "Report",
    "ReportPhoto",
    "Section",
    "account",
    "clock",
    "dotted",
    "draft",
    "gather",
    "legible",
    "names",
    "official_day",
    "padded",
    "parts",
    "plain",
    "report",
    "silent_names",
    "text",
    "waiting",
    "word",
]
