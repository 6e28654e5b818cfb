"""One round trip of a client: push its writes, pull changes (SPEC X-1)."""

__all__ = ["catalog", "round_trip", "wire"]
"""Modules for other packages; the rest is private to this one."""
