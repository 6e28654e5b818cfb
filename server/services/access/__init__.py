"""Ways in: devices, desk sessions, enrolment codes, passwords, one-time links; and the limits on each."""

__all__ = ["accounts", "code_door", "codes", "compaction", "devices", "known_browser", "quotas", "sign_in", "welcome"]
"""Modules for other packages; the rest is private to this one."""
