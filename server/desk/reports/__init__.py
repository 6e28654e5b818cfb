"""The report: preview and Word file."""
