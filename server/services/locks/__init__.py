"""Locked figures ("Khóa số liệu báo cáo"): a level locks those of all below it; documents are made of a freeze."""

__all__ = [
    "documents",
    "erasing",
    "evidence",
    "foot",
    "freezes",
    "listed",
    "locking",
    "naming",
    "preview",
    "report",
    "steps",
    "supplement",
]
"""Modules for other packages; the rest is private to this one."""
