"""Hints: what the evidence of a record shows a reviewer, in two grades. They decide nothing."""

__all__ = ["check_rules", "grades", "reading", "refreshing", "rules"]
"""Modules for other packages; the rest is private to this one."""
