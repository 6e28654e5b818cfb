"""Letterheads: a unit's own, with days of validity, else the usual one of its level and time."""

from server.services.letterheads.bodies import LetterheadText
from server.services.letterheads.profiles import in_force

__all__ = ["LetterheadText", "in_force", "profiles", "typing_rules"]
