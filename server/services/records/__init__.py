"""Records as the server keeps them: writes, stored once; streams and their feed; states, running totals, counts."""

__all__ = [
    "authors",
    "cursor_tags",
    "graded",
    "journal",
    "late",
    "listing",
    "opening",
    "photo_refs",
    "projection",
    "readiness",
    "receipts",
    "record_counts",
    "recount",
    "running_totals",
    "stored",
    "streams",
    "tombstones",
]
"""Modules for other packages; the rest is private to this one."""
