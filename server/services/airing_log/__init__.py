"""The log of a scheduler or of the *hệ thống thông tin nguồn*: its plays become records of broadcasts, each once."""

__all__ = ["reading", "taking"]
"""Modules for other packages; the rest is private to this one."""
