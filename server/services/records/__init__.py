"""Records as the server keeps them: writes, stored once; streams and their feed; states, running totals, counts."""

__all__ = [
    "authors",
    "graded",
    "journal",
    "late",
    "opening",
    "projection",
    "readiness",
    "recount",
    "stored",
    "streams",
    "tombstones",
]
"""Modules for other packages; the rest is private to this one."""
