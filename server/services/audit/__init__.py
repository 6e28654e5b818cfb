"""What anybody did, in a keyed chain: written in the transaction of the act, checked by `loa audit verify`."""

__all__ = [
    "acts",
    "chain",
    "heads",
    "listing",
    "log",
    "naming",
    "retention",
    "verifying",
    "witness",
]
"""Modules for other packages; the rest is private to this one."""
