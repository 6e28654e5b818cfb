"""A standalone table of figures ("biểu"): letterhead, table, and two signatures.

A table that is annexed to a report has no signatures of its own: the report is signed.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from server.services.documents import source
from server.services.documents.kinds import DocumentOrder, MadeDocument
from server.services.reports import Report, word


def make(order: DocumentOrder) -> MadeDocument:
    """Make the Word file."""
    made = source.report(order)
    path = order.folder / "table.docx"
    path.write_bytes(word.standing_table(only_table(made), order.told))
    return MadeDocument(path, f"{Path(made.file_name).stem.replace('bao-cao-', 'bieu-', 1)}.docx")


def only_table(report: Report) -> Report:
    """Copy a report with its first annex alone."""
    return replace(report, annexes=report.annexes[:1])
