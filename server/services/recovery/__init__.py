"""After a loss: restores, purges, what clients held and the database does not, rescue files."""

__all__ = ["missing", "purges", "rescue", "restores"]
"""Modules for other packages; the rest is private to this one."""
