"""Likeness: the same or nearly the same photo elsewhere, in this and in earlier campaigns.

`comparing` and what it calls bring numpy: only the job imports them.
"""

__all__ = ["asking", "laying", "matches"]
"""Modules for other packages; the rest is private to this one."""
