"""Ways in: devices, desk sessions, codes, passwords, second factors, one-time links; and the limits on each."""

__all__ = [
    "accounts",
    "code_door",
    "codes",
    "compaction",
    "desk_sessions",
    "devices",
    "kept_files",
    "known_browser",
    "own_acts",
    "own_password",
    "password_rules",
    "recovery_codes",
    "sealing",
    "second_factor",
    "sign_in",
    "tries",
    "welcome",
]
"""Modules for other packages; the rest is private to this one."""
