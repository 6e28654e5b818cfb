"""People and units as an administrator or a manager changes them."""

__all__ = ["people", "staff", "unit_changes"]
"""Modules for others; the rest is this package's own."""
