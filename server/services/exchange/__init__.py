"""One round trip of a phone: its writes in, its news out (SPEC X-1)."""

__all__ = ["catalog", "pushes", "round_trip"]
"""Modules for others; the rest is this package's own."""
