"""Pages of the previous period: its figures read, taken, and set beside those of today."""
