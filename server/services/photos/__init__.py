"""Photos and documents: uploaded in parts, checked, stored by hash, read by record, dropped when unnamed."""

__all__ = [
    "computer_photos",
    "documents",
    "garbage",
    "garbage_lock",
    "images",
    "ingest",
    "photo_index",
    "record_documents",
    "roles",
    "uploads",
]
"""Modules for other packages; the rest is private to this one."""
