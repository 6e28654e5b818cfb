"""Faces: say of a photo whether a child can be recognised, and cover parts of it; the rule of a campaign."""
