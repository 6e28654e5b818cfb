"""Who is behind: planned and done per unit, and a board of units before the deadline."""

__all__ = ["board", "contacts", "leaves", "planned", "silent"]
"""Modules for other packages; the rest is private to this one."""
