"""After a loss: restores, purges, what phones held and the database does not, rescue files."""

__all__ = ["missing", "purges", "rescue", "restores"]
"""Modules for others; the rest is this package's own."""
