"""What a returned victim is to be given, by category and date of reception."""

__all__ = ["regimes"]
"""Modules for others; the rest is this package's own."""
