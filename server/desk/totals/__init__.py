"""Totals without evidence: what a unit or the level above says, read out of a message, and silent units."""
