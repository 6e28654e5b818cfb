"""Reports: a unit's figures as an official document, first as plain data (`report`), then as a Word file (`word`)."""

from server.services.reports import names, word
from server.services.reports.draft import report
from server.services.reports.words import text

__all__ = ["names", "report", "text", "word"]
