"""What a returned victim is to be given, by category and date of reception."""

__all__ = ["regimes"]
"""Modules for other packages; the rest is private to this one."""
