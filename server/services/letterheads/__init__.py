"""Letterheads: a unit's own, with days of validity, else the usual one of its level and time."""

from server.services.letterheads.bodies import LEVELS, LetterheadText, within
from server.services.letterheads.profiles import in_force
from server.services.letterheads.typing_rules import signing

__all__ = ["LEVELS", "LetterheadText", "in_force", "profiles", "signing", "typing_rules", "within"]
