"""Ways in: devices, desk sessions, enrolment codes, passwords, one-time links; and how much of each is allowed."""

__all__ = ["accounts", "code_door", "codes", "compaction", "devices", "known_browser", "quotas", "sign_in", "welcome"]
"""Modules for others; the rest is this package's own."""
