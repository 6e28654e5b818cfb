"""What the desk gives away as files: records as tables and points, photos as a ZIP file, links that refresh a table."""

__all__ = ["links", "photo_parts", "photo_stream", "selection", "table_files"]
"""Modules for other packages; the rest is private to this one."""
