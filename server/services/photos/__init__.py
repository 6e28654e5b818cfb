"""Photos and documents: uploaded in parts, checked, stored by hash, read by record, dropped when unnamed."""

__all__ = [
    "computer_photos",
    "garbage",
    "images",
    "photo_index",
    "record_documents",
    "uploads",
]
"""Modules for other packages; the rest is private to this one."""
