"""Figures per unit and campaign, those asked for and planned, and the seal by which a unit sends them."""

__all__ = [
    "charting",
    "charts",
    "keeping",
    "kept",
    "loading",
    "plan",
    "plan_cells",
    "road",
    "seals",
    "sums",
    "table",
    "unconfirmed",
]
"""Modules for other packages; the rest is private to this one."""
