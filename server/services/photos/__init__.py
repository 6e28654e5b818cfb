"""Photos: uploaded in parts, checked, stored by hash, read by record, and dropped when no record names them."""

__all__ = ["computer_photos", "garbage", "garbage_lock", "images", "ingest", "photo_index", "uploads"]
"""Modules for other packages; the rest is private to this one."""
