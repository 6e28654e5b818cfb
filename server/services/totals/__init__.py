"""Figures without evidence ("số liệu chưa có minh chứng"): what is said of them, and what records have replaced."""

__all__ = ["basis", "entering", "parts", "places", "reading", "said", "standing"]
"""Modules for other packages; the rest is private to this one."""
