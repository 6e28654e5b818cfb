"""The texts of a report that people write, and how figures stand in them; a unit's, and those of its papers."""

__all__ = ["automatic", "filling", "owners", "passages", "picking", "sections", "tokens"]
"""Modules for other packages; the rest is private to this one."""
