"""Documents that take long or come in other forms: asked for on a page, made by jobs, found again under the report."""

__all__ = ["asking", "closing_points", "kinds", "making", "pdf", "purging"]
"""Modules for other packages; the rest is private to this one."""
