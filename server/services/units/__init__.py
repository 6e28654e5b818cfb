"""The tree of units, and who may see, write, review and manage where."""

__all__ = ["deputies", "roles", "scope", "tree", "unit_search"]
"""Modules for other packages; the rest is private to this one."""
