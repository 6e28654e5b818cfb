"""Pages of the same period before: its figures read, taken, and set beside those of today."""
