"""What a reviewer works with: lists, a record with its history, decisions on one record and on many."""

__all__ = [
    "behind",
    "beside",
    "briefs",
    "bulk",
    "bulk_undo",
    "changes",
    "decisions",
    "dossier",
    "logged_filter",
    "named_values",
    "queue",
    "queue_cut",
    "replies",
    "results",
    "results_conditions",
    "results_filter",
    "return_templates",
    "reviewed_share",
    "sampling",
    "schedule_extensions",
    "searching",
    "undoing",
    "warning_rules",
    "writers",
]
"""Modules for other packages; the rest is private to this one."""
