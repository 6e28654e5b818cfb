"""What units state of themselves for a report: money spent (its II.3), plans and letters issued (its section I)."""

__all__ = ["account", "money", "papers", "place"]
"""Modules for other packages; the rest is private to this one."""
