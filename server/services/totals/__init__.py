"""Figures without evidence ("số liệu chưa có minh chứng"): what is said of them, and what records have replaced."""

__all__ = ["basis", "entering", "in_force", "parts", "places", "reading"]
"""Modules for other packages; the rest is private to this one."""
