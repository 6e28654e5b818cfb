"""Administration at the desk: units and people from Excel, accounts, training days, mergers and splits seen before."""

__all__ = [
    "desk_accounts",
    "device_list",
    "mergers",
    "roster_sheet",
    "rosters",
    "seen_marks",
    "split_view",
    "splits",
    "taking_back",
    "training",
    "training_requests",
]
"""Modules for other packages; the rest is private to this one."""
