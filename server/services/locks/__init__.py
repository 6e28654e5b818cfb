"""Locked figures ("Khóa số liệu báo cáo"): a level locks those of all below it; documents are made of a freeze."""

__all__ = [
    "canonical",
    "documents",
    "erasing",
    "foot",
    "freezes",
    "listed",
    "locking",
    "naming",
    "preview",
    "rows",
    "steps",
    "supplement",
    "texts",
]
"""Modules for other packages; the rest is private to this one."""
