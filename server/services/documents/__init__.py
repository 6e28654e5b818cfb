"""Documents that take long or come in other forms: asked for on a page, made by jobs, found again under the report."""

__all__ = [
    "asking",
    "closing",
    "closing_points",
    "keeping",
    "kinds",
    "log_book",
    "making",
    "pdf",
    "placeholders",
    "purging",
    "source",
    "standing_table",
    "summary",
    "word_file",
    "workbook",
]
"""Modules for other packages; the rest is private to this one."""
