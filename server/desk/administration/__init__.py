"""Administration: lists from a spreadsheet, accounts, training days, mergers."""
