"""Who is behind: planned and done per unit, a board of units before the deadline, how the service itself is doing."""

__all__ = ["board", "contacts", "planned"]
"""Modules for other packages; the rest is private to this one."""
