"""Facts about an installation: the keys it is served with, and whether it holds the demo's sample data."""

__all__ = ["own_secret", "sample"]
"""Modules for other packages; the rest is private to this one."""
