"""What a reviewer works with: lists, a record with its history, decisions."""

__all__ = [
    "behind",
    "beside",
    "decisions",
    "dossier",
    "queue",
    "queue_cut",
    "replies",
    "results",
    "results_filter",
    "return_templates",
    "schedule_extensions",
    "searching",
    "writers",
]
"""Modules for other packages; the rest is private to this one."""
