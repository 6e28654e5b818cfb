"""Rescue files: a client's outbox and photos by another road than the exchange (SPEC R-1 to R-9)."""
