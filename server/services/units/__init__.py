"""The tree of units, and who may see, write, review and manage where."""

__all__ = ["scope", "tree", "unit_search"]
"""Modules for others; the rest is this package's own."""
