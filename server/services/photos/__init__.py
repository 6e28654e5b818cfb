"""Photos: uploaded in parts, judged, kept by hash, read by record, and dropped when no record names them."""

__all__ = ["garbage", "garbage_lock", "images", "ingest", "photo_index", "uploads"]
"""Modules for others; the rest is this package's own."""
