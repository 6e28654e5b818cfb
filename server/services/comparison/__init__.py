"""The previous period ("cùng kỳ"): its figures taken once, then set beside those of a campaign."""

__all__ = ["account", "bases", "csv_table", "difference", "drafts", "earlier", "grid", "reading", "taking"]
"""Modules for other packages; the rest is private to this one."""
