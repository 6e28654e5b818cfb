"""Faces: what a person says of a photo before it leaves the review, and the copies in which parts are covered."""

__all__ = ["marks", "masking"]
"""Modules for other packages; the rest is private to this one."""
