"""Figures per unit and campaign, what was asked and planned, and the seal by which a unit sends them."""

__all__ = ["asked", "coverage", "matrix", "plan", "road", "seals", "sums"]
"""Modules for others; the rest is this package's own."""
