"""Reports: a unit's figures as an official document. The modules here say what a report is.

`text/`: what people write. `snapshot/`: figures locked. `workflow/`: papers on their way to the signature. `word/` and
`documents/`: files.
"""

__all__ = [
    "accounts",
    "additions",
    "content",
    "documents.asking",
    "documents.closing",
    "documents.dissolved",
    "documents.leader_sheet",
    "documents.log_book",
    "documents.report_files",
    "documents.report_forms",
    "documents.workbook",
    "draft",
    "letterheads",
    "snapshot.freeze_documents",
    "snapshot.freezes",
    "snapshot.freezing",
    "snapshot.locking",
    "snapshot.steps",
    "tables",
    "text.passages",
    "text.sections",
    "text.statements",
    "text.tokens",
    "word",
    "word.own_template",
    "words",
    "workflow.making",
    "workflow.paper_documents",
    "workflow.papers",
    "workflow.settings",
    "workflow.signed_pdf",
    "workflow.signing",
    "workflow.templates",
]
"""Modules for other packages; the rest is private to this one."""
