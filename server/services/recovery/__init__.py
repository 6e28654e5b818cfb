"""After a loss: restores, purges, what clients held and the database does not; rescue files, and keys they need."""

__all__ = ["ended_campaigns", "key_use", "missing", "outbox", "purges", "rescue", "restores"]
"""Modules for other packages; the rest is private to this one."""
