"""Confidential cases: a code, no identity, every benefit with its dates. Pseudonymous personal data.

The map of the house had this as a part beside `services/`, with its models and pages inside. It stands in the rooms
that every capability has, because the tests and layers that keep the house in order know only these; nothing but its
own pages, commands and registration may import it (import-linter).
"""

__all__ = [
    "acting", "case_log", "codes", "counting", "entering", "finding", "left", "lists",
    "log_verifying", "making", "public", "reducing", "restoring", "rights", "rotating", "showing",
    "store", "taking_over",
]  # fmt: skip
"""Modules for other packages; the rest is private to this one."""
