"""Reports of a freeze on their way to the signature, and what follows after they were issued."""

__all__ = [
    "archive",
    "composing",
    "making",
    "moving",
    "outline",
    "papers",
    "preflight",
    "presented",
    "settings",
    "signed",
    "signing",
    "states",
]
"""Modules for other packages; the rest is private to this one."""
