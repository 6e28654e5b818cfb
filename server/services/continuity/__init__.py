"""What a restore from a backup must not undo, and how one is noticed (SPEC B-1, B-2, B-6)."""

__all__ = ["marks", "restore_times", "revocations"]
"""Modules for others; the rest is this package's own."""
