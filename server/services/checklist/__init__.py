"""What a returned victim is to be given: by category, by date of reception, by the version of each line of the law."""

__all__ = ["deadlines", "regimes", "rest_days", "uploading", "versions"]
"""Modules for other packages; the rest is private to this one."""
