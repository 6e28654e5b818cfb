"""People and units, as an administrator or a manager changes them."""

__all__ = ["factor_duty", "handover", "people", "staff", "unit_changes"]
"""Modules for other packages; the rest is private to this one."""
