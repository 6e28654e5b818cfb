"""The confidential annex: totals of victims received and supported, apart from every document of a campaign.

Only the confidential officers of a unit and of those above it read them; each unit's own enter them. At rest all is
sealed with the keyring. A campaign's report never waits for it and says the same whether there is anything or not.
"""

__all__ = ["annexes", "document", "freezing", "resealing", "totals", "viewing"]
"""Modules for other packages; the rest is private to this one."""
