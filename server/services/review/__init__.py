"""What a reviewer works with: lists, a record with its history, decisions on one record and on many."""

__all__ = [
    "behind",
    "beside",
    "bulk",
    "bulk_undo",
    "decisions",
    "dossier",
    "queue",
    "return_templates",
    "reviewed_share",
    "sampling",
    "schedule_extensions",
    "warning_rules",
]
"""Modules for other packages; the rest is private to this one."""
