"""What a restore from a backup must not undo, and how a restore is noticed (SPEC B-1, B-2, B-6)."""

__all__ = ["marks", "revocations"]
"""Modules for other packages; the rest is private to this one."""
