"""The first page, a campaign's letter and its files."""
