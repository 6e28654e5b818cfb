"""Likeness: the same or nearly the same photo elsewhere, in this and in earlier campaigns."""

__all__ = ["asking", "comparing", "matches"]
"""Modules for other packages; the rest is private to this one. `comparing` brings numpy: only the job imports it."""
