"""What a reviewer works with: lists, a record with its history, decisions."""

__all__ = [
    "behind",
    "beside",
    "decisions",
    "dossier",
    "queue",
    "queue_cut",
    "replies",
    "return_templates",
    "schedule_extensions",
]
"""Modules for other packages; the rest is private to this one."""
