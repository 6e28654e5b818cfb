"""What a reviewer works with: lists, a record with its history, decisions."""

__all__ = ["behind", "decisions", "dossier", "queue", "schedule_extensions"]
"""Modules for other packages; the rest is private to this one."""
