"""Reports: a unit's figures as an official document, first as plain data (`report`), then as a Word file (`word`)."""

from server.services.reports import (
    accounts,
    annexes,
    content,
    draft,
    grids,
    listings,
    names,
    numbers,
    pictures,
    plain,
    reviewed,
    seams,
    single,
    unsupported,
    word,
)
from server.services.reports.accounts import DIRECTION, OTHER, PART, ReportedCampaign, Source, clock, silent_names
from server.services.reports.additions import ADDITIONS, Added, Addition, with_annex, with_section
from server.services.reports.annexes import numbered
from server.services.reports.content import Annex, ChangeLine, ListTable, Report, ReportPhoto, Section, list_columns
from server.services.reports.draft import ReportBasis, addressed, report
from server.services.reports.grids import cell_text
from server.services.reports.legible import legible
from server.services.reports.numbers import dotted, official_day, padded, roman
from server.services.reports.own_words import own_words
from server.services.reports.prose import account, small
from server.services.reports.quiet import QuietUnit, quiet
from server.services.reports.unsupported import unconfirmed
from server.services.reports.words import about, parts, text

__all__ = [
    "ADDITIONS",
    "DIRECTION",
    "OTHER",
    "PART",
    "Added",
    "Addition",
    "Annex",
    "ChangeLine",
    "ListTable",
    "QuietUnit",
    "Report",
    "ReportBasis",
    "ReportPhoto",
    "ReportedCampaign",
    "Section",
    "Source",
    "about",
    "account",
    "accounts",
    "addressed",
    "annexes",
    "cell_text",
    "clock",
    "content",
    "dotted",
    "draft",
    "grids",
    "legible",
    "list_columns",
    "listings",
    "names",
    "numbered",
    "numbers",
    "official_day",
    "own_words",
    "padded",
    "parts",
    "pictures",
    "plain",
    "quiet",
    "report",
    "reviewed",
    "roman",
    "seams",
    "silent_names",
    "single",
    "small",
    "text",
    "unconfirmed",
    "unsupported",
    "with_annex",
    "with_section",
    "word",
]
