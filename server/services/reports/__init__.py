"""Reports: a unit's figures as an official document, first as plain data (`report`), then as a Word file (`word`)."""

from server.services.reports.content import BELOW, OWN, TOTAL, UNIT, Annex, Grid, Line, Report, Section, Shown
from server.services.reports.draft import report
from server.services.reports.words import text

__all__ = ["BELOW", "OWN", "TOTAL", "UNIT", "Annex", "Grid", "Line", "Report", "Section", "Shown", "report", "text"]
