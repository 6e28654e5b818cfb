"""Campaigns: opened, given files and due dates, closed and archived; those that somebody may choose from."""

__all__ = ["choices", "files", "lifecycle"]
"""Modules for others; the rest is this package's own."""
