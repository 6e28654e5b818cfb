"""Pages of reports on their way to the signature."""
