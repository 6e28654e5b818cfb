"""People and units, as an administrator or a manager changes them."""

__all__ = [
    "absences",
    "factor_duty",
    "handover",
    "new_devices",
    "people",
    "split_faults",
    "split_undo",
    "staff",
    "tree_locks",
    "unit_changes",
    "unit_splits",
]
"""Modules for other packages; the rest is private to this one."""
