"""What a reviewer works with: lists, a record with its history, decisions on one record and on many."""

__all__ = [
    "answering",
    "briefs",
    "bulk",
    "bulk_undo",
    "decisions",
    "dossier",
    "figure_amounts",
    "messages",
    "named_values",
    "queue",
    "queue_query",
    "record_history",
    "replies",
    "results",
    "results_filter",
    "return_templates",
    "same_day",
    "sampling",
    "schedule_extensions",
    "searching",
    "undoing",
    "warning_rules",
    "writers",
]
"""Modules for other packages; the rest is private to this one."""
