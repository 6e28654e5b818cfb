"""Campaigns: open, close and archive them, give them files and due dates, list them as choices."""

__all__ = ["amending", "choices", "expected", "files", "lifecycle"]
"""Modules for other packages; the rest is private to this one."""
